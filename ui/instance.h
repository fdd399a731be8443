/* An instance as a person describes it. */
#ifndef SP_UI_INSTANCE_H
#define SP_UI_INSTANCE_H

#include <stdbool.h>

#include "core/db/db.h"
#include "core/export/export.h"
#include "core/store/store.h"

typedef struct {
	char *name;
	char *db, *store, *as;
	int timeout;
} sp_instance;

bool sp_instance_copy(sp_instance *to, const sp_instance *from, sp_error *err);
void sp_instance_clear(sp_instance *instance);
sp_db *sp_instance_db(const sp_instance *instance, sp_job *job, sp_error *err);

#endif
