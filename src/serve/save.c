/* SPDX-License-Identifier: MIT */
/* Each connection into its own new file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/serve/relayed.h>
#include <sockutil/serve/save.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/stream/layer_stdio.h>

enum { ATTEMPTS = 100000 };

#define PARTIAL ".partial"

struct save_data {
	const struct save_options *options;
	bool numbered; /* the pattern has %n */
	uint64_t next; /* number to try next */
};

struct save_state {
	struct relayed relayed;
	struct stream saved; /* on top of the file: its end is the renaming */
	struct stream *file;
	char *partial; /* its name while it is written; NULL once it is renamed */
};

static bool pattern_numbered(const char *pattern)
{
	for (const char *at = strchr(pattern, '%'); at; at = strchr(at + 2, '%'))
		if (at[1] == 'n')
			return true;
	return false;
}

/* What can be known of the place before the first client comes. */
static bool save_place_check(const char *pattern, struct failure *why)
{
	const char *slash = strrchr(pattern, '/');
	char folder[SAVE_NAME_MAX] = ".";
	struct stat status;

	if (stat(pattern, &status) == 0 && !S_ISREG(status.st_mode)) {
		if (S_ISDIR(status.st_mode))
			fail(why, FAILURE_USAGE, "--save %s: is a folder; write it as %s/%%n",
			     pattern, pattern);
		else
			fail(why, FAILURE_USAGE, "--save %s: is no regular file", pattern);
		return false;
	}
	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - pattern) + 1, pattern);
	/* A folder whose name is made of the peer or the time is looked at when it is needed. */
	if (!strchr(folder, '%') && access(folder, W_OK | X_OK) != 0) {
		fail_errno(why, FAILURE_OUTPUT, errno, "--save %s: %s", pattern, folder);
		return false;
	}
	return true;
}

static void *save_prepare(const void *options, struct failure *why)
{
	const struct save_options *o = options;
	struct save_data *data;

	if (!save_pattern_check(o->pattern, why) || !save_place_check(o->pattern, why))
		return NULL;
	data = memory_zeroed(1, sizeof(*data));
	data->options = o;
	data->numbered = pattern_numbered(o->pattern);
	data->next = 1;
	return data;
}

/* ------ names ------ */

/* "20261121T090000Z" */
static const char *save_time(char out[static 25])
{
	char iso[25];
	size_t length = 0;

	clock_iso8601(iso);
	for (const char *c = iso; *c && *c != '.'; ++c)
		if (*c != '-' && *c != ':')
			out[length++] = *c;
	out[length++] = 'Z';
	out[length] = '\0';
	return out;
}

/* Candidate names in turn: the number is raised where the pattern has one. */
static bool save_next_name(struct save_data *data, struct save_name *name,
			   char out[static SAVE_NAME_MAX], struct failure *why)
{
	if (data->numbered)
		name->number = data->next++;
	else
		name->attempt++;
	/* room for what marks a partial one, too */
	if (save_name_make(out, data->options->pattern, name) &&
	    strlen(out) + sizeof(PARTIAL) <= SAVE_NAME_MAX)
		return true;
	fail(why, FAILURE_OUTPUT, "--save %s: the name gets too long", data->options->pattern);
	return false;
}

static bool name_taken(const char *name)
{
	struct stat status;

	return lstat(name, &status) == 0;
}

/* A new file under a name that nobody has, neither whole nor partial. -1: why says it. */
static int save_create(struct session *session, struct failure *why)
{
	struct save_data *data = session_data(session);
	struct save_state *state = session_state(session);
	char name[SAVE_NAME_MAX], partial[SAVE_NAME_MAX + sizeof(PARTIAL)], now[25];
	struct address peer;
	struct save_name parts = {
		.peer = session_peer(session, &peer),
		.time = save_time(now),
	};

	for (int i = 0; i < ATTEMPTS; ++i) {
		int fd;

		if (!save_next_name(data, &parts, name, why))
			return -1;
		if (name_taken(name))
			continue;
		snprintf(partial, sizeof(partial), "%s" PARTIAL, name);
		fd = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
		if (fd >= 0) {
			state->partial = memory_string(partial);
			return fd;
		}
		if (errno != EEXIST) {
			fail_errno(why, FAILURE_OUTPUT, errno, "%s", partial);
			return -1;
		}
	}
	fail(why, FAILURE_OUTPUT, "--save %s: no name is free after %d attempts",
	     data->options->pattern, ATTEMPTS);
	return -1;
}

