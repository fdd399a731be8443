#include <config.h>

#include "ui/front.h"

sp_code sp_ui_run_plain(const sp_ui_setup *setup, sp_error *err)
{
	return sp_ui_run(setup, err);
}
