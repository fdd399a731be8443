EXTRA_DIST += \
	tests/ui/screenshots.py \
	tests/ui/session.py \
	tests/ui/svg.py \
	tests/ui/terminal.py \
	tests/ui/test_bucket.py \
	tests/ui/test_drafts.py \
	tests/ui/test_import_wizard.py \
	tests/ui/test_import_wizard_trouble.py \
	tests/ui/test_pictures.py \
	tests/ui/test_plain.py \
	tests/ui/test_stress.py \
	tests/ui/test_terminal.py \
	tests/ui/test_wizard.py \
	tests/ui/valgrind.supp \
	tests/ui/wheels.py

# The README's pictures.
screenshots: src/spaceport$(EXEEXT)
	SPACEPORT="$(abs_top_builddir)/src/spaceport$(EXEEXT)" \
		$(PYTHON3) $(srcdir)/tests/ui/screenshots.py $(srcdir)/doc
.PHONY: screenshots
