#include <config.h>

#include "ui/instance.h"

#include <stdlib.h>
#include <string.h>

static bool copy(char **to, const char *from, sp_error *err)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to || sp_fail_memory(err);
}

bool sp_instance_copy(sp_instance *to, const sp_instance *from, sp_error *err)
{
	*to = (sp_instance){ .timeout = from->timeout };
	if (copy(&to->name, from->name, err) && copy(&to->db, from->db, err) &&
	    copy(&to->store, from->store, err) && copy(&to->as, from->as, err))
		return true;
	sp_instance_clear(to);
	return false;
}

void sp_instance_clear(sp_instance *instance)
{
	free(instance->name);
	free(instance->db);
	free(instance->store);
	free(instance->as);
	*instance = (sp_instance){ 0 };
}

sp_db *sp_instance_db(const sp_instance *instance, sp_job *job, sp_error *err)
{
	return sp_db_open(instance->db, instance->timeout ? instance->timeout : SP_DB_TIMEOUT, job,
	                  err);
}