/* ------ whole ------ */

/* EEXIST when that name is taken by now. 0: done. */
static int save_rename(const char *partial, const char *name)
{
	int fd;

	if (link(partial, name) == 0)
		return unlink(partial) == 0 ? 0 : errno;
	if (errno == EEXIST)
		return EEXIST;
	/* A file system without hard links: the name is claimed by an empty file of ours, and that
	 * is replaced. */
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return errno;
	close(fd);
	return rename(partial, name) == 0 ? 0 : errno;
}

static bool save_finish(struct save_state *state, struct failure *why)
{
	const size_t length = strlen(state->partial) - (sizeof(PARTIAL) - 1);
	char name[SAVE_NAME_MAX + 32];
	int error = EEXIST;

	for (int i = 1; i < ATTEMPTS && error == EEXIST; ++i) {
		snprintf(name, sizeof(name), "%.*s", (int)length, state->partial);
		if (i > 1)
			snprintf(name + length, sizeof(name) - length, "-%d", i);
		error = save_rename(state->partial, name);
	}
	if (error != 0) {
		fail_errno(why, FAILURE_OUTPUT, error, "%s", name);
		return false;
	}
	log_event(LOG_LEVEL_NOTICE, "saved",
		  &(struct log_field){ .key = "file", .kind = LOG_FIELD_TEXT, .text = name }, 1,
		  "saved %s", name);
	free(state->partial);
	state->partial = NULL;
	return true;
}

/* ------ a connection ------ */

/* Called before our half-close goes out: a client that sees our end knows that its file is whole.
 */
static enum io saved_end(struct stream *stream, struct failure *why)
{
	struct save_state *state =
		(struct save_state *)(void *)((char *)stream - offsetof(struct save_state, saved));
	const enum io r = stream_end(stream->below, why);

	if (r != IO_DONE || !state->partial)
		return r;
	return save_finish(state, why) ? IO_DONE : IO_FAILED;
}

static const struct stream_ops saved_ops = {
	.name = "saved",
	.end = saved_end,
};

static void save_over(struct session *session, const struct relay_report *report)
{
	if (report->failure.class == FAILURE_NONE)
		session_close(session, "client ended");
	else
		session_fail(session, &report->failure);
}

static void save_start(struct session *session)
{
	const struct save_data *data = session_data(session);
	struct save_state *state = session_state(session);
	struct failure why = { 0 };
	const int fd = save_create(session, &why);

	if (fd < 0) {
		session_fail(session, &why);
		return;
	}
	state->file = layer_stdio_new(-1, fd, NULL, state->partial);
	state->saved = (struct stream){ .ops = &saved_ops, .below = state->file };
	relayed_start(session, &state->saved,
		      (struct relay_options){ .silence_ms = -1, .recv_only = true },
		      data->options->idle_ms, save_over);
}

/* A file that is on its way arrives whole, or --grace cuts it and it stays partial. */
static void save_drain(struct session *session)
{
	(void)session;
}

static void save_stop(struct session *session)
{
	struct save_state *state = session_state(session);

	relayed_stop(session);
	stream_free(state->file);
	if (state->partial)
		log_warning("%s stays: it is not whole", state->partial);
	free(state->partial);
}

static bool save_release(void *data, struct failure *why)
{
	(void)why;
	free(data);
	return true;
}

const struct handler save_handler = {
	.name = "save",
	.state_size = sizeof(struct save_state),
	.descriptors = 3,
	.prepare = save_prepare,
	.start = save_start,
	.drain = save_drain,
	.count = relayed_count,
	.stop = save_stop,
	.release = save_release,
};
