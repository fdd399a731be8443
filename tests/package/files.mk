# Packages made field by field; the test of lines needs a server.
TESTS += tests/package/package.sh tests/package/flips.sh
check_PROGRAMS += tests/package/flips tests/package/measure
tests_package_flips_LDADD = $(CORE_LIBS)

# --wrap lets a call fail that no disk would let fail.
TESTS += tests/package/calls.sh
check_PROGRAMS += tests/package/calls
tests_package_calls_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=strdup -Wl,--wrap=pread -Wl,--wrap=read -Wl,--wrap=write -Wl,--wrap=lseek -Wl,--wrap=fstat -Wl,--wrap=ftruncate -Wl,--wrap=fsync -Wl,--wrap=EVP_MD_CTX_new -Wl,--wrap=EVP_DigestInit_ex2 -Wl,--wrap=EVP_DigestUpdate -Wl,--wrap=EVP_DigestFinal_ex -Wl,--wrap=inflateInit2_ -Wl,--wrap=inflate -Wl,--wrap=cJSON_ParseWithLength -Wl,--wrap=archive_write_open -Wl,--wrap=archive_write_header -Wl,--wrap=archive_write_data -Wl,--wrap=archive_write_finish_entry -Wl,--wrap=archive_write_close -Wl,--wrap=archive_write_zip_set_compression_store -Wl,--wrap=archive_write_zip_set_compression_deflate
tests_package_calls_LDADD = $(CORE_LIBS)
EXTRA_DIST += \
	tests/integration/test_json_verdict.py \
	tests/package/calls.sh \
	tests/package/flips.sh \
	tests/package/hostile.py \
	tests/package/lib.py \
	tests/package/package.sh \
	tests/package/test_foreign.py \
	tests/package/test_flips.py \
	tests/package/test_hostile.py \
	tests/package/test_signature.py \
	tests/package/zips.py
