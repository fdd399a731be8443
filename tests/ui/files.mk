EXTRA_DIST += \
	tests/ui/svg.py \
	tests/ui/terminal.py \
	tests/ui/test_terminal.py \
	tests/ui/wheels.py
