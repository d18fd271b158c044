/* SPDX-License-Identifier: MIT */
/* What one says all others get. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/serve/broker.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/stream/websocket.h>

enum { TURN = 16 }; /* reads of one member before others get their turn */

/* A message that waits for at least one member; shared by all of them. */
struct parcel {
	size_t holders;
	enum websocket_kind kind;
	size_t length;
	char bytes[];
};

struct waiting {
	struct waiting *next;
	struct parcel *parcel;
};

struct member;

struct room {
	struct room *next, **link;
	struct member *members;
	size_t present; /* members that have not ended */
	size_t behind;  /* those of them for whom something waits */
	size_t held_up; /* those that are not read: nobody else keeps up */
	char path[];
};

/* A session's state. Invariant: queued is the cost of all that waits. */
struct member {
	struct session *session;
	struct stream *websocket; /* its layer; NULL: plain bytes */
	struct room *room;
	struct member *next, **link;
	struct buffer message; /* begun */
	struct waiting *first, **last;
	size_t queued;
	bool present, behind, held_up; /* as the room counts them */
	bool ending;                   /* finishes once nothing waits */
};

struct broker {
	struct room *rooms;
};

static void *broker_prepare(const void *options, struct failure *why)
{
	(void)options;
	(void)why;
	return memory_zeroed(1, sizeof(struct broker));
}

static bool broker_release(void *data, struct failure *why)
{
	(void)why;
	free(data);
	return true;
}

/* ------ rooms ------ */

static struct room *room_find(struct broker *broker, const char *path)
{
	const size_t length = strlen(path);
	struct room *room = broker->rooms;

	while (room && strcmp(room->path, path) != 0)
		room = room->next;
	if (room)
		return room;
	room = memory_zeroed(1, sizeof(*room) + length + 1);
	memcpy(room->path, path, length);
	room->next = broker->rooms;
	room->link = &broker->rooms;
	if (room->next)
		room->next->link = &room->next;
	broker->rooms = room;
	return room;
}

/* The room as it is now; NULL: nobody is left in it, and it is gone. */
static struct room *room_leave(struct room *room, struct member *m)
{
	if (m->next)
		m->next->link = m->link;
	*m->link = m->next;
	if (room->members)
		return room;
	if (room->next)
		room->next->link = room->link;
	*room->link = room->next;
	free(room);
	return NULL;
}

static void room_enter(struct room *room, struct member *m)
{
	m->room = room;
	m->next = room->members;
	m->link = &room->members;
	if (m->next)
		m->next->link = &m->next;
	room->members = m;
	room->present++;
	m->present = true;
}

static bool is_behind(const struct member *m)
{
	return m->first || session_sending(m->session);
}

/* Whether somebody else keeps up, or nobody else is there. */
static bool may_speak(const struct member *m)
{
	const struct room *room = m->room;
	const size_t others = room->present - (m->present ? 1 : 0);
	const size_t behind = room->behind - (m->present && m->behind ? 1 : 0);

	return behind < others || others == 0;
}

/* ------ who waits for what ------ */

static void hold_up(struct member *m, bool held_up)
{
	if (m->held_up == held_up)
		return;
	m->held_up = held_up;
	/* It waits for the others, which is not its own idleness. */
	m->session->held = held_up;
	if (held_up)
		m->room->held_up++;
	else
		m->room->held_up--;
}

/* It gets nothing new, and nobody waits for it. */
static void member_leave(struct member *m)
{
	hold_up(m, false);
	if (!m->present)
		return;
	m->present = false;
	m->room->present--;
	if (m->behind)
		m->room->behind--;
}

static void member_wait(struct member *m)
{
	const bool reads = m->present && may_speak(m);

	hold_up(m, m->present && !reads);
	session_wait(m->session, (reads ? STREAM_READ : 0) | (is_behind(m) ? STREAM_WRITE : 0));
}

/* Somebody keeps up again, or has left. */
static void room_go_on(struct room *room)
{
	for (struct member *m = room->members; m && room->held_up > 0; m = m->next)
		if (m->held_up)
			member_wait(m);
}

