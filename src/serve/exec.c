/* SPDX-License-Identifier: MIT */
/* A program for each connection. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/child.h>
#include <sockutil/serve/exec.h>
#include <sockutil/serve/exec_places.h>
#include <sockutil/serve/exec_stderr.h>
#include <sockutil/serve/relayed.h>
#include <sockutil/serve/report.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/session.h>
#include <sockutil/stream/layer_program.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/program.h>
#include <sockutil/stream/program_environment.h>
#include <sockutil/stream/tls.h>

/* How often a client that nobody reads from is looked at. */
enum { LOOK_MS = 1000 };

struct exec_data {
	const struct exec_options *options;
	char *path;
	struct program_environment environment;
	struct exec_places *places;
	struct server *server;
};

/* A program, which may outlive its session. */
struct exec_run {
	struct exec_data *data;
	struct session *session;
	struct program *program;
	struct exec_stderr *errors; /* NULL: not logged */
};

struct exec_state {
	struct relayed relayed;
	struct exec_run *run; /* NULL: none was started */
	bool relay_over;      /* both directions have ended in order */
	bool ended;           /* the program has */
	int status;
	int64_t raw_ms; /* how long a raw terminal has not taken the client's end for one */
	char reason[CHILD_STATUS_TEXT_MAX];
};

static void *exec_prepare(const void *options, struct failure *why)
{
	const struct exec_options *o = options;
	struct exec_data *data = memory_zeroed(1, sizeof(*data));

	data->options = o;
	data->path = child_find(o->arguments[0], why);
	data->places = data->path ? exec_places_new(o->workers, o->max_children, why) : NULL;
	if (!data->places) {
		free(data->path);
		free(data);
		return NULL;
	}
	program_environment_init(&data->environment, child_environment());
	return data;
}

static void exec_begin(void *context, struct server *server)
{
	struct exec_data *data = context;

	data->server = server;
	exec_places_begin(data->places, server->worker);
	programs_begin(server->loop);
}

/* ------ the end ------ */

/* Everything has been sent, and nobody is left who could add to it. */
static void exec_finish(struct session *session)
{
	struct exec_state *state = session_state(session);
	struct server *server = session->server;
	const int status = child_exit_status(state->status);

	child_status_text(state->reason, state->status);
	if (server->options->accept > 0 && server->exit_status == 0)
		server->exit_status = status;
	session_finish(session, state->reason);
}

static void exec_over(struct session *session, const struct relay_report *report)
{
	struct exec_state *state = session_state(session);

	if (report->failure.class != FAILURE_NONE) {
		session_fail(session, &report->failure);
		return;
	}
	state->relay_over = true;
	/* A program whose output has ended may still be busy with what the client sent. */
	if (state->ended)
		exec_finish(session);
}

/* What it started may go on writing: the client gets that, too. */
static void exec_ended(void *context, int status)
{
	struct exec_run *run = context;
	struct session *session = run->session;
	struct exec_state *state = session_state(session);

	state->ended = true;
	state->status = status;
	if (state->relay_over)
		exec_finish(session);
	else
		relay_end_with_local(state->relayed.relay);
}

static void exec_gone(void *context)
{
	struct exec_run *run = context;

	if (run->errors)
		exec_stderr_stop(run->errors);
	free(run->errors);
	exec_places_give(run->data->places, run->data->server->worker);
	free(run);
}

static void exec_stop(struct session *session)
{
	struct exec_state *state = session_state(session);
	struct exec_run *run = state->run;

	relayed_stop(session);
	if (!run)
		return;
	state->run = NULL;
	program_leave(run->program);
}

/* ------ looking after it ------ */

/* WebSocket has no half-close: behind a Close that was read, the end of the connection says that
 * the client has left. */
