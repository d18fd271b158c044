/* SPDX-License-Identifier: MIT */
/* src/chat/host_member.c - one member, from its first line to its last. */
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/random.h>
#include <sockutil/chat/command.h>
#include <sockutil/chat/host_parts.h>
#include <sockutil/chat/offers.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

static struct chat_host *host_of(const struct chat_host_member *m)
{
	return session_data(m->session);
}

static bool runs(const struct chat_host_member *m)
{
	return m->session->state == SESSION_RUNNING;
}

/* Milliseconds since 1970. */
static int64_t time_ms(const struct chat_host *host)
{
	return (int64_t)(ev_now(host->server->loop) * 1000.0);
}

/* ------ why somebody is put out ------ */

static const struct chat_host_why nameless = {
	.room = "",
	.text = "no nick came in time",
	.reason = "no nick came within 30 seconds",
};

static const struct chat_host_why flooding = {
	.how = CHAT_LEAVING_LEFT,
	.room = "put out: flooding",
	.text = "you were read slowly for ten seconds, and went on",
	.reason = "put out: flooding",
};

const struct chat_host_why chat_host_starved = {
	.how = CHAT_LEAVING_LOST,
	.room = "the host is out of memory",
	.text = "the host is out of memory",
	.reason = "out of memory",
};

/* ------ time ------ */

static enum chat_host_standing standing_of(const struct chat_host_member *m)
{
	if (m->ending)
		return CHAT_HOST_LEAVING;
	if (!m->member.room)
		return CHAT_HOST_NAMELESS;
	return m->member.rich && !m->session->seat ? CHAT_HOST_ANSWERS : CHAT_HOST_QUIET;
}

static void arm(struct chat_host_member *m)
{
	int64_t wait_ms;

	m->armed = (uint8_t)standing_of(m);
	if (chat_host_clock_due(&m->clock, standing_of(m), clock_ms(), &wait_ms) !=
	    CHAT_HOST_DUE_NOTHING)
		wait_ms = 1;
	session_limit(m->session, wait_ms);
}

static void ping(struct chat_host_member *m, int64_t now_ms)
{
	char word[9];
	const struct chat_event event = {
		.kind = CHAT_PING,
		.word = { .bytes = word, .length = sizeof(word) - 1 },
	};

	random_text(word, sizeof(word) - 1);
	m->clock.asked_ms = now_ms;
	chat_hall_tell(host_of(m)->hall, &m->member, &event);
}

static void fail_silent(struct chat_host_member *m)
{
	struct failure why = { 0 };

	fail(&why, FAILURE_TIMEOUT, "no answer to a ping");
	chat_host_lost(m, &why);
}

static void do_due(struct chat_host_member *m, enum chat_host_due due, int64_t now_ms)
{
	switch (due) {
	case CHAT_HOST_DUE_END:
		session_abort(m->session, m->session->reason);
		break;
	case CHAT_HOST_DUE_NICK:
		chat_host_put_out(m, &nameless);
		break;
	case CHAT_HOST_DUE_RESUME:
		m->clock.resume_ms = 0;
		chat_host_go_on(m);
		break;
	case CHAT_HOST_DUE_PING:
		ping(m, now_ms);
		break;
	case CHAT_HOST_DUE_SILENT:
		fail_silent(m);
		break;
	case CHAT_HOST_DUE_NOTHING:
		break;
	}
}

void chat_host_expire(struct chat_host_member *m)
{
	enum chat_host_due due;

	do {
		const int64_t now_ms = clock_ms();
		int64_t wait_ms;

		due = chat_host_clock_due(&m->clock, standing_of(m), now_ms, &wait_ms);
		do_due(m, due, now_ms);
	} while (runs(m) && due != CHAT_HOST_DUE_NOTHING);
	if (!runs(m))
		return;
	arm(m);
	chat_host_wait(m);
}

/* ------ the end ------ */

void chat_host_leave(struct chat_host_member *m, enum chat_leaving how, const char *text)
{
	struct chat_host *host = host_of(m);

	if (!m->member.arrived)
		return;
	host->touched = true;
	chat_hall_leave(host->hall, &m->member, how, text, time_ms(host), clock_ms());
}

