/* SPDX-License-Identifier: MIT */
/* src/chat/host.c - a chat as a server's handler. */
#include <inttypes.h>
#include <stdlib.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/chat/host_parts.h>
#include <sockutil/chat/record.h>
#include <sockutil/serve/drain.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>

/* ------ what the hall calls ------ */

/* Only notes it: whom the stream holds up costs nothing, and nobody ends in the middle of what the
 * hall tells. */
static void host_deliver(void *data, struct chat_member *to, struct chat_line *line)
{
	struct chat_host_member *m = chat_host_member_of(to);
	const struct chat_host *host = data;
	const enum chat_reader reader = to->rich ? CHAT_RICH : CHAT_PLAIN;
	const enum chat_host_sort sort =
		host->hearing == m ? CHAT_HOST_SORT_ASKED : CHAT_HOST_SORT_TALK;

	if (m->ending)
		return;
	if (!chat_host_queue_add(&m->queue, line, reader, sort))
		m->starved = true;
	if (!m->blocked || m->starved || m->queue.bytes[CHAT_HOST_SORT_TALK] > CHAT_HOST_QUEUE ||
	    m->queue.bytes[CHAT_HOST_SORT_FILES] > CHAT_HOST_FILES)
		chat_host_mark(m);
}

static void host_dismiss(void *data, struct chat_member *who, const char *reason)
{
	struct chat_host_member *m = chat_host_member_of(who);

	(void)data;
	log_info("put out: %s", reason);
	chat_host_end(m, "put out");
}

static void host_record(void *data, const struct chat_event *event)
{
	const struct chat_host *host = data;

	if (host->record)
		chat_record_add(host->record, event, NULL);
	chat_host_log(host, event);
}

/* ------ before there are members ------ */

static uint64_t random_epoch(void)
{
	uint64_t epoch;

	random_bytes(&epoch, sizeof(epoch));
	return (epoch >> 1) | 1;
}

static void *host_prepare(const void *data, struct failure *why)
{
	const struct chat_host_options *options = data;
	struct chat_host *host = memory_zeroed(1, sizeof(*host));
	const struct chat_hall_options hall = {
		.max_members = options->max_members,
		.history = options->history,
		.room = options->room,
		.max_size = options->max_size,
		.epoch = random_epoch(),
		.deliver = host_deliver,
		.dismiss = host_dismiss,
		.record = host_record,
		.data = host,
	};

	host->options = options;
	if (options->log)
		host->record = chat_record_open(options->log, why);
	if (options->log && !host->record) {
		free(host);
		return NULL;
	}
	host->hall = chat_hall_new(&hall);
	return host;
}

static bool host_release(void *data, struct failure *why)
{
	struct chat_host *host = data;
	const bool written = chat_record_close(host->record, why);

	chat_hall_free(host->hall);
	free(host);
	return written;
}

/* ------ a turn of the loop ------ */

static void host_tick(struct chat_host *host)
{
	struct ev_loop *loop = host->server->loop;
	int64_t next_ms;

	host->touched = false;
	next_ms = chat_hall_tick(host->hall, (int64_t)(ev_now(loop) * 1000.0), clock_ms());
	ev_timer_stop(loop, &host->tick);
	if (next_ms < 0)
		return;
	ev_timer_set(&host->tick, (double)(next_ms > 0 ? next_ms : 1) / 1000.0, 0);
	ev_timer_start(loop, &host->tick);
}

static void host_ticked(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct chat_host *host = timer->data;

	(void)loop;
	(void)events;
	host->touched = true;
}

static void host_beat(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
}

/* Everything that happened in this turn is told now. */
static void host_turn(struct ev_loop *loop, struct ev_prepare *watcher, int events)
{
	struct chat_host *host = watcher->data;

	(void)loop;
	(void)events;
	do {
		if (host->seat_over)
			drain_begin(host->server);
		if (host->touched)
			host_tick(host);
		if (host->dirty && !ev_is_active(&host->beat))
			chat_host_flush(host);
	} while (host->touched);
}

static void host_begin(void *data, struct server *server)
{
	struct chat_host *host = data;
	struct failure why = { 0 };

	host->server = server;
	ev_timer_init(&host->tick, host_ticked, 0, 0);
	host->tick.data = host;
	ev_timer_init(&host->beat, host_beat, 0, 0);
	ev_prepare_init(&host->turn, host_turn);
	host->turn.data = host;
	/* Before the server frees what ended and writes its messages. */
	ev_set_priority(&host->turn, EV_MAXPRI);
	ev_prepare_start(server->loop, &host->turn);
	if (host->options->seat && !chat_host_seat_begin(host, &why))
		server_end(server, &why);
}

static void host_end(void *data)
{
	struct chat_host *host = data;
	const struct chat_seat *seat = host->options->seat;

	if (seat)
		seat->end(seat->data);
	ev_prepare_stop(host->server->loop, &host->turn);
	ev_timer_stop(host->server->loop, &host->beat);
	ev_timer_stop(host->server->loop, &host->tick);
}

/* ------ a session ------ */

static void host_start(struct session *session)
{
	struct chat_host_member *m = session_state(session);

	m->session = session;
	chat_host_arrive(m);
}

static void host_ready(struct session *session, unsigned sides)
{
	struct chat_host_member *m = session_state(session);

	if (sides & STREAM_WRITE)
		chat_host_send(m);
	if (session->state == SESSION_RUNNING && (sides & STREAM_READ))
		chat_host_take(m);
	if (session->state == SESSION_RUNNING)
		chat_host_wait(m);
}

static void host_expired(struct session *session)
{
	chat_host_expire(session_state(session));
}

/* All are told before anybody goes. */
static void host_drain(struct session *session)
{
	struct chat_host_member *m = session_state(session);
	struct chat_host *host = session_data(session);

	if (!host->closed)
		chat_hall_close(host->hall, "the host ends the chat");
	host->closed = true;
	chat_host_leave(m, CHAT_LEAVING_LEFT, "");
	chat_host_end(m, "the chat ended");
	chat_host_wait(m);
}

static void host_stop(struct session *session)
{
	struct chat_host_member *m = session_state(session);
	struct chat_host *host = session_data(session);

	chat_host_leave(m, CHAT_LEAVING_LOST, "");
	chat_host_unmark(m);
	chat_host_queue_free(&m->queue);
	chat_lines_free(&m->lines);
	buffer_free(&m->held);
	if (session->seat)
		host->seat_over = true;
}

const struct handler chat_host_handler = {
	.name = "chat",
	.state_size = sizeof(struct chat_host_member),
	.one_process = true,
	.prepare = host_prepare,
	.begin = host_begin,
	.start = host_start,
	.ready = host_ready,
	.expired = host_expired,
	.drain = host_drain,
	.stop = host_stop,
	.end = host_end,
	.release = host_release,
};
