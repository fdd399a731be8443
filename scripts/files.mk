EXTRA_DIST += \
	.ci/run \
	scripts/conflicts/dev.sql \
	scripts/conflicts/prod.sql \
	scripts/demo \
	scripts/fuzz \
	scripts/lib.sh \
	scripts/test \
	scripts/testing/fuzz.py \
	scripts/testing/lines.py \
	scripts/testing/pool.py \
	scripts/testing/report.py \
	scripts/testing/results.py \
	scripts/testing/runner.py \
	scripts/testing/sources.py \
	scripts/testing/steps.py \
	scripts/testing/test_testing.py