int64_t chat_host_patience(const struct chat_host_member *m)
{
	return host_of(m)->closed ? CHAT_HOST_CLOSE_MS : CHAT_HOST_END_MS;
}

void chat_host_end(struct chat_host_member *m, const char *reason)
{
	if (m->ending)
		return;
	m->ending = true;
	m->session->reason = reason;
	m->clock.end_ms = clock_ms() + chat_host_patience(m);
	arm(m);
	chat_host_mark(m);
	if (m->session->seat)
		host_of(m)->seat_over = true;
}

void chat_host_put_out(struct chat_host_member *m, const struct chat_host_why *why)
{
	chat_host_leave(m, why->how, why->room);
	chat_host_queue_clear(&m->queue);
	chat_hall_bye(host_of(m)->hall, &m->member, "out", why->text);
	chat_host_end(m, why->reason);
}

/* What is behind a semicolon is for who looks after the host. */
static void clause_of(char *out, size_t size, const char *text)
{
	const size_t length = strcspn(text, ";");
	const size_t taken = length < size ? length : size - 1;

	memcpy(out, text, taken);
	out[taken] = '\0';
}

void chat_host_lost(struct chat_host_member *m, const struct failure *why)
{
	char text[100];

	clause_of(text, sizeof(text), why->text);
	chat_host_leave(m, CHAT_LEAVING_LOST, text);
	session_fail(m->session, why);
}

/* ------ how fast it may talk ------ */

/* True: it may say one line more. */
static bool has_token(struct chat_host_member *m)
{
	const int64_t now_ms = clock_ms();
	const int64_t wait_ms = m->token ? 0 : chat_flood_take(&m->flood, now_ms);

	if (wait_ms == 0) {
		m->token = true;
		m->warned = m->warned && m->flood.held_ms > 0;
		return true;
	}
	if (chat_flood_over(&m->flood, now_ms)) {
		chat_host_put_out(m, &flooding);
		return false;
	}
	if (!m->warned)
		chat_hall_say(host_of(m)->hall, &m->member, CHAT_NOTICE,
			      "slowly: %d lines a second are read of you", CHAT_FLOOD_RATE);
	m->warned = true;
	m->clock.resume_ms = now_ms + wait_ms;
	arm(m);
	return false;
}

static bool is_for_programs(const struct chat_host_member *m, const struct chat_lines_line *line,
			    struct chat_said *said)
{
	struct failure why;

	return m->member.rich && line->length > 0 && line->bytes[0] == '/' &&
	       chat_command_parse(said, line->bytes, line->length, &why) &&
	       said->command < CHAT_COMMANDS &&
	       (chat_command_rows[said->command].flags & CHAT_COMMAND_FREE);
}

/* What a file under way needs is not counted, as it moves the file or ends it, nor are as many
 * lines more as may be on their way when that is over. */
static bool is_free(struct chat_host_member *m, const struct chat_lines_line *line)
{
	const bool files = m->member.given || m->member.got;
	struct chat_said said;

	if ((m->late == 0 && !files) || !is_for_programs(m, line, &said))
		return false;
	if (files && chat_offers_has(&m->member, said.number))
		m->late = CHAT_HOST_LATE;
	if (m->late == 0)
		return false;
	m->late--;
	return true;
}

/* ------ what it says ------ */

static bool has_much_waiting(const struct chat_host_member *m)
{
	return m->queue.bytes[CHAT_HOST_SORT_TALK] + m->queue.bytes[CHAT_HOST_SORT_ASKED] >
	       CHAT_HOST_UNREAD;
}

static bool may_speak(struct chat_host_member *m)
{
	if (!runs(m) || m->ending || m->clock.resume_ms > 0 || has_much_waiting(m))
		return false;
	return m->session->seat || has_token(m);
}

static void hear(struct chat_host_member *m, const struct chat_lines_line *line)
{
	struct chat_host *host = host_of(m);
	enum chat_hearing hearing;

	if (!is_free(m, line))
		m->token = false;
	host->hearing = m;
	host->touched = true;
	hearing = chat_hall_hear(host->hall, &m->member, line, time_ms(host), clock_ms());
	host->hearing = NULL;
	if (hearing == CHAT_HEARING_LEAVES)
		chat_host_end(m, "left");
}

