/*
 * Records of operations on this machine, for those that can't be recorded in the
 * database: a file each in the person's state folder, for them alone. While the
 * operation runs it holds a lock on a second file, which has its progress.
 */
#ifndef SP_LEDGER_LOCAL_H
#define SP_LEDGER_LOCAL_H

#include "core/base/json.h"
#include "core/job/job.h"

typedef struct sp_local sp_local;

/* Writes the record {"uuid": …, …}, whole or not at all. Old records go: those of more than
 * a year ago that aren't among the last 10,000. */
sp_local *sp_local_begin(const sp_json *record, sp_error *err);
/* Where it stands; what can't be written isn't missed. */
void sp_local_tick(sp_local *local, const sp_json *progress);
/* Writes it anew, as it ended, and frees `local`. After an error the older record is
 * there, and nobody runs it any more. */
bool sp_local_end(sp_local *local, const sp_json *record, sp_error *err);
/* Writes a record that is complete already. */
bool sp_local_write(const sp_json *record, sp_error *err);

/* Adds all records to the array, with "progress" where it runs; "status" is "lost" where it
 * should run and doesn't, "unreadable" where the file isn't what it should be. No
 * folder, or no home, is none of them. */
bool sp_local_list(sp_json *to, sp_error *err);

#endif
