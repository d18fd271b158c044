/* SPDX-License-Identifier: MIT */
/* --files: a session that speaks HTTP, and the folder it speaks of. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/serve/acceptor.h>
#include <sockutil/serve/files_parts.h>
#include <sockutil/serve/server.h>

struct files_session {
	struct http_service *service;
	int64_t limit_ms; /* clock_ms() that the session's limit is set to; 0: it is not */
};

/* ------ what all share ------ */

static void *files_prepare(const void *options, struct failure *why)
{
	const struct files_options *o = options;
	const int root = open(o->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct files *files;

	if (root < 0) {
		fail_errno(why, FAILURE_INPUT, errno, "%s", o->folder);
		return NULL;
	}
	files = memory_zeroed(1, sizeof(*files));
	files->options = o;
	files->root = root;
	files->service = (struct http_service_options){
		.block = memory_zeroed(1, sizeof(struct http_service_block)),
		.request_size = sizeof(struct files_request),
		.head_ms = o->head_ms,
		.idle_ms = o->idle_ms,
		.stall_ms = o->stall_ms,
		.stall_bytes = o->stall_bytes,
	};
	return files;
}

/* What nobody has asked for lately is closed: an open file keeps a deleted one's space, and its
 * file system. */
static void files_sweep(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct files *files = timer->data;
	const int64_t now_ms = clock_ms();

	(void)loop;
	(void)events;
	for (size_t i = 0; i < FILES_SLOTS; ++i) {
		const struct files_entry *entry = files->cache.slots[i];

		if (entry && now_ms - entry->used_ms >= FILES_UNUSED_MS)
			files_cache_forget(files, entry->name);
	}
}

static bool any_plain(const struct server *server)
{
	for (size_t i = 0; i < server->listener_count; ++i)
		if (!acceptor_uses_tls(server, i))
			return true;
	return false;
}

static void files_begin(void *data, struct server *server)
{
	struct files *files = data;

	files->cache.loop = server->loop;
	ev_timer_init(&files->cache.sweep, files_sweep, 0, FILES_UNUSED_MS / 1000.0);
	files->cache.sweep.data = files;
	if (files->options->logins->count > 0 && server->worker == 0 && any_plain(server))
		log_warning("--auth without TLS: passwords and files can be read on the way; --tls "
			    "keeps them to whom they are for");
}

static void files_end(void *data)
{
	struct files *files = data;

	files_cache_clear(files);
	files->cache.loop = NULL;
}

static bool files_reload(void *data, struct failure *why)
{
	const struct files_options *options = ((const struct files *)data)->options;

	return options->reread(options->reread_data, why);
}

static bool files_release(void *data, struct failure *why)
{
	struct files *files = data;

	(void)why;
	files_cache_clear(files);
	close(files->root);
	free(files->service.block);
	free(files);
	return true;
}

/* ------ a connection ------ */

static const struct http_service_events files_events = {
	.request = files_request_came,
	.body = files_upload_body,
	.received = files_upload_received,
	.over = files_request_over,
	.refused = files_log_refused,
};

static void files_count(struct session *session)
{
	const struct files_session *state = session_state(session);

	if (!state->service)
		return;
	if (session->server->options->idle_ms > 0 &&
	    session->received + session->sent != state->service->received + state->service->sent)
		session->active_ms = clock_ms();
	session->received = state->service->received;
	session->sent = state->service->sent;
}

/* The session's own limit is only moved when it would come too late: most deadlines move later with
 * every request, and an early look costs less than a timer each. */
static void files_limit(struct session *session)
{
	struct files_session *state = session_state(session);
	const int64_t deadline = state->service->deadline_ms;

	if (deadline == 0 || (state->limit_ms > 0 && state->limit_ms <= deadline))
		return;
	state->limit_ms = deadline;
	session_limit(session, deadline > clock_ms() ? deadline - clock_ms() : 1);
}

static void files_give_up(struct session *session)
{
	const struct files *files = session_data(session);
	const struct files_session *state = session_state(session);
	const char *bytes;
	const size_t length = http_service_unread(state->service, &bytes);
	struct buffer rest = { 0 };

	/* They go with the service. */
	if (buffer_add(&rest, bytes, length))
		files->upgrade(session, buffer_bytes(&rest), rest.length);
	else
		session_abort(session, "out of memory");
	buffer_free(&rest);
}

static void files_after(struct session *session, enum io r, const struct failure *why)
{
	struct files_session *state = session_state(session);

	files_count(session);
	switch (r) {
	case IO_AGAIN:
		session_wait(session, state->service->wait);
		files_limit(session);
		break;
	case IO_FAILED:
		session_fail(session, why);
		break;
	case IO_END:
		files_give_up(session);
		break;
	default:
		/* --accept: the exit status asks whether everything arrived. */
		if (state->service->complete && session->server->options->accept == 0)
			session_close(session, state->service->reason);
		else
			session_finish(session, state->service->reason);
	}
}

static void files_ready(struct session *session, unsigned sides)
{
	struct files_session *state = session_state(session);
	struct failure why;
	enum io r;

	why.class = FAILURE_NONE;
	r = http_service_run(state->service, sides, &why);
	files_after(session, r, &why);
}

static void files_expired(struct session *session)
{
	struct files_session *state = session_state(session);
	struct failure why = { 0 };
	enum io r;

	state->limit_ms = 0;
	r = http_service_expired(state->service, &why);
	files_after(session, r, &why);
}

static void files_start(struct session *session)
{
	struct files *files = session_data(session);
	struct files_session *state = session_state(session);
	struct failure why = { 0 };

	state->service = http_service_new(session->stream, &files->service, &files_events, session,
					  files->early, files->early_length, &why);
	if (state->service)
		files_ready(session, STREAM_READ);
	else
		session_fail(session, &why);
}

void files_enter(struct session *session, void *data, const char *early, size_t early_length)
{
	struct files *files = data;

	files->early = early;
	files->early_length = early_length;
	session_become(session, &files_handler, data);
	files->early = NULL;
	files->early_length = 0;
}

void files_set_upgrade(void *data, files_upgrade *upgrade)
{
	((struct files *)data)->upgrade = upgrade;
}

static void files_drain(struct session *session)
{
	const struct files_session *state = session_state(session);

	http_service_drain(state->service);
	files_ready(session, 0);
}

static void files_stop(struct session *session)
{
	const struct files_session *state = session_state(session);

	http_service_free(state->service);
}

const struct handler files_handler = {
	.name = "files",
	.state_size = sizeof(struct files_session),
	.descriptors = 2, /* what is sent, or an upload and its folder */
	.prepare = files_prepare,
	.begin = files_begin,
	.start = files_start,
	.ready = files_ready,
	.expired = files_expired,
	.drain = files_drain,
	.reload = files_reload,
	.count = files_count,
	.stop = files_stop,
	.end = files_end,
	.release = files_release,
};
