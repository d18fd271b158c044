/* SPDX-License-Identifier: MIT */
/* listen_support.c - listeners from the text of an endpoint, for the tests of net/listen and
 * net/accept. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/endpoint.h>

static char folder[64];

void listening_prepare(struct listening *l)
{
	*l = (struct listening){ 0 };
	l->options.net = &l->net;
	l->options.backlog = 8;
	l->options.type = SOCK_STREAM;
}

bool listening_open(struct listening *l, const char *text)
{
	struct endpoint endpoint;

	l->why = (struct failure){ 0 };
	cr_assert(endpoint_parse(&endpoint, text, true, &l->why), "%s: %s", text, l->why.text);
	return listen_open(&l->listeners, &l->count, &endpoint, &l->options, &l->why);
}

void listening_close(struct listening *l)
{
	for (size_t i = 0; i < l->count; i++)
		listener_close(&l->listeners[i], true);
	free(l->listeners);
	sockopt_list_free(&l->net.sockopts);
	l->listeners = NULL;
	l->count = 0;
}

int listening_connect(const struct listener *listener)
{
	int fd = socket(listener->address.any.sa_family, SOCK_STREAM, 0);

	cr_assert(fd >= 0);
	cr_assert_eq(connect(fd, &listener->address.any, listener->address.length), 0, "%m");
	return fd;
}

const char *listening_folder(void)
{
	const char *temporary = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%.30s/sockutil-XXXXXX", temporary ? temporary : "/tmp");
	cr_assert(mkdtemp(folder), "%m");
	return folder;
}

const char *listening_path(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

const char *listening_endpoint(const char *name)
{
	static char text[160];

	snprintf(text, sizeof(text), "unix:%s", listening_path(name));
	return text;
}

unsigned listening_names(void)
{
	DIR *directory = opendir(folder);
	unsigned count = 0;

	cr_assert(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count - 2;
}

void listening_remove_folder(void)
{
	cr_assert_eq(rmdir(folder), 0, "%s: %m", folder);
}

unsigned listening_descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

void listening_leave_dead(const char *path)
{
	struct address address;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	cr_assert(address_unix(&address, path));
	cr_assert_eq(bind(fd, &address.any, address.length), 0, "%s: %m", path);
	cr_assert_eq(listen(fd, 1), 0);
	close(fd);
}
