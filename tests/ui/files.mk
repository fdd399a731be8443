EXTRA_DIST += \
	tests/ui/session.py \
	tests/ui/svg.py \
	tests/ui/terminal.py \
	tests/ui/test_stress.py \
	tests/ui/test_terminal.py \
	tests/ui/test_wizard.py \
	tests/ui/valgrind.supp \
	tests/ui/wheels.py
