/* SPDX-License-Identifier: MIT */
/*
 * fuzz_chat_hall.c - the hall: whoever comes, says and does what, its invariants hold after each
 * step, and what members are told is one clean line each.
 *
 * The first byte chooses the history; then a line a step. What it begins with is what happens:
 *
 *   a to h   that visitor says the rest, after it has come if it is not there; 0x01 and a letter in
 *            it stands for the token that visitor had last
 *   A to H   it leaves, for the rest as a reason; lost when that begins with !
 *   t, T     as many tenths of a second, or seconds, pass as there are bytes behind it
 *   z        the host goes
 */
#include "../unit/support/chat_hall_sane.h"
#include "fuzz.h"

#include <sockutil/base/utf8.h>

enum { VISITORS = 8, MOST_STEPS = 400, LONGEST = CHAT_SAID_MAX + 400 };

struct visitor {
	struct chat_member member; /* first */
	char token[CHAT_TOKEN_MAX];
	bool out; /* a hearing or a dismissal said so */
};

static struct visitor visitors[VISITORS];
static struct chat_hall *hall;
static int64_t now_ms;

/* One line, that steers nothing. */
static void check_line(struct chat_slice line, bool rich)
{
	uint32_t point = 0;

	fuzz_check(line.length > 0 && line.length < LONGEST);
	fuzz_check(line.bytes[--line.length] == '\n');
	fuzz_check(rich || (line.length > 2 && strchr("<[~*", *line.bytes)));
	for (size_t at = 0, step; at < line.length; at += step) {
		step = utf8_decode(line.bytes + at, line.length - at, &point);
		fuzz_check(step > 0);
		fuzz_check(point == '\t' || (point >= ' ' && (point < 0x7f || point >= 0xa0)));
		fuzz_check(point < 0x202a || point > 0x202e);
	}
}

static void deliver(void *data, struct chat_member *to, struct chat_line *line)
{
	const struct visitor *visitor = (const struct visitor *)to;

	(void)data;
	fuzz_check(visitor >= visitors && visitor < visitors + VISITORS && !visitor->out);
	check_line(chat_line_bytes(line, to->rich ? CHAT_RICH : CHAT_PLAIN), to->rich);
}

static void dismiss(void *data, struct chat_member *who, const char *reason)
{
	struct visitor *visitor = (struct visitor *)who;

	(void)data;
	fuzz_check(!who->arrived && !who->room && !who->nick && !who->ignored && *reason);
	fuzz_check(!who->given && !who->got && !visitor->out);
	visitor->out = true;
}

static void record(void *data, const struct chat_event *event)
{
	struct buffer shown = { 0 };

	(void)data;
	fuzz_check(event->kind != CHAT_PRIVATE && event->room.length > 0);
	fuzz_check(chat_event_show(&shown, event, NULL) && buffer_add(&shown, "\n", 1));
	check_line((struct chat_slice){ buffer_bytes(&shown), shown.length }, false);
	buffer_free(&shown);
}

static void check_sane(void)
{
	const char *broken = chat_hall_insane(hall);

	if (broken)
		fuzz_broken(__FILE__, __LINE__, broken);
}

/* ------ steps ------ */

static void arrive(struct visitor *visitor, size_t which)
{
	static const char *const addresses[VISITORS] = {
		[1] = "192.0.2.1",
		[2] = "192.0.2.1",
		[3] = "2001:db8::1",
		[4] = "::ffff:192.0.2.2",
	};
	char token[CHAT_TOKEN_MAX];
	struct address peer = { .length = sizeof(sa_family_t) };

	memcpy(token, visitor->token, sizeof(token));
	*visitor = (struct visitor){ 0 };
	memcpy(visitor->token, token, sizeof(token));
	peer.any.sa_family = AF_UNIX;
	fuzz_check(!addresses[which] || address_parse_ip(addresses[which], 1, &peer));
	visitor->out = !chat_hall_arrive(hall, &visitor->member, &peer, which == 0);
}

/* The line with the tokens in it. */
static void expand(struct buffer *out, const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (line[i] == 1 && i + 1 < length && line[i + 1] >= 'a' &&
		    line[i + 1] < 'a' + VISITORS) {
			const char *token = visitors[line[++i] - 'a'].token;

			fuzz_check(buffer_add(out, token, strlen(token)));
		} else {
			fuzz_check(buffer_add(out, line + i, 1));
		}
	}
}

static void say(struct visitor *visitor, size_t which, const char *line, size_t length)
{
	struct buffer text = { 0 };
	struct chat_lines_line said;

	if (!visitor->member.arrived && !hall->closed)
		arrive(visitor, which);
	if (!visitor->member.arrived)
		return;
	expand(&text, line, length);
	said = (struct chat_lines_line){ .bytes = text.length ? buffer_bytes(&text) : "",
					 .length = text.length,
					 .cut = length % 16 == 15 };
	if (said.length > CHAT_LINE_MAX)
		said.length = CHAT_LINE_MAX;
	if (chat_hall_hear(hall, &visitor->member, &said, now_ms, now_ms) == CHAT_HEARING_LEAVES) {
		fuzz_check(!visitor->member.arrived || hall->closed);
		visitor->out = true;
	}
	buffer_free(&text);
	for (size_t i = 0; i < VISITORS; i++)
		if (*visitors[i].member.token)
			memcpy(visitors[i].token, visitors[i].member.token, CHAT_TOKEN_MAX);
}

static void leave(struct visitor *visitor, const char *why, size_t length)
{
	char *text = fuzz_text((const uint8_t *)why, length);

	chat_hall_leave(hall, &visitor->member,
			*text == '!' ? CHAT_LEAVING_LOST : CHAT_LEAVING_LEFT, text, now_ms, now_ms);
	fuzz_check(!visitor->member.arrived);
	free(text);
}

static void pass(int64_t ms)
{
	int64_t next_ms;

	now_ms += ms;
	next_ms = chat_hall_tick(hall, now_ms, now_ms);
	fuzz_check(next_ms == -1 || next_ms > 0);
}

static void step(const char *line, size_t length)
{
	const char what = length ? *line : '\n';

	if (what >= 'a' && what < 'a' + VISITORS)
		say(&visitors[what - 'a'], (size_t)(what - 'a'), line + 1, length - 1);
	else if (what >= 'A' && what < 'A' + VISITORS)
		leave(&visitors[what - 'A'], line + 1, length - 1);
	else if (what == 't' || what == 'T')
		pass((int64_t)(length - 1) * (what == 't' ? 100 : 1000));
	else if (what == 'z')
		chat_hall_close(hall, "the end");
	check_sane();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct chat_hall_options options = {
		.max_members = VISITORS - 2,
		.history = fuzz_byte(&data, &size) % 8,
		.room = "lobby",
		.max_size = 1 << 20,
		.epoch = 77,
		.deliver = deliver,
		.dismiss = dismiss,
		.record = record,
	};

	hall = chat_hall_new(&options);
	now_ms = 1000000;
	memset(visitors, 0, sizeof(visitors));
	for (int steps = 0; size > 0 && steps < MOST_STEPS; steps++) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t length = end ? (size_t)(end - data) : size;
		char *line = fuzz_text(data, length);

		step(line, length);
		free(line);
		data += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
	}
	chat_hall_free(hall);
	for (size_t i = 0; i < VISITORS; i++)
		fuzz_check(!visitors[i].member.arrived);
	return 0;
}