/* ------ what waits for a member ------ */

static void parcel_drop(struct parcel *parcel)
{
	if (--parcel->holders == 0)
		free(parcel);
}

/* An empty message takes memory too. */
static size_t queue_cost(size_t length)
{
	return sizeof(struct parcel) + sizeof(struct waiting) + length;
}

static void queue_drop_first(struct member *m)
{
	struct waiting *first = m->first;

	m->queued -= queue_cost(first->parcel->length);
	parcel_drop(first->parcel);
	m->first = first->next;
	if (!m->first)
		m->last = &m->first;
	free(first);
}

/* The first that has to wait makes the copy that all share. */
static bool queue_add(struct member *m, struct parcel **shared, enum websocket_kind kind,
		      const char *bytes, size_t length)
{
	struct waiting *waiting = malloc(sizeof(*waiting));

	if (waiting && !*shared) {
		*shared = malloc(sizeof(**shared) + length);
		if (*shared) {
			(*shared)->holders = 1; /* who sends */
			(*shared)->kind = kind;
			(*shared)->length = length;
			memcpy((*shared)->bytes, bytes, length);
		}
	}
	if (!waiting || !*shared) {
		free(waiting);
		return false;
	}
	(*shared)->holders++;
	*waiting = (struct waiting){ .parcel = *shared };
	*m->last = waiting;
	m->last = &waiting->next;
	m->queued += queue_cost(length);
	return true;
}

/* Its time starts anew with everything it takes. */
static void member_clock(struct member *m, bool moved)
{
	const bool behind = is_behind(m);

	if (behind && (moved || !m->behind))
		session_limit(m->session, BROKER_STALL_MS);
	else if (!behind && m->behind)
		session_limit(m->session, 0);
	if (m->present && behind && !m->behind)
		m->room->behind++;
	else if (m->present && !behind && m->behind)
		m->room->behind--;
	m->behind = behind;
}

static void broker_expired(struct session *session)
{
	struct member *m = session_state(session);

	if (m->room->held_up > 0 && is_behind(m))
		session_abort(session, "too slow: it took nothing while others waited for it");
	else
		member_clock(m, true);
}

/* ------ giving ------ */

/* IO_AGAIN: it was not taken. IO_FAILED: the session is over. */
static enum io send_message(struct member *m, enum websocket_kind kind, const char *bytes,
			    size_t length)
{
	struct session *session = m->session;
	struct failure why = { 0 };
	enum io r;

	if (!m->websocket && session_sending(session))
		return IO_AGAIN;
	if (!m->websocket)
		return session_write(session, bytes, length) == IO_FAILED ? IO_FAILED : IO_DONE;
	r = layer_websocket_send(m->websocket, kind, bytes, length, &why);
	if (r == IO_DONE) {
		session->sent += length;
		session->active_ms = clock_ms();
	} else if (r == IO_FAILED) {
		session_fail(session, &why);
	}
	return r;
}

/* IO_DONE: all is on its way. IO_FAILED: the session is over. */
static enum io member_send(struct member *m)
{
	enum io r = session_flush(m->session);

	while (r == IO_DONE && m->first) {
		const struct parcel *parcel = m->first->parcel;

		r = send_message(m, parcel->kind, parcel->bytes, parcel->length);
		if (r != IO_DONE)
			break;
		queue_drop_first(m);
		r = session_flush(m->session);
	}
	return r;
}

/* False: the session is over. */
static bool give_message(struct member *m, struct parcel **shared, enum websocket_kind kind,
			 const char *bytes, size_t length)
{
	enum io r = m->first ? IO_AGAIN : send_message(m, kind, bytes, length);

	if (r == IO_DONE)
		return session_flush(m->session) != IO_FAILED;
	if (r == IO_FAILED)
		return false;
	if (m->first && m->queued + queue_cost(length) > BROKER_QUEUE)
		session_abort(m->session, "too slow: 1 MiB of messages waits for it");
	else if (queue_add(m, shared, kind, bytes, length))
		return true;
	else
		session_abort(m->session, "out of memory");
	return false;
}

