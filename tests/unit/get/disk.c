/* SPDX-License-Identifier: MIT */
/* disk.c - holds: a file is forced at once and an error told by its number, what has nothing to
 * force is fine; small files on a fast disk need no thread; a large one is forced in a thread, told
 * once, its descriptor left alone; nothing is told after a cancel. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/get/disk.h>

enum { LARGE = 64 << 20 };

struct told {
	struct ev_loop *loop;
	unsigned times;
	int error;
};

static void on_forced(void *data, int error)
{
	struct told *told = data;

	told->times++;
	told->error = error;
	ev_break(told->loop, EVBREAK_ALL);
}

static int scratch(char path[static 32])
{
	int fd;

	memcpy(path, "/tmp/disk.XXXXXX", sizeof("/tmp/disk.XXXXXX"));
	fd = mkstemp(path);
	cr_assert(fd >= 0);
	return fd;
}

Test(disk, forces_at_once)
{
	char path[32];
	int fd = scratch(path), ends[2];

	cr_assert_eq(disk_force(fd), 0);
	close(fd);
	unlink(path);
	cr_assert_eq(pipe(ends), 0);
	cr_expect_eq(disk_force(ends[1]), 0, "a pipe has nothing to force");
	cr_expect_eq(disk_force(-1), EBADF);
	close(ends[0]);
	close(ends[1]);
}

Test(disk, small_files_need_no_thread_before_one_was_slow)
{
	struct told told = { .loop = ev_default_loop(0) };

	cr_assert_null(disk_force_start(told.loop, STDERR_FILENO, 1, on_forced, &told));
	cr_expect_eq(told.times, 0);
}

Test(disk, large_files_are_forced_in_a_thread, .timeout = 30)
{
	struct told told = { .loop = ev_default_loop(0), .error = -1 };
	char path[32];
	int fd = scratch(path);

	cr_assert_eq(write(fd, "x", 1), 1);
	cr_assert_not_null(disk_force_start(told.loop, fd, LARGE, on_forced, &told));
	cr_assert_eq(told.times, 0, "never before it returned");
	ev_run(told.loop, 0);
	cr_expect_eq(told.times, 1);
	cr_expect_eq(told.error, 0);
	cr_expect_eq(write(fd, "y", 1), 1, "the descriptor is still the caller's");
	ev_run(told.loop, EVRUN_NOWAIT);
	cr_expect_eq(told.times, 1);
	close(fd);
	unlink(path);
}

Test(disk, the_descriptor_may_be_closed_meanwhile, .timeout = 30)
{
	struct told told = { .loop = ev_default_loop(0), .error = -1 };
	char path[32];
	int fd = scratch(path);

	cr_assert_not_null(disk_force_start(told.loop, fd, LARGE, on_forced, &told));
	close(fd);
	ev_run(told.loop, 0);
	cr_expect_eq(told.error, 0);
	unlink(path);
}

Test(disk, a_cancel_is_silent, .timeout = 30)
{
	struct told told = { .loop = ev_default_loop(0) };
	char path[32];
	int fd = scratch(path);
	struct disk_force *force;

	for (int i = 0; i < 50; i++) {
		force = disk_force_start(told.loop, fd, LARGE, on_forced, &told);
		cr_assert_not_null(force);
		if (i % 2)
			usleep(200);
		disk_force_cancel(force);
	}
	disk_force_cancel(NULL);
	ev_run(told.loop, EVRUN_NOWAIT);
	cr_expect_eq(told.times, 0);
	close(fd);
	unlink(path);
}
