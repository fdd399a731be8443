#include <config.h>

#include "tests/unit/temp.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	return ftw->level == 0 ? 0 : remove(path);
}

int temp_enter(void **state)
{
	const char *base = getenv("TMPDIR");
	char *path = NULL;

	if (asprintf(&path, "%s/spaceport-test-XXXXXX", base && *base ? base : "/tmp") < 0)
		return -1;
	*state = path;
	return mkdtemp(path) && chdir(path) == 0 ? 0 : -1;
}

int temp_leave(void **state)
{
	char *path = *state;
	int result;

	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	result = chdir("/") == 0 ? rmdir(path) : -1;
	free(path);
	return result;
}

void temp_clear(void)
{
	assert_int_equal(nftw(".", remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void temp_write(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(close(fd), 0);
}

char *temp_read(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;

	if (fd < 0)
		return NULL;
	assert_int_equal(fstat(fd, &st), 0);
	data = malloc((size_t)st.st_size + 1);
	assert_non_null(data);
	*len = (size_t)st.st_size;
	assert_int_equal(read(fd, data, *len), *len);
	data[*len] = '\0';
	close(fd);
	return data;
}

bool temp_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int temp_count(const char *folder)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return n;
}
