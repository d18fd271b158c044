/* SPDX-License-Identifier: MIT */
/* fuzz_dialogue.c - messages and replies in turn between two streams that stall, split and fail: it
 * always comes to an end, sends its messages in order, and shows all that it heard. */
#include "scripted.h"

#include <ev.h>

#include <sockutil/connect/dialogue.h>

enum { MESSAGES = 3, MESSAGE_MAX = 40 };

static struct relay_report report;
static bool done;

static void on_done(void *data, const struct relay_report *r)
{
	fuzz_check(!done);
	done = true;
	report = *r;
	ev_break(data, EVBREAK_ALL);
}

/* What the remote must have got when all was sent: the list, and the typed lines up to the first
 * empty one. */
static void expect_sent(struct buffer *out, const struct dialogue_options *o, const char *typed)
{
	char head[4];
	const char *tail;

	for (size_t i = 0; i < o->message_count; i++) {
		size_t length = strlen(o->messages[i]);

		fuzz_check(buffer_add(out, head, framing_wrap(o->framing, length, head, &tail)));
		fuzz_check(buffer_add(out, o->messages[i], length));
		fuzz_check(buffer_add(out, tail, strlen(tail)));
	}
	while (o->prompt && *typed && *typed != '\n') {
		size_t length = strcspn(typed, "\n");

		length -= typed[length] && typed[length - 1] == '\r';
		if (!length)
			break;
		fuzz_check(buffer_add(out, head, framing_wrap(o->framing, length, head, &tail)));
		fuzz_check(buffer_add(out, typed, length));
		fuzz_check(buffer_add(out, tail, strlen(tail)));
		typed += strcspn(typed, "\n");
		typed += *typed == '\n';
	}
}

/* Shown without the newlines that it puts in is heard without its newlines; lengths in front of
 * messages are not shown. */
static void check_shown(const struct dialogue_options *o, const struct scripted *local,
			const struct scripted *remote)
{
	const char *shown = buffer_bytes(&local->took);
	size_t left = local->took.length;

	if (o->framing != FRAMING_CHUNK)
		return;
	for (size_t i = 0; i < remote->length; i++) {
		if (remote->gives[i] == '\n')
			continue;
		for (; left && *shown == '\n'; left--)
			shown++;
		fuzz_check(left && (uint8_t)*shown == remote->gives[i]);
		shown++;
		left--;
	}
	for (; left; left--)
		fuzz_check(*shown++ == '\n');
}

static void check_outcome(const struct dialogue_options *o, const struct scripted *local,
			  const struct scripted *remote, const struct buffer *sent)
{
	const struct buffer *took = &remote->took;

	fuzz_check(took->length <= sent->length || remote->lost);
	fuzz_check(!took->length ||
		   !memcmp(buffer_bytes(took), buffer_bytes(sent),
			   took->length < sent->length ? took->length : sent->length));
	if (report.failure.class != FAILURE_NONE) {
		fuzz_check(*report.failure.text && !strcmp(report.reason, "failed"));
		return;
	}
	fuzz_check(!local->lost && !remote->lost && remote->ended && local->ended);
	fuzz_check(took->length == sent->length || o->prompt);
	fuzz_check(remote->given == remote->length && remote->then == IO_END);
	fuzz_check(report.bytes[RELAY_DOWN] == remote->length);
	fuzz_check(report.bytes[RELAY_UP] == took->length);
	check_shown(o, local, remote);
}

static void converse(struct ev_loop *loop, const struct dialogue_options *o, struct scripted *local,
		     struct scripted *remote, const char *typed)
{
	struct buffer sent = { 0 };
	struct dialogue *d;

	expect_sent(&sent, o, typed);
	done = false;
	d = dialogue_new(loop, &local->stream, &remote->stream, o, on_done, loop);
	fuzz_check(d != NULL);
	ev_run(loop, 0); /* comes back also when nobody waits for anything */
	fuzz_check(done);
	dialogue_free(d);
	check_outcome(o, local, remote, &sent);
	buffer_free(&sent);
}

/* A line of the input each. */
static size_t split(const char *messages[MESSAGES], char *text, size_t count)
{
	size_t found = 0;

	while (found < count && text) {
		char *line = strsep(&text, "\n");

		if (*line)
			messages[found++] = line;
	}
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ev_loop *loop;
	struct dialogue_options options = { .max_message = MESSAGE_MAX,
					    .idle_ms = -1,
					    .max_ms = -1 };
	const char *messages[MESSAGES];
	struct scripted local, remote;
	uint8_t kind = fuzz_byte(&data, &size), middle = fuzz_byte(&data, &size);
	char *list, *typed;

	if (!loop)
		loop = ev_loop_new(EVFLAG_NOENV);
	scripted_init(&local, &data, &size);
	scripted_init(&remote, &data, &size);
	list = fuzz_text(data, size);
	typed = fuzz_text(data, size < middle ? size : middle);
	options.framing = (enum framing)(kind % 3);
	options.prompt = kind & 16 ? "? " : NULL;
	options.messages = messages;
	options.message_count = split(messages, list, (kind >> 2) % 4);
	local.gives = (const uint8_t *)typed;
	local.length = strlen(typed);
	remote.gives = data;
	remote.length = size;
	remote.then = kind & 32 ? IO_FAILED : IO_END;
	converse(loop, &options, &local, &remote, typed);
	scripted_free(&local);
	scripted_free(&remote);
	free(list);
	free(typed);
	return 0;
}
