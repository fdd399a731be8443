/* The commands. Each shows what there is to show, errors too, and returns
 * the program's exit code. */
#ifndef SP_SRC_COMMANDS_H
#define SP_SRC_COMMANDS_H

#include "src/cli.h"

sp_command_fn cmd_list_infospaces;
sp_command_fn cmd_list_runs;
sp_command_fn cmd_list_operations;
sp_command_fn cmd_show;
sp_command_fn cmd_setup;
sp_command_fn cmd_export_run;
sp_command_fn cmd_import;
sp_command_fn cmd_plan;
sp_command_fn cmd_decide;
sp_command_fn cmd_apply;
sp_command_fn cmd_verify;
sp_command_fn cmd_roundtrip;
sp_command_fn cmd_inspect;
sp_command_fn cmd_validate;
sp_command_fn cmd_compat;
sp_command_fn cmd_describe;
sp_command_fn cmd_keygen;
sp_command_fn cmd_make_run;
sp_command_fn cmd_instances_list;
sp_command_fn cmd_instances_add;
sp_command_fn cmd_instances_test;
sp_command_fn cmd_instances_remove;
sp_command_fn cmd_doctor;
sp_command_fn cmd_help;
sp_command_fn cmd_wizard;

#endif
