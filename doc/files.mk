EXTRA_DIST += \
	CHANGELOG.md \
	README.md \
	doc/architecture.md \
	doc/package-format.md \
	doc/screen-dry-run.svg \
	doc/screen-options.svg \
	doc/screen-runs.svg
