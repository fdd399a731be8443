#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 *   measure FILE COMMAND...
 *
 * Runs the command, ends as it does, and writes into the file the most memory
 * that it had, in bytes, and its processor time, in microseconds. Of a child of
 * Python's the kernel would count the memory that Python has.
 */
int main(int argc, char **argv)
{
	struct rusage usage;
	FILE *to;
	pid_t pid;
	int status;

	if (argc < 3)
		return 2;
	pid = fork();
	if (pid == 0) {
		execv(argv[2], argv + 2);
		_exit(127);
	}
	to = fopen(argv[1], "w");
	if (pid < 0 || !to || wait4(pid, &status, 0, &usage) != pid)
		return 2;
	fprintf(to, "%ld %ld\n", usage.ru_maxrss * 1024L,
	        (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec +
	            usage.ru_stime.tv_usec);
	fclose(to);
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "ended by signal %d\n", WTERMSIG(status));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}
