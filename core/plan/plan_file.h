/*
 * A plan as a file, for one person to look at and decide, and another to do: JSON Lines, made by
 * sp_plan_file_write().
 *
 * The first line is the head: "spaceport_plan" (the version of this format), "package" {"file",
 * "sha256"}, "target", "owner", "options", "seed" (of new UUIDs), "totals". Then a line for each
 * row that is here already, stays out, or was decided:
 *
 *	kind, id      who it is in the package;  origin: its UUID at its source
 *	class, why    fate.h, "out" with why it stays out (out.h), as if nobody had decided anything
 *	target        its id here;  columns: that differ;  name: for people
 *	there, here   of rows that differ, as strings: hashes of both sides (fate.h)
 *	decision      decided.h;  fields: of "merge" (fields.h)
 *
 * Any such lines, with or without a head, serve as decisions for another plan.
 */
#ifndef SP_PLAN_PLAN_FILE_H
#define SP_PLAN_PLAN_FILE_H

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/plan/about.h"
#include "core/plan/sides.h"

#define SP_PLAN_VERSION 1
/* No line is longer than so many bytes. */
#define SP_PLAN_LINE (1 << 20)

/* Calls for each line, the head among them; `text` has no line end. */
typedef bool sp_plan_line_fn(void *ctx, const char *text, size_t len, const sp_json *line,
                             sp_error *err);
/* SP_USAGE where the file, which may be hostile, is no such; SP_INCOMPATIBLE where it is newer. */
bool sp_plan_file_read(const char *path, sp_plan_line_fn *fn, void *ctx, sp_error *err);
/* Its head; NULL and SP_USAGE where it has none. */
sp_json *sp_plan_file_head(const char *path, sp_error *err);

/* Its lines into the table "planned" of the staging: number, kind, id, origin, said (class and
 * why), target, columns, there, here, decision, fields. */
bool sp_plan_file_stage(sp_staging *staging, const char *path, sp_error *err);

/* Appends the lines behind the head; behind sp_plan_make() and, if there are decisions,
 * sp_decided_make(); `decided`: then. */
bool sp_plan_file_write(sp_staging *staging, const sp_catalog *catalog, const sp_plan_about *about,
                        bool decided, sp_out *out, sp_error *err);

#endif
