/* SPDX-License-Identifier: MIT */
/* tests/unit/get/body_file.c
 * Holds: a regular file has a size, anything else none, standard input never; a folder, a missing
 * and an unreadable file are told; looking lets nobody in; a FIFO is opened without its writer and
 * read to its end; standard input stays open; more than the limit is too much, the limit is not. */
#include "get_folder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/get/body_parts.h>

TestSuite(body_file, .init = folder_begin, .fini = folder_end);

static struct failure why;
static uint64_t size;
static bool regular;
static struct buffer out;

static void says(const char *name, const char *rest)
{
	char text[300];

	snprintf(text, sizeof text, "%s: %s", folder_path(name), rest);
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(why.class, FAILURE_INPUT);
}

static void stdin_from(int fd)
{
	cr_assert_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	close(fd);
}

Test(body_file, a_regular_file_has_a_size)
{
	int fd;

	folder_put("f", "abc");
	cr_assert(body_file_look(folder_path("f"), &size, &regular, &why));
	cr_assert(regular);
	cr_assert_eq(size, 3);
	size = 0;
	fd = body_file_open(folder_path("f"), &size, &regular, &why);
	cr_assert_geq(fd, 0);
	cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	cr_assert(regular);
	cr_assert_eq(size, 3);
	cr_assert(body_file_read(&out, fd, "f", &why));
	cr_assert_str_eq(buffer_text(&out), "abc");
	cr_assert_eq(fcntl(fd, F_GETFD), -1);
	buffer_free(&out);
}

Test(body_file, anything_else_has_none)
{
	size = 7;
	cr_assert(body_file_look("/dev/null", &size, &regular, &why));
	cr_assert_not(regular);
	cr_assert_eq(size, 0);
	folder_put("f", "abc");
	stdin_from(open(folder_path("f"), O_RDONLY));
	size = 7;
	cr_assert(body_file_look("-", &size, &regular, &why));
	cr_assert_not(regular);
	cr_assert_eq(size, 0);
	cr_assert_str_eq(body_file_name("-"), "standard input");
	cr_assert_str_eq(body_file_name("x"), "x");
}

Test(body_file, what_cannot_be_read)
{
	cr_assert_not(body_file_look(folder_path("f"), &size, &regular, &why));
	says("f", "No such file or directory");
	cr_assert_eq(body_file_open(folder_path("f"), &size, &regular, &why), -1);
	says("f", "No such file or directory");
	mkdir(folder_path("d"), 0777);
	cr_assert_not(body_file_look(folder_path("d"), &size, &regular, &why));
	says("d", "is a folder");
	cr_assert_eq(body_file_open(folder_path("d"), &size, &regular, &why), -1);
	says("d", "is a folder");
	folder_put("f", "abc");
	cr_assert_eq(chmod(folder_path("f"), 0), 0);
	cr_assert_eq(chmod(folder_path(""), 0777), 0);
	if (geteuid() == 0)
		cr_assert_eq(seteuid(65534), 0);
	cr_assert_not(body_file_look(folder_path("f"), &size, &regular, &why));
	says("f", "Permission denied");
	cr_assert_eq(body_file_open(folder_path("f"), &size, &regular, &why), -1);
	says("f", "Permission denied");
	(void)!seteuid(0);
}

static void *write_fifo(void *path)
{
	int fd = open(path, O_WRONLY);

	for (int i = 0; i < 3; i++)
		cr_assert_eq(write(fd, "abc", 3), 3);
	close(fd);
	return NULL;
}

Test(body_file, a_fifo_is_read_to_its_end)
{
	pthread_t writer;
	char path[100];
	int fd;

	snprintf(path, sizeof path, "%s", folder_path("f"));
	cr_assert_eq(mkfifo(path, 0666), 0);
	/* Looking is no opening: a writer still finds nobody. */
	cr_assert(body_file_look(path, &size, &regular, &why));
	cr_assert_eq(open(path, O_WRONLY | O_NONBLOCK), -1);
	cr_assert_eq(errno, ENXIO);
	fd = body_file_open(path, &size, &regular, &why);
	cr_assert_geq(fd, 0);
	cr_assert_not(regular);
	cr_assert_eq(pthread_create(&writer, NULL, write_fifo, path), 0);
	cr_assert(body_file_read(&out, fd, path, &why));
	cr_assert_str_eq(buffer_text(&out), "abcabcabc");
	pthread_join(writer, NULL);
	buffer_free(&out);
}

Test(body_file, standard_input_stays_open)
{
	int ends[2], fd;

	cr_assert_eq(pipe(ends), 0);
	stdin_from(ends[0]);
	cr_assert_eq(write(ends[1], "abc", 3), 3);
	close(ends[1]);
	cr_assert(buffer_add(&out, "x", 1));
	fd = body_file_open("-", &size, &regular, &why);
	cr_assert_gt(fd, STDERR_FILENO);
	cr_assert(body_file_read(&out, fd, "-", &why));
	cr_assert_str_eq(buffer_text(&out), "xabc");
	cr_assert_geq(fcntl(STDIN_FILENO, F_GETFD), 0);
	buffer_free(&out);
}

Test(body_file, an_input_that_fails)
{
	int fd = open(folder_path(""), O_RDONLY | O_DIRECTORY);

	cr_assert_not(body_file_read(&out, fd, "-", &why));
	cr_assert_str_eq(why.text, "standard input: Is a directory");
	cr_assert_eq(fcntl(fd, F_GETFD), -1);
	stdin_from(fcntl(STDERR_FILENO, F_DUPFD, 3));
	close(STDIN_FILENO);
	cr_assert_not(body_file_look("-", &size, &regular, &why));
	cr_assert_str_eq(why.text, "standard input: Bad file descriptor");
	cr_assert_eq(body_file_open("-", &size, &regular, &why), -1);
	cr_assert_str_eq(why.text, "standard input: Bad file descriptor");
}

/* A file of so many bytes that takes no room. */
static int sparse(off_t bytes)
{
	int fd = open(folder_path("f"), O_RDWR | O_CREAT | O_TRUNC, 0666);

	cr_assert_eq(ftruncate(fd, bytes), 0);
	return fd;
}

Test(body_file, more_than_the_limit_is_too_much)
{
	cr_assert(body_file_read(&out, sparse(GET_BODY_READ_MAX), folder_path("f"), &why));
	cr_assert_eq(out.length, GET_BODY_READ_MAX);
	buffer_free(&out);
	cr_assert_not(body_file_read(&out, sparse(GET_BODY_READ_MAX + 1), folder_path("f"), &why));
	says("f", "more than 64 MiB; --upload sends it without reading all of it first");
	buffer_free(&out);
}
