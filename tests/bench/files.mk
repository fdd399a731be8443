EXTRA_DIST += tests/bench/bench.py

# SCALE=10 for a million annotations over 20,000 pages.
bench: all
	SPACEPORT="$(abs_top_builddir)/src/spaceport$(EXEEXT)" \
		python3 $(srcdir)/tests/bench/bench.py
.PHONY: bench
