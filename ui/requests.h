/* The parts of sp_request_do() (request.h) that are about packages and imports. */
#ifndef SP_UI_REQUESTS_H
#define SP_UI_REQUESTS_H

#include "ui/request.h"

/* Tells an answer that may lack memory; takes it. */
bool sp_request_answer(sp_json *json, sp_tell_fn *tell, void *ctx, sp_error *err);

bool sp_request_packages(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                         sp_error *err);
bool sp_request_inspect(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                        sp_error *err);
bool sp_request_dry_run(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                        sp_error *err);
bool sp_request_import(const sp_request *request, sp_job *job, sp_tell_fn *tell, void *ctx,
                       sp_error *err);

#endif
