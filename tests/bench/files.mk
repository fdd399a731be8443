EXTRA_DIST += tests/bench/bench.py tests/bench/bench_import.py tests/bench/place.py

# SCALE=10 for a million annotations over 20,000 pages.
bench: all
	SPACEPORT="$(abs_top_builddir)/src/spaceport$(EXEEXT)" \
		python3 $(srcdir)/tests/bench/bench.py
	SPACEPORT="$(abs_top_builddir)/src/spaceport$(EXEEXT)" \
		python3 $(srcdir)/tests/bench/bench_import.py
.PHONY: bench
