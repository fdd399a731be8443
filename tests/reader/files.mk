# A reader of packages that was written from doc/package-format.md alone; run by
# tests/integration/test_reader.py.
EXTRA_DIST += \
	tests/reader/container.py \
	tests/reader/database.py \
	tests/reader/draft.py \
	tests/reader/entries.py \
	tests/reader/example.py \
	tests/reader/findings.py \
	tests/reader/jsontext.py \
	tests/reader/mutations.py \
	tests/reader/package.py \
	tests/reader/schemas.py \
	tests/reader/uuids.py