/* What it may not say yet remains in *bytes. */
static void hear_lines(struct chat_host_member *m, const char **bytes, size_t *length)
{
	struct chat_lines_line line;

	while (*length > 0 && may_speak(m) && chat_lines_next(&m->lines, bytes, length, &line))
		hear(m, &line);
	if (runs(m) && m->armed != standing_of(m))
		arm(m);
}

void chat_host_go_on(struct chat_host_member *m)
{
	const char *bytes = buffer_bytes(&m->held);
	size_t length = m->held.length;

	if (length == 0)
		return;
	hear_lines(m, &bytes, &length);
	buffer_take(&m->held, m->held.length - length);
}

static void take_bytes(struct chat_host_member *m, const char *bytes, size_t length)
{
	hear_lines(m, &bytes, &length);
	if (length > 0 && runs(m) && !m->ending && !buffer_add(&m->held, bytes, length))
		chat_host_put_out(m, &chat_host_starved);
}

/* Answers go in between what waits, which may be half of a line: commands may stand anywhere. One
 * whose stream takes nothing gets none; that it failed is told by the next read. */
static void take_read(struct chat_host_member *m, char *bytes, size_t length)
{
	char replies[CHAT_HOST_TELNET_REPLIES];
	size_t replied, taken = 0;
	struct failure ignored;

	length = chat_host_telnet(&m->telnet, &bytes, length, replies, &replied);
	if (replied > 0 && !m->blocked &&
	    stream_write(m->session->stream, replies, replied, &taken, &ignored) == IO_DONE)
		stream_flush(m->session->stream, &ignored);
	m->session->sent += taken;
	take_bytes(m, bytes, length);
}

/* A last line without an end counts: its sender has ended in order. What began like a command and
 * is none is text. */
static bool last_line(struct chat_host_member *m, struct chat_lines_line *line)
{
	const char *begun = (const char *)m->telnet.begun;
	size_t length = m->telnet.length;

	m->telnet.length = 0;
	return chat_lines_next(&m->lines, &begun, &length, line) ||
	       chat_lines_last(&m->lines, line);
}

static void take_end(struct chat_host_member *m)
{
	struct chat_lines_line line;

	m->session->ended = true;
	if (m->ending)
		return;
	if (last_line(m, &line))
		hear(m, &line);
	chat_host_leave(m, CHAT_LEAVING_LEFT, "");
	chat_host_end(m, "client ended");
}

void chat_host_take(struct chat_host_member *m)
{
	struct session *session = m->session;
	char *room = session->server->scratch + CHAT_HOST_TELNET_BEGUN;
	struct failure why;
	size_t n = 0;

	why.class = FAILURE_NONE;
	switch (stream_read(session->stream, room, CHAT_HOST_READ, &n, &why)) {
	case IO_DONE:
		session->received += n;
		session->active_ms = clock_ms();
		chat_host_clock_heard(&m->clock, session->active_ms);
		if (!m->ending)
			take_read(m, room, n);
		break;
	case IO_END:
		take_end(m);
		break;
	case IO_AGAIN:
		break;
	case IO_FAILED:
		chat_host_lost(m, &why);
		break;
	}
}

void chat_host_wait(struct chat_host_member *m)
{
	/* One that is out may be blocked in sending, and then would never take what waits. */
	const bool reads = m->ending || (m->held.length == 0 && !has_much_waiting(m));

	session_wait(m->session, (reads && !m->session->ended ? STREAM_READ : 0) |
					 (m->blocked ? STREAM_WRITE : 0));
}

/* ------ the beginning ------ */

void chat_host_arrive(struct chat_host_member *m)
{
	struct session *session = m->session;
	struct chat_host *host = host_of(m);
	struct address peer;

	m->clock.came_ms = m->clock.heard_ms = clock_ms();
	host->touched = true;
	if (chat_hall_arrive(host->hall, &m->member, session_peer(session, &peer), session->seat))
		arm(m);
	else
		chat_host_end(m, "banned");
	chat_host_wait(m);
}
