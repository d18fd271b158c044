/* SPDX-License-Identifier: MIT */
/* serve_running.c - a server in a thread of the test. */
#include "serve_running.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <sockutil/base/log.h>

void running_prepare(struct running *r, const struct handler *handler, const void *options)
{
	*r = (struct running){ .folder = "/tmp/serve.XXXXXX" };
	signal(SIGPIPE, SIG_IGN);
	cr_assert(mkdtemp(r->folder));
	snprintf(r->log, sizeof r->log, "%s/.log", r->folder);
	snprintf(r->port_file, sizeof r->port_file, "%s/.port", r->folder);
	cr_assert(endpoint_parse(&r->endpoint, "127.0.0.1:0", true, &r->why));
	r->options = (struct server_options){
		.endpoints = &r->endpoint,
		.endpoint_count = 1,
		.stream = &r->stream,
		.handler = handler,
		.handler_options = options,
		.backlog = 100,
		.max_connections = 100,
		.handshake_ms = 10000,
		.grace_ms = 5000,
		.workers = 1,
		.ready_fd = -1,
		.port_file = r->port_file,
	};
	cr_assert(log_open(&(struct log_options){ .command = "serve",
						  .file = r->log,
						  .level = LOG_LEVEL_NOTICE,
						  .batched = true },
			   &r->why));
}

static void *run(void *data)
{
	struct running *r = data;

	r->ran = server_run(&r->options, &r->result, &r->why);
	return NULL;
}

static const char *contents(const char *path)
{
	static char text[100000];
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;

	if (file)
		fclose(file);
	text[length] = '\0';
	return text;
}

void running_start(struct running *r)
{
	cr_assert_eq(pthread_create(&r->thread, NULL, run, r), 0);
	for (int i = 0; i < 1000 && r->port == 0; i++) {
		r->port = (unsigned)strtoul(contents(r->port_file), NULL, 10);
		usleep(1000 * (r->port == 0));
	}
	cr_assert(r->port, "the server does not listen: %s", r->why.text);
}

void running_wait(struct running *r)
{
	char path[400];
	struct dirent *entry;
	DIR *folder;

	cr_assert_eq(pthread_join(r->thread, NULL), 0);
	folder = opendir(r->folder);
	while ((entry = readdir(folder))) {
		snprintf(path, sizeof path, "%s/%s", r->folder, entry->d_name);
		if (strcmp(entry->d_name, ".log") != 0)
			unlink(path);
	}
	closedir(folder);
}

void running_stop(struct running *r)
{
	kill(getpid(), SIGTERM);
	running_wait(r);
}

int running_dial(const struct running *r)
{
	const struct timeval patience = { .tv_sec = 10 };
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)r->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_geq(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0, "connect: %s",
		     strerror(errno));
	return fd;
}

ssize_t running_read(int fd, char *out, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, out + got, size - got);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

size_t running_exchange(const struct running *r, const char *data, size_t length, char *out,
			size_t size)
{
	int fd = running_dial(r);
	ssize_t n;

	cr_assert_eq(send(fd, data, length, MSG_NOSIGNAL), (ssize_t)length);
	shutdown(fd, SHUT_WR);
	n = running_read(fd, out, size - 1);
	cr_assert_geq(n, 0, "reading: %s", strerror(errno));
	out[n] = '\0';
	close(fd);
	return (size_t)n;
}

const char *running_ask(int fd, const char *text, char *out, size_t size)
{
	ssize_t n;

	cr_assert_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	n = recv(fd, out, size - 1, 0);
	cr_assert_geq(n, 0, "no answer: %s", strerror(errno));
	out[n] = '\0';
	return out;
}

void running_reset(int fd)
{
	const struct linger none = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	close(fd);
}

const char *running_log(const struct running *r)
{
	return contents(r->log);
}

const char *running_wait_log(const struct running *r, const char *text)
{
	for (int i = 0; i < 5000 && !strstr(running_log(r), text); i++)
		usleep(1000);
	cr_assert(strstr(running_log(r), text), "\"%s\" was not said:\n%s", text, running_log(r));
	return running_log(r);
}

const char *running_path(const struct running *r, const char *name)
{
	static char paths[4][300];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", r->folder, name);
	return path;
}