static bool exec_websocket_gone(struct session *session)
{
	char byte;

	if (!stream_find(session->stream, "websocket") ||
	    recv(stream_fd(session->stream, STREAM_READ), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0)
		return false;
	session_close(session, "client left");
	return true;
}

/* Nobody reads from a client whose program does not: its reset would go unnoticed. */
static bool exec_client_gone(struct session *session)
{
	const int fd = stream_fd(session->stream, STREAM_READ);
	struct pollfd end = { .fd = fd };
	struct failure why = { 0 };
	socklen_t length = sizeof(int);
	int error = 0;

	if (exec_websocket_gone(session))
		return true;
	if (poll(&end, 1, 0) <= 0 || !(end.revents & POLLERR) ||
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error == 0)
		return false;
	layer_socket_failed(session->stream, STREAM_READ, error, &why);
	session_fail(session, &why);
	return true;
}

/* The client has ended, but on a raw terminal the end-of-file character ends nothing. */
static void exec_look_at_terminal(struct session *session)
{
	struct exec_state *state = session_state(session);
	if (!layer_program_lost_end(program_stream(state->run->program)))
		return;
	state->raw_ms += LOOK_MS;
	if (state->raw_ms > session->server->options->grace_ms)
		program_hang_up(state->run->program);
}

static void exec_expired(struct session *session)
{
	struct exec_state *state = session_state(session);
	const struct exec_data *data = session_data(session);

	if (session->server->draining)
		program_hang_up(state->run->program);
	if (exec_client_gone(session))
		return;
	if (data->options->pty)
		exec_look_at_terminal(session);
	session_limit(session, LOOK_MS);
}

/* First the end of its input: it may finish what it has. At half of the grace SIGHUP. */
static void exec_drain(struct session *session)
{
	struct exec_state *state = session_state(session);
	const int64_t grace_ms = session->server->options->grace_ms;

	session_limit(session, grace_ms > 1 ? grace_ms / 2 : 1);
	if (!state->relay_over)
		relay_stop_remote(state->relayed.relay);
}

/* ------ the beginning ------ */

static void exec_tell(struct exec_data *data, struct session *session)
{
	const int fd = stream_fd(session->stream, STREAM_READ);
	struct stream *tls = stream_find(session->stream, "tls");
	struct address peer, local = { 0 };
	struct credentials credentials;
	struct tls_info info;
	struct failure why;
	struct program_facts facts = { .peer = session_peer(session, &peer), .local = &local };

	session_local(session, &local);
	if (local.length > 0 && local.any.sa_family == AF_UNIX &&
	    credentials_of_peer(fd, &credentials))
		facts.credentials = &credentials;
	if (tls) {
		tls_load(&why)->info(tls, &info);
		facts.tls = &info;
	}
	program_environment_set(&data->environment, &facts);
}

static struct program *exec_spawn(struct exec_run *run, struct failure *why)
{
	const struct exec_data *data = run->data;
	const struct program_options options = {
		.child = {
			.path = data->path,
			.arguments = data->options->arguments,
			.environment = data->environment.list,
			.errors = (enum child_errors)data->options->errors,
			.pty = data->options->pty,
		},
		.grace_ms = run->session->server->options->grace_ms,
		.ended = exec_ended,
		.gone = exec_gone,
		.data = run,
	};

	return program_start(&options, why);
}

static void exec_log_errors(struct exec_run *run)
{
	char name[REPORT_PEER_MAX];

	report_peer(name, run->session);
	run->errors = memory_zeroed(1, sizeof(*run->errors));
	exec_stderr_start(run->errors, run->data->server->loop, program_errors(run->program), name,
			  (long)program_id(run->program));
}

static bool exec_begin_run(struct session *session, struct failure *why)
{
	struct exec_data *data = session_data(session);
	struct exec_state *state = session_state(session);
	struct exec_run *run;

	if (!exec_places_take(data->places, data->server->worker)) {
		fail(why, FAILURE_OTHER, "refused: %llu programs are running (--max-children)",
		     (unsigned long long)data->options->max_children);
		return false;
	}
	run = memory_zeroed(1, sizeof(*run));
	run->data = data;
	run->session = session;
	exec_tell(data, session);
	run->program = exec_spawn(run, why);
	if (!run->program) {
		exec_gone(run);
		return false;
	}
	state->run = run;
	if (data->options->errors == EXEC_ERRORS_LOG)
		exec_log_errors(run);
	return true;
}

static void exec_start(struct session *session)
{
	const struct exec_data *data = session_data(session);
	struct exec_state *state = session_state(session);
	struct failure why = { 0 };

	if (!exec_begin_run(session, &why)) {
		session_fail(session, &why);
		return;
	}
	session_limit(session, LOOK_MS);
	relayed_start(session, program_stream(state->run->program),
		      (struct relay_options){ .silence_ms = -1, .local_is_program = true },
		      data->options->idle_ms, exec_over);
}

/* ------ the server's end ------ */

static void exec_end(void *context)
{
	const struct exec_data *data = context;

	programs_finish(data->server->cut);
}

static bool exec_release(void *context, struct failure *why)
{
	struct exec_data *data = context;

	(void)why;
	program_environment_free(&data->environment);
	exec_places_free(data->places);
	free(data->path);
	free(data);
	return true;
}

const struct handler exec_handler = {
	.name = "exec",
	.state_size = sizeof(struct exec_state),
	.descriptors = 3,
	.prepare = exec_prepare,
	.begin = exec_begin,
	.start = exec_start,
	.expired = exec_expired,
	.drain = exec_drain,
	.count = relayed_count,
	.stop = exec_stop,
	.end = exec_end,
	.release = exec_release,
};
