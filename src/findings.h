/* What checks of packages find, gathered for people or programs: of each kind
 * some, and how many there were. */
#ifndef SP_SRC_FINDINGS_H
#define SP_SRC_FINDINGS_H

#include "core/base/json.h"
#include "core/package/check.h"
#include "src/cli.h"

typedef struct sp_findings sp_findings;

/* How much a package may ask of the check, by the options for that. */
sp_limits sp_findings_limits(const sp_cli *cli);

/* NULL where memory is out. */
sp_findings *sp_findings_create(void);
void sp_findings_free(sp_findings *findings);
/* An sp_finding_fn; `ctx`: the findings. */
void sp_findings_tell(void *ctx, const sp_finding *finding);

/* For people: a line each, indented, in their language, safe for a terminal.
 * False: memory. */
bool sp_findings_text(const sp_findings *findings, sp_buf *to);
/* For programs: appends "findings", each {"code", "weight", "entry", "offset",
 * "line", "byte", "text"}, and "found", {code: how many}. False: memory. */
bool sp_findings_json(sp_findings *findings, sp_json *to);

#endif