static void say(struct member *from, enum websocket_kind kind, const char *bytes, size_t length)
{
	struct parcel *shared = NULL;
	struct member *next;

	for (struct member *m = from->room->members; m; m = next) {
		next = m->next;
		if (m == from || !m->present || !give_message(m, &shared, kind, bytes, length))
			continue;
		member_clock(m, false);
		member_wait(m);
	}
	if (shared)
		parcel_drop(shared);
}

/* ------ taking ------ */

/* A message that came in one piece goes on as it lies there. */
static bool take_part(struct member *m, const char *bytes, size_t length)
{
	enum websocket_kind kind = WEBSOCKET_BINARY;
	bool ended = true;

	if (m->websocket)
		layer_websocket_message(m->websocket, &kind, &ended);
	if (ended && m->message.length == 0) {
		say(m, kind, bytes, length);
		return true;
	}
	if (!buffer_add(&m->message, bytes, length)) {
		session_abort(m->session, "out of memory");
		return false;
	}
	if (ended) {
		say(m, kind, buffer_bytes(&m->message), m->message.length);
		buffer_free(&m->message);
	}
	return true;
}

/* The others may have waited for it. The room is gone when it was the last and is freed at once. */
static void member_finish(struct member *m, const char *reason)
{
	struct room *room = m->room;
	const bool last = room->members == m && !m->next;

	member_leave(m);
	session_finish(m->session, reason);
	if (!last)
		room_go_on(room);
}

static void member_end(struct member *m, const char *reason)
{
	if (!m->first) {
		member_finish(m, reason);
		return;
	}
	m->ending = true;
	m->session->reason = reason;
	member_leave(m);
	member_wait(m);
	room_go_on(m->room);
}

/* True: there may be more. */
static bool take_once(struct member *m)
{
	char *scratch = m->session->server->scratch;
	size_t n = 0;

	switch (session_read(m->session, scratch, SERVER_SCRATCH, &n)) {
	case IO_DONE:
		return take_part(m, scratch, n) &&
		       (n == SERVER_SCRATCH || stream_pending(m->session->stream));
	case IO_END:
		member_end(m, "client ended");
		return false;
	default:
		return false;
	}
}

static void broker_ready(struct session *session, unsigned sides)
{
	struct member *m = session_state(session);
	struct room *room = m->room;

	if (sides & STREAM_WRITE) {
		const enum io r = member_send(m);

		if (r == IO_FAILED)
			return;
		member_clock(m, true);
		if (r == IO_DONE && m->ending) {
			member_finish(m, session->reason);
			return;
		}
		if (r == IO_DONE)
			room_go_on(room);
	}
	if (sides & STREAM_READ)
		for (int i = 0; i < TURN && may_speak(m) && take_once(m); i++)
			;
	if (session->state == SESSION_RUNNING)
		member_wait(m);
}

/* ------ coming and going ------ */

static void broker_start(struct session *session)
{
	struct member *m = session_state(session);

	m->session = session;
	m->last = &m->first;
	m->websocket = stream_find(session->stream, "websocket");
	if (m->websocket)
		layer_websocket_keep_empty(m->websocket);
	room_enter(room_find(session_data(session),
			     m->websocket ? layer_websocket_path(m->websocket) : ""),
		   m);
	room_go_on(m->room);
	member_wait(m);
}

/* What it is owed it gets. */
static void broker_drain(struct session *session)
{
	member_end(session_state(session), "server ended");
}

static void broker_stop(struct session *session)
{
	struct member *m = session_state(session);
	struct room *room;

	member_leave(m);
	room = room_leave(m->room, m);
	while (m->first)
		queue_drop_first(m);
	buffer_free(&m->message);
	if (room)
		room_go_on(room);
}

const struct handler broker_handler = {
	.name = "broker",
	.state_size = sizeof(struct member),
	.one_process = true,
	.prepare = broker_prepare,
	.start = broker_start,
	.ready = broker_ready,
	.expired = broker_expired,
	.drain = broker_drain,
	.stop = broker_stop,
	.release = broker_release,
};
