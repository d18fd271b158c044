/* SPDX-License-Identifier: MIT */
/* --port-file.
 * Holds: ports one a line in the order of the listeners; a socket without a port writes its
 * address; a file that was there is replaced, and a reader of the old one keeps it; nothing is left
 * beside it; the mode is by the umask; a link and a pipe are written through; what cannot be
 * written is an output failure with the file's name. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *content(int fd)
{
	static char text[200];
	ssize_t n = read(fd, text, sizeof(text) - 1);

	cr_assert(n >= 0);
	text[n] = '\0';
	close(fd);
	return text;
}

static const char *content_of(const char *name)
{
	return content(open(listening_path(name), O_RDONLY | O_NONBLOCK));
}

static void start(struct listening *l)
{
	listening_folder();
	listening_prepare(l);
	cr_assert(listening_open(l, "127.0.0.1:0"));
	cr_assert(listening_open(l, "127.0.0.1:0"));
}

static const char *ports(const struct listening *l)
{
	static char text[64];

	snprintf(text, sizeof(text), "%u\n%u\n", address_port(&l->listeners[0].address),
		 address_port(&l->listeners[1].address));
	return text;
}

static bool write_to(struct listening *l, const char *name)
{
	return listen_write_port_file(listening_path(name), l->listeners, l->count, &l->why);
}

Test(listen_port_file, ports_one_a_line)
{
	struct listening l;
	struct stat file;

	umask(022);
	start(&l);
	cr_assert(write_to(&l, "p"), "%s", l.why.text);
	cr_assert_str_eq(content_of("p"), ports(&l));
	cr_assert_eq(stat(listening_path("p"), &file), 0);
	cr_assert_eq(file.st_mode & 0777, 0644);
	cr_assert_eq(listening_names(), 1);
	unlink(listening_path("p"));
	listening_close(&l);
	listening_remove_folder();
}

Test(listen_port_file, a_socket_without_a_port_writes_its_address)
{
	struct listening l;
	char expected[200];

	listening_folder();
	listening_prepare(&l);
	cr_assert(listening_open(&l, listening_endpoint("s")));
	cr_assert(write_to(&l, "p"), "%s", l.why.text);
	snprintf(expected, sizeof(expected), "%s\n", listening_endpoint("s"));
	cr_assert_str_eq(content_of("p"), expected);
	unlink(listening_path("p"));
	listening_close(&l);
	listening_remove_folder();
}

Test(listen_port_file, a_reader_of_the_old_file_keeps_it)
{
	struct listening l;
	int old;

	start(&l);
	old = open(listening_path("p"), O_CREAT | O_RDWR, 0600);
	cr_assert_eq(write(old, "old", 3), 3);
	lseek(old, 0, SEEK_SET);
	cr_assert(write_to(&l, "p"), "%s", l.why.text);
	cr_assert_str_eq(content(old), "old");
	cr_assert_str_eq(content_of("p"), ports(&l));
	cr_assert_eq(listening_names(), 1);
	unlink(listening_path("p"));
	listening_close(&l);
	listening_remove_folder();
}

Test(listen_port_file, links_and_pipes_are_written_through)
{
	struct listening l;
	struct stat file;
	int reader;

	start(&l);
	cr_assert_eq(mkfifo(listening_path("pipe"), 0600), 0);
	reader = open(listening_path("pipe"), O_RDONLY | O_NONBLOCK);
	cr_assert(write_to(&l, "pipe"), "%s", l.why.text);
	cr_assert_str_eq(content(reader), ports(&l));
	cr_assert_eq(lstat(listening_path("pipe"), &file), 0);
	cr_assert(S_ISFIFO(file.st_mode));
	cr_assert_eq(symlink("target", listening_path("link")), 0);
	close(open(listening_path("target"), O_CREAT | O_WRONLY, 0600));
	cr_assert(write_to(&l, "link"), "%s", l.why.text);
	cr_assert_str_eq(content_of("target"), ports(&l));
	cr_assert_eq(lstat(listening_path("link"), &file), 0);
	cr_assert(S_ISLNK(file.st_mode));
	unlink(listening_path("pipe"));
	unlink(listening_path("link"));
	unlink(listening_path("target"));
	listening_close(&l);
	listening_remove_folder();
}

Test(listen_port_file, what_cannot_be_written_is_an_output_failure)
{
	struct listening l;
	char path[200], expected[300];

	start(&l);
	snprintf(path, sizeof(path), "%s/p", listening_path("none"));
	cr_assert_not(listen_write_port_file(path, l.listeners, l.count, &l.why));
	snprintf(expected, sizeof(expected),
		 "cannot write the port file %s: No such file or directory", path);
	cr_assert_str_eq(l.why.text, expected);
	cr_assert_eq(l.why.class, FAILURE_OUTPUT);
	if (access("/dev/full", W_OK) == 0) {
		cr_assert_not(listen_write_port_file("/dev/full", l.listeners, l.count, &l.why));
		cr_assert_str_eq(l.why.text, "cannot write the port file /dev/full: "
					     "No space left on device");
	}
	listening_close(&l);
	listening_remove_folder();
}
