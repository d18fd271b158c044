/* SPDX-License-Identifier: MIT */
/* Lines of a program's standard error. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/serve/exec_stderr.h>

/* Reads at once: a program that writes without end must not hold up the others. The last ones are
 * for as much as a pipe can hold. */
enum { READS = 16, LAST_READS = 1024 };

static void say(struct exec_stderr *l)
{
	const struct log_field fields[] = {
		LOG_TEXT("peer", l->name),
		{ .key = "pid", .kind = LOG_FIELD_INTEGER, .integer = l->pid },
	};

	if (l->length > 0)
		log_event(LOG_LEVEL_NOTICE, "stderr", fields, 2, "%s: %.*s", l->name,
			  (int)l->length, l->line);
	l->length = 0;
}

static void take(struct exec_stderr *l, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; ++i) {
		if (bytes[i] == '\n') {
			say(l);
			continue;
		}
		if (l->length == sizeof(l->line))
			say(l);
		l->line[l->length++] = bytes[i];
	}
}

/* False: nothing more comes. */
static bool read_some(struct exec_stderr *l, int reads)
{
	char bytes[1024];

	for (int i = 0; i < reads; ++i) {
		const ssize_t n = read(l->io.fd, bytes, sizeof(bytes));

		if (n > 0)
			take(l, bytes, (size_t)n);
		else
			return n < 0 && (errno == EAGAIN || errno == EINTR);
	}
	return true;
}

static void readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)events;
	if (read_some(io->data, READS))
		return;
	ev_io_stop(loop, io);
	say(io->data);
}

void exec_stderr_start(struct exec_stderr *l, struct ev_loop *loop, int fd, const char *name,
		       long pid)
{
	l->loop = loop;
	l->pid = pid;
	l->length = 0;
	snprintf(l->name, sizeof(l->name), "%s", name);
	ev_io_init(&l->io, readable, fd, EV_READ);
	l->io.data = l;
	ev_io_start(loop, &l->io);
}

void exec_stderr_stop(struct exec_stderr *l)
{
	if (ev_is_active(&l->io))
		(void)read_some(l, LAST_READS);
	ev_io_stop(l->loop, &l->io);
	say(l);
}
