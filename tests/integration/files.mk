EXTRA_DIST += \
	tests/integration/faults/fault.c \
	tests/integration/faults/locale.c \
	tests/integration/graphs.py \
	tests/integration/lib.py \
	tests/integration/process.py \
	tests/integration/proxy.py \
	tests/integration/test_access.py \
	tests/integration/test_bytes.py \
	tests/integration/test_cli.py \
	tests/integration/test_closure.py \
	tests/integration/test_faults.py \
	tests/integration/test_justifications.py \
	tests/integration/test_make_run.py \
	tests/integration/test_network.py \
	tests/integration/test_options.py \
	tests/integration/test_references.py \
	tests/integration/test_revisions.py \
	tests/integration/test_secrets.py \
	tests/integration/test_snapshot.py \
	tests/integration/test_text.py \
	tests/integration/test_values.py \
	tests/integration/test_zip_tools.py
