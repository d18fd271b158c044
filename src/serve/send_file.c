/* SPDX-License-Identifier: MIT */
/* The same file to each client. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/serve/relayed.h>
#include <sockutil/serve/send_file.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/stream/layer_stdio.h>

/* On top of the file: an end before the size it had when it was opened is no end. */
struct whole {
	struct stream stream;
	const char *name;
	uint64_t size, seen; /* bytes */
};

struct send_file_state {
	struct relayed relayed;
	struct whole whole;
	struct stream *file;
};

static enum io whole_read(struct stream *stream, void *bytes, size_t size, size_t *nread,
			  struct failure *why)
{
	struct whole *whole = (struct whole *)stream;
	const enum io r = stream_read(stream->below, bytes, size, nread, why);

	whole->seen += *nread;
	if (r != IO_END || whole->seen >= whole->size)
		return r;
	return fail(why, FAILURE_INPUT, "%s became shorter while it was sent: %llu of %llu bytes",
		    whole->name, (unsigned long long)whole->seen, (unsigned long long)whole->size);
}

static void whole_moved(struct stream *stream, enum stream_side side, size_t count)
{
	if (side == STREAM_READ)
		((struct whole *)stream)->seen += count;
}

static const struct stream_ops whole_ops = {
	.name = "whole",
	.read = whole_read,
	.moved = whole_moved,
};

/* -1: why says it. Non-blocking, so that a FIFO cannot hold us up. */
static int send_file_open(const char *name, uint64_t *size, struct failure *why)
{
	const int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		*size = (uint64_t)status.st_size;
		return fd;
	}
	if (fd < 0) {
		fail_errno(why, FAILURE_INPUT, errno, "%s", name);
		return -1;
	}
	fail(why, FAILURE_USAGE,
	     "%s: not a regular file, so it cannot go to every client; one client gets it from "
	     "standard input",
	     name);
	close(fd);
	return -1;
}

static void *send_file_prepare(const void *options, struct failure *why)
{
	const struct send_file_options *o = options;
	uint64_t size;
	const int fd = send_file_open(o->file, &size, why);

	if (fd < 0)
		return NULL;
	close(fd);
	return (void *)(uintptr_t)options;
}

static void send_file_over(struct session *session, const struct relay_report *report)
{
	if (report->failure.class == FAILURE_NONE)
		session_finish(session, "file sent");
	else
		session_fail(session, &report->failure);
}

static void send_file_start(struct session *session)
{
	const struct send_file_options *options = session_data(session);
	struct send_file_state *state = session_state(session);
	struct failure why = { 0 };
	const int fd = send_file_open(options->file, &state->whole.size, &why);

	if (fd < 0) {
		session_fail(session, &why);
		return;
	}
	state->file = layer_stdio_new(fd, -1, options->file, NULL);
	state->whole.stream = (struct stream){ .ops = &whole_ops, .below = state->file };
	state->whole.name = options->file;
	relayed_start(session, &state->whole.stream,
		      (struct relay_options){
			      .silence_ms = -1,
			      .send_only = true,
			      .end_with_local = true,
		      },
		      options->idle_ms, send_file_over);
}

/* A file that is on its way arrives whole, or --grace cuts it. */
static void send_file_drain(struct session *session)
{
	(void)session;
}

static void send_file_stop(struct session *session)
{
	struct send_file_state *state = session_state(session);

	relayed_stop(session);
	stream_free(state->file);
}

const struct handler send_file_handler = {
	.name = "send-file",
	.state_size = sizeof(struct send_file_state),
	.descriptors = 3,
	.prepare = send_file_prepare,
	.start = send_file_start,
	.drain = send_file_drain,
	.count = relayed_count,
	.stop = send_file_stop,
};
