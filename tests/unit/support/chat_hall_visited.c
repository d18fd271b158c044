/* SPDX-License-Identifier: MIT */
/* Visits to a hall of chat rooms. */
#include "chat_hall_visited.h"

#include "chat_hall_sane.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/base/memory.h>

void visited_assert_sane(const struct visited *visited)
{
	const char *broken = chat_hall_insane(visited->hall);

	cr_assert(!broken, "does not hold: %s", broken);
}

static void deliver(void *data, struct chat_member *to, struct chat_line *line)
{
	struct visited *visited = data;
	struct visitor *visitor = (struct visitor *)to;
	const struct chat_slice bytes = chat_line_bytes(line, to->rich ? CHAT_RICH : CHAT_PLAIN);

	cr_assert(bytes.length > 0);
	cr_assert_eq(bytes.bytes[bytes.length - 1], '\n');
	cr_assert(buffer_add(&visitor->told, bytes.bytes, bytes.length));
	visited->deliveries++;
	visited->line = line;
}

static void dismiss(void *data, struct chat_member *who, const char *reason)
{
	struct visitor *visitor = (struct visitor *)who;

	(void)data;
	cr_assert(!who->arrived && !who->room && !who->names && !who->ignored);
	cr_assert_str_empty(visitor->dismissed);
	snprintf(visitor->dismissed, sizeof(visitor->dismissed), "%s", reason);
}

static void record(void *data, const struct chat_event *event)
{
	struct visited *visited = data;

	cr_assert(chat_event_show(&visited->records, event, NULL));
	cr_assert(buffer_add(&visited->records, "\n", 1));
}

struct visited *visited_open(size_t history, size_t max_members)
{
	struct visited *visited = memory_zeroed(1, sizeof(*visited));
	const struct chat_hall_options options = {
		.max_members = max_members,
		.history = history,
		.room = "lobby",
		.max_size = 1 << 20,
		.epoch = 77,
		.deliver = deliver,
		.dismiss = dismiss,
		.record = record,
		.data = visited,
	};

	visited->now_ms = VISIT_TIME_MS;
	visited->hall = chat_hall_new(&options);
	return visited;
}

void visited_close(struct visited *visited)
{
	chat_hall_free(visited->hall);
	for (struct visitor *v; (v = visited->visitors);) {
		cr_assert(!v->member.arrived);
		visited->visitors = v->next;
		buffer_free(&v->told);
		free(v);
	}
	buffer_free(&visited->records);
	free(visited);
}

int64_t visited_pass(struct visited *visited, int64_t ms)
{
	int64_t next;

	visited->now_ms += ms;
	next = chat_hall_tick(visited->hall, visited->now_ms, visited->now_ms);
	visited_assert_sane(visited);
	return next;
}

struct visitor *visitor_arrive(struct visited *visited, const char *ip, bool hosting)
{
	struct visitor *visitor = memory_zeroed(1, sizeof(*visitor));
	struct address peer = { .length = sizeof(sa_family_t) };

	visitor->visited = visited;
	visitor->next = visited->visitors;
	visited->visitors = visitor;
	peer.any.sa_family = AF_UNIX;
	cr_assert(!ip || address_parse_ip(ip, 4711, &peer));
	if (!chat_hall_arrive(visited->hall, &visitor->member, &peer, hosting))
		visitor->hearing = CHAT_HEARING_LEAVES;
	visited_assert_sane(visited);
	return visitor;
}

void visitor_say_bytes(struct visitor *visitor, const char *bytes, size_t length, bool cut)
{
	struct visited *visited = visitor->visited;
	/* Of their size, so that a sanitizer sees each step over the end. */
	char *copy = memory_zeroed(1, length ? length : 1);
	const struct chat_lines_line line = { .bytes = copy, .length = length, .cut = cut };

	memcpy(copy, bytes, length);
	visitor->hearing = chat_hall_hear(visited->hall, &visitor->member, &line, visited->now_ms,
					  visited->now_ms);
	free(copy);
	visited_assert_sane(visited);
}

void visitor_say(struct visitor *visitor, const char *format, ...)
{
	char text[CHAT_LINE_MAX + 1];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	visitor_say_bytes(visitor, text, strlen(text), false);
}

static struct visitor *entered(struct visitor *visitor)
{
	cr_assert(visitor->member.room, "%s", visitor_told(visitor));
	visitor_told(visitor);
	return visitor;
}

struct visitor *visitor_plain(struct visited *visited, const char *nick)
{
	struct visitor *visitor = visitor_arrive(visited, NULL, false);

	visitor_say(visitor, "%s", nick);
	return entered(visitor);
}

struct visitor *visitor_rich(struct visited *visited, const char *nick)
{
	struct visitor *visitor = visitor_arrive(visited, NULL, false);

	visitor_say(visitor, "/hello chat/1 %s lobby", nick);
	return entered(visitor);
}

struct visitor *visitor_host(struct visited *visited, const char *nick)
{
	struct visitor *visitor = visitor_arrive(visited, NULL, true);

	visitor_say(visitor, "/hello chat/1 %s lobby", nick);
	return entered(visitor);
}

void visitor_leave(struct visitor *visitor, enum chat_leaving how, const char *text)
{
	struct visited *visited = visitor->visited;

	chat_hall_leave(visited->hall, &visitor->member, how, text, visited->now_ms,
			visited->now_ms);
	cr_assert(!visitor->member.arrived && !visitor->member.room);
	visited_assert_sane(visited);
}

const char *visitor_told(struct visitor *visitor)
{
	static char *kept;

	free(kept);
	kept = memory_string(buffer_text(&visitor->told));
	buffer_free(&visitor->told);
	return kept;
}

const char *told_word(const char *line, unsigned field)
{
	static char word[300];

	while (field-- && *line)
		line += strcspn(line, " \n") + 1;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, " \n"), line);
	return word;
}

size_t told_times(const char *text, const char *part)
{
	size_t times = 0;

	for (; (text = strstr(text, part)); text += strlen(part))
		times++;
	return times;
}
