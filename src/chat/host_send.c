/* SPDX-License-Identifier: MIT */
/* src/chat/host_send.c - what waits for members goes out, for many at once. */
#include <sockutil/base/clock.h>
#include <sockutil/chat/host_parts.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

/* ------ who has something waiting ------ */

void chat_host_mark(struct chat_host_member *m)
{
	struct chat_host *host = session_data(m->session);

	if (m->dirty_link)
		return;
	m->dirty_next = host->dirty;
	m->dirty_link = &host->dirty;
	if (m->dirty_next)
		m->dirty_next->dirty_link = &m->dirty_next;
	host->dirty = m;
}

void chat_host_unmark(struct chat_host_member *m)
{
	if (!m->dirty_link)
		return;
	if (m->dirty_next)
		m->dirty_next->dirty_link = m->dirty_link;
	*m->dirty_link = m->dirty_next;
	m->dirty_link = NULL;
}

/* ------ bytes ------ */

static void has_sent(struct chat_host_member *m, size_t count)
{
	const int64_t now_ms = clock_ms();

	m->session->sent += count;
	m->session->active_ms = now_ms;
	chat_host_queue_sent(&m->queue, count);
	if (m->ending)
		m->clock.end_ms = now_ms + chat_host_patience(m);
	/* Who takes what waits for it is alive, even if it cannot be read meanwhile. */
	else if (m->clock.asked_ms > 0 && m->blocked)
		chat_host_clock_heard(&m->clock, now_ms);
}

/* IO_DONE: everything is on its way. IO_FAILED: the session is over. */
static enum io send_all(struct chat_host_member *m)
{
	struct chat_host *host = session_data(m->session);
	struct stream *stream = m->session->stream;
	struct failure why;
	enum io r = IO_DONE;

	why.class = FAILURE_NONE;
	while (r == IO_DONE && m->queue.count > 0) {
		const struct chat_slice next =
			chat_host_queue_next(&m->queue, host->room, sizeof(host->room));
		size_t taken = 0;

		r = stream_write(stream, next.bytes, next.length, &taken, &why);
		if (r == IO_DONE)
			has_sent(m, taken);
	}
	if (r == IO_DONE)
		r = stream_flush(stream, &why);
	m->blocked = r == IO_AGAIN;
	if (r == IO_FAILED)
		chat_host_lost(m, &why);
	return r;
}

/* ------ who is too slow ------ */

static const struct chat_host_why slow = {
	.how = CHAT_LEAVING_LOST,
	.room = "too slow",
	.text = "you read too slowly",
	.reason = "put out: it read too slowly",
};

/* Nobody sits in the seat but who hosts: stopping its output does not end the chat. */
static bool loses_lines(const struct chat_host_member *m)
{
	const struct chat_host *host = session_data(m->session);

	return host->options->slow == CHAT_SLOW_DROP || m->session->seat;
}

static void judge(struct chat_host_member *m)
{
	const bool files = m->queue.bytes[CHAT_HOST_SORT_FILES] > CHAT_HOST_FILES;
	const bool talk = m->queue.bytes[CHAT_HOST_SORT_TALK] > CHAT_HOST_QUEUE;

	if (m->starved)
		chat_host_put_out(m, &chat_host_starved);
	else if (talk && !files && loses_lines(m))
		chat_host_queue_thin(&m->queue, CHAT_HOST_QUEUE / 4 * 3);
	else if (talk || files)
		chat_host_put_out(m, &slow);
}

void chat_host_send(struct chat_host_member *m)
{
	struct session *session = m->session;
	enum io r;

	if (session->state != SESSION_RUNNING)
		return;
	r = send_all(m);
	if (r == IO_FAILED)
		return;
	if (m->ending && r == IO_DONE) {
		session_finish_within(session, session->reason, chat_host_patience(m));
		return;
	}
	if (!m->ending)
		judge(m);
	chat_host_go_on(m);
	chat_host_wait(m);
}

/* ------ all ------ */

/* What comes meanwhile goes out together: to write to many takes longer than to say one line more.
 */
static void rest(struct chat_host *host)
{
	/* The loop's own time stood still in all that writing. */
	ev_now_update(host->server->loop);
	ev_timer_set(&host->beat, CHAT_HOST_GATHER_MS / 1000.0, 0);
	ev_timer_start(host->server->loop, &host->beat);
}

void chat_host_flush(struct chat_host *host)
{
	unsigned count = 0;

	for (; host->dirty; count++) {
		struct chat_host_member *m = host->dirty;

		chat_host_unmark(m);
		chat_host_send(m);
	}
	if (count >= CHAT_HOST_MANY)
		rest(host);
}
