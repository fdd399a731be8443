EXTRA_DIST += \
	tests/hqdb/README.md \
	tests/hqdb/bench.py \
	tests/hqdb/cache.py \
	tests/hqdb/guard.py \
	tests/hqdb/hazards.py \
	tests/hqdb/hqdb.py \
	tests/hqdb/kinds.py \
	tests/hqdb/media.py \
	tests/hqdb/pg.py \
	tests/hqdb/rows.py \
	tests/hqdb/sample.py \
	tests/hqdb/sample_assets.py \
	tests/hqdb/sample_base.py \
	tests/hqdb/sample_dev.py \
	tests/hqdb/sample_graph.py \
	tests/hqdb/sample_private.py \
	tests/hqdb/sample_prod.py \
	tests/hqdb/sample_runs.py \
	tests/hqdb/schema.py \
	tests/hqdb/servers.py \
	tests/hqdb/test_hqdb.py \
	tests/fixtures/hq \
	tests/fixtures/packages
