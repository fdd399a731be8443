# Unit tests: one program a module, each linked with what it tests.
check_PROGRAMS += tests/unit/test_job
TESTS += tests/unit/test_job
tests_unit_test_job_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_job_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_cli
TESTS += tests/unit/test_cli
tests_unit_test_cli_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_cli_LDADD = $(CLI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_show
TESTS += tests/unit/test_show
tests_unit_test_show_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_show_LDADD = $(CLI_LIBS) $(CMOCKA_LIBS)

# Base, ZIP and store. --wrap lets a test make a call fail that no disk would.
check_PROGRAMS += tests/unit/test_buf
TESTS += tests/unit/test_buf
tests_unit_test_buf_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_buf_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_error
TESTS += tests/unit/test_error
tests_unit_test_error_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_error_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_file
TESTS += tests/unit/test_file
tests_unit_test_file_SOURCES = tests/unit/test_file.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_file_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_file_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=open -Wl,--wrap=fsync -Wl,--wrap=close -Wl,--wrap=renameat2 -Wl,--wrap=write -Wl,--wrap=flock
tests_unit_test_file_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_calls
TESTS += tests/unit/test_calls
tests_unit_test_calls_SOURCES = tests/unit/test_calls.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_calls_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_calls_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=read -Wl,--wrap=pread -Wl,--wrap=write -Wl,--wrap=fsync -Wl,--wrap=fstat -Wl,--wrap=fstatat -Wl,--wrap=flock -Wl,--wrap=fchmod -Wl,--wrap=mkdir -Wl,--wrap=mkdirat -Wl,--wrap=renameat2 -Wl,--wrap=getrandom -Wl,--wrap=poll -Wl,--wrap=open -Wl,--wrap=openat -Wl,--wrap=fcntl -Wl,--wrap=syscall -Wl,--wrap=close
tests_unit_test_calls_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_folders
TESTS += tests/unit/test_folders
tests_unit_test_folders_SOURCES = tests/unit/test_folders.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_folders_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_folders_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_local
TESTS += tests/unit/test_local
tests_unit_test_local_SOURCES = tests/unit/test_local.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_local_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_local_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write
tests_unit_test_local_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_hash
TESTS += tests/unit/test_hash
tests_unit_test_hash_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_hash_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_sign
TESTS += tests/unit/test_sign
tests_unit_test_sign_SOURCES = tests/unit/test_sign.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_sign_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_sign_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_decide
TESTS += tests/unit/test_decide
tests_unit_test_decide_SOURCES = tests/unit/test_decide.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_decide_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_decide_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_import_options
TESTS += tests/unit/test_import_options
tests_unit_test_import_options_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_import_options_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_json
TESTS += tests/unit/test_json
tests_unit_test_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_json_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_store
TESTS += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_store_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_store_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=syscall -Wl,--wrap=write
tests_unit_test_store_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_text
TESTS += tests/unit/test_text
tests_unit_test_text_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_zip
TESTS += tests/unit/test_zip
tests_unit_test_zip_SOURCES = tests/unit/test_zip.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_zip_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_zip_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write -Wl,--wrap=deflate
tests_unit_test_zip_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_shown
TESTS += tests/unit/test_shown
tests_unit_test_shown_SOURCES = tests/unit/test_shown.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_shown_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_shown_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_inspect
TESTS += tests/unit/test_inspect
tests_unit_test_inspect_SOURCES = tests/unit/test_inspect.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_inspect_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_inspect_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_names
TESTS += tests/unit/test_names
tests_unit_test_names_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_names_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_keys
TESTS += tests/unit/test_keys
tests_unit_test_keys_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_keys_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_flips
TESTS += tests/unit/test_flips
tests_unit_test_flips_SOURCES = tests/unit/test_flips.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_flips_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_flips_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_json_check
TESTS += tests/unit/test_json_check
tests_unit_test_json_check_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_json_check_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_json_schema
TESTS += tests/unit/test_json_schema
tests_unit_test_json_schema_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_json_schema_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_memory
TESTS += tests/unit/test_memory
tests_unit_test_memory_SOURCES = tests/unit/test_memory.c tests/unit/failing.h tests/unit/temp.c tests/unit/temp.h
tests_unit_test_memory_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=strdup -Wl,--wrap=strndup -Wl,--wrap=reallocarray
tests_unit_test_memory_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

# Scanner, model and export: what no server is needed for.
check_PROGRAMS += tests/unit/test_scan
TESTS += tests/unit/test_scan
tests_unit_test_scan_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_scan_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_put_back
TESTS += tests/unit/test_put_back
tests_unit_test_put_back_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_put_back_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_json_edit
TESTS += tests/unit/test_json_edit
tests_unit_test_json_edit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_json_edit_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_moved
TESTS += tests/unit/test_moved
tests_unit_test_moved_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_moved_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ref_change
TESTS += tests/unit/test_ref_change
tests_unit_test_ref_change_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ref_change_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_refs
TESTS += tests/unit/test_refs
tests_unit_test_refs_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_refs_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_identity
TESTS += tests/unit/test_identity
tests_unit_test_identity_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_identity_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=EVP_DigestFinal_ex
tests_unit_test_identity_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_secrets
TESTS += tests/unit/test_secrets
tests_unit_test_secrets_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_secrets_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_justify
TESTS += tests/unit/test_justify
tests_unit_test_justify_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_justify_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

# With a libpq that follows a script.
check_PROGRAMS += tests/unit/test_db
TESTS += tests/unit/test_db
tests_unit_test_db_SOURCES = tests/unit/test_db.c tests/unit/fakepq.c tests/unit/fakepq.h
tests_unit_test_db_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_db_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_entity
TESTS += tests/unit/test_entity
tests_unit_test_entity_SOURCES = tests/unit/test_entity.c tests/unit/sample.c tests/unit/sample.h
tests_unit_test_entity_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_entity_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_layout
TESTS += tests/unit/test_layout
tests_unit_test_layout_SOURCES = tests/unit/test_layout.c tests/unit/sample.c tests/unit/sample.h
tests_unit_test_layout_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_layout_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_catalog
TESTS += tests/unit/test_catalog
tests_unit_test_catalog_SOURCES = tests/unit/test_catalog.c tests/unit/fakepq.c tests/unit/fakepq.h
tests_unit_test_catalog_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_catalog_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_pack
TESTS += tests/unit/test_pack
tests_unit_test_pack_SOURCES = tests/unit/test_pack.c tests/unit/packing.c tests/unit/packing.h tests/unit/fakepq.c tests/unit/fakepq.h tests/unit/sample.c tests/unit/sample.h
tests_unit_test_pack_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_pack_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_package
TESTS += tests/unit/test_package
tests_unit_test_package_SOURCES = tests/unit/test_package.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_package_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_package_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write
tests_unit_test_package_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_withhold
TESTS += tests/unit/test_withhold
tests_unit_test_withhold_SOURCES = tests/unit/test_withhold.c tests/unit/packing.c tests/unit/packing.h tests/unit/fakepq.c tests/unit/fakepq.h tests/unit/sample.c tests/unit/sample.h
tests_unit_test_withhold_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_withhold_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_list
TESTS += tests/unit/test_list
tests_unit_test_list_SOURCES = tests/unit/test_list.c tests/unit/fakepq.c tests/unit/fakepq.h tests/unit/sample.c tests/unit/sample.h
tests_unit_test_list_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_list_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc
tests_unit_test_list_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_copy
TESTS += tests/unit/test_copy
tests_unit_test_copy_SOURCES = tests/unit/test_copy.c tests/unit/fakepq.c tests/unit/fakepq.h
tests_unit_test_copy_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_copy_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_shortage
TESTS += tests/unit/test_shortage
tests_unit_test_shortage_SOURCES = tests/unit/test_shortage.c tests/unit/failing.h tests/unit/packing.c tests/unit/packing.h tests/unit/fakepq.c tests/unit/fakepq.h tests/unit/sample.c tests/unit/sample.h
tests_unit_test_shortage_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_shortage_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=strdup -Wl,--wrap=strndup
tests_unit_test_shortage_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_target
TESTS += tests/unit/test_target
tests_unit_test_target_SOURCES = tests/unit/test_target.c tests/unit/failing.h
tests_unit_test_target_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_target_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=strdup -Wl,--wrap=strndup -Wl,--wrap=PQconninfo -Wl,--wrap=PQconnectStartParams
tests_unit_test_target_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

# Profiles of instances.
check_PROGRAMS += tests/unit/test_profiles
TESTS += tests/unit/test_profiles
tests_unit_test_profiles_SOURCES = tests/unit/test_profiles.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_profiles_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_profiles_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_instance
TESTS += tests/unit/test_instance
tests_unit_test_instance_SOURCES = tests/unit/test_instance.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_instance_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_instance_LDADD = $(CLI_LIBS) $(CMOCKA_LIBS)

# The wizard without a terminal: keys in, cells out.
UI_TEST = tests/unit/screen.c tests/unit/screen.h
check_PROGRAMS += tests/unit/test_ui_layout
TESTS += tests/unit/test_ui_layout
tests_unit_test_ui_layout_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_layout_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ui_keys
TESTS += tests/unit/test_ui_keys
tests_unit_test_ui_keys_SOURCES = tests/unit/test_ui_keys.c $(UI_TEST)
tests_unit_test_ui_keys_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_keys_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ui_canvas
TESTS += tests/unit/test_ui_canvas
tests_unit_test_ui_canvas_SOURCES = tests/unit/test_ui_canvas.c $(UI_TEST)
tests_unit_test_ui_canvas_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_canvas_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ui_list
TESTS += tests/unit/test_ui_list
tests_unit_test_ui_list_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_list_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ui_answers
TESTS += tests/unit/test_ui_answers
tests_unit_test_ui_answers_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_answers_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ui_wizard
TESTS += tests/unit/test_ui_wizard
tests_unit_test_ui_wizard_SOURCES = tests/unit/test_ui_wizard.c $(UI_TEST)
tests_unit_test_ui_wizard_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_wizard_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ui_import
TESTS += tests/unit/test_ui_import
tests_unit_test_ui_import_SOURCES = tests/unit/test_ui_import.c $(UI_TEST)
tests_unit_test_ui_import_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_import_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ui_draft
TESTS += tests/unit/test_ui_draft
tests_unit_test_ui_draft_SOURCES = tests/unit/test_ui_draft.c $(UI_TEST) tests/unit/temp.c tests/unit/temp.h
tests_unit_test_ui_draft_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_draft_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ui_work
TESTS += tests/unit/test_ui_work
tests_unit_test_ui_work_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_work_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_ui_screens
TESTS += tests/unit/test_ui_screens
tests_unit_test_ui_screens_SOURCES = tests/unit/test_ui_screens.c $(UI_TEST) tests/unit/temp.c tests/unit/temp.h
tests_unit_test_ui_screens_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_ui_screens_LDADD = $(UI_LIBS) $(CMOCKA_LIBS)
EXTRA_DIST += tests/unit/screens

# Buckets, without a server of theirs.
# What libraries and servers can do wrong: calls that fail, answers that are odd.
check_PROGRAMS += tests/unit/test_net
TESTS += tests/unit/test_net
tests_unit_test_net_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_net_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=curl_easy_init -Wl,--wrap=curl_easy_setopt -Wl,--wrap=curl_multi_init -Wl,--wrap=curl_slist_append -Wl,--wrap=curl_multi_add_handle -Wl,--wrap=curl_multi_perform -Wl,--wrap=curl_multi_poll -Wl,--wrap=EVP_MD_CTX_new -Wl,--wrap=EVP_DigestFinal_ex -Wl,--wrap=strdup -Wl,--wrap=calloc
tests_unit_test_net_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_s3
TESTS += tests/unit/test_s3
tests_unit_test_s3_SOURCES = tests/unit/test_s3.c tests/unit/temp.c tests/unit/temp.h
tests_unit_test_s3_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_s3_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_survey
TESTS += tests/unit/test_survey
tests_unit_test_survey_SOURCES = tests/unit/test_survey.c tests/unit/failing.h tests/unit/temp.c tests/unit/temp.h
tests_unit_test_survey_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_survey_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray -Wl,--wrap=strdup
tests_unit_test_survey_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_compat
TESTS += tests/unit/test_compat
tests_unit_test_compat_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_compat_LDADD = $(CORE_LIBS) $(CMOCKA_LIBS)
