/* SPDX-License-Identifier: MIT */
/* src/modes/chat.c - `sockutil chat`: people on one line. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/modes/chat.h>
#include <sockutil/modes/common_server.h>
#include <sockutil/modes/modes.h>
#include <sockutil/net/process.h>
#include <sockutil/net/sockopt.h>

static const struct option_row *const chat_tables[] = {
	chat_option_rows,   common_server_rows, common_option_rows,
	common_client_rows, common_proxy_rows,  NULL,
};

/* --- who we are ------------------------------------------------------------ */

static const char *login_name(void)
{
	const struct passwd *user = getpwuid(getuid());
	const char *name = getenv("USER");

	return name && *name ? name : user ? user->pw_name : "";
}

/* A login name that is no nick is nobody's mistake. */
static bool read_names(struct chat_run *run, struct failure *why)
{
	const struct chat_args *a = run->args;
	const char *login = login_name();
	struct failure ignored;

	if (a->nick) {
		if (!chat_nick_check(a->nick, strlen(a->nick), run->nick, why)) {
			fail_at(why, "--nick");
			return false;
		}
	} else if (!chat_nick_check(login, strlen(login), run->nick, &ignored)) {
		memcpy(run->nick, "guest", sizeof("guest"));
	}
	if (a->room && !chat_nick_check(a->room, strlen(a->room), run->room, why)) {
		fail_at(why, "--room");
		return false;
	}
	return true;
}

/* --- where it takes place -------------------------------------------------- */

/* Nobody would notice otherwise that a silent member's machine is gone. */
static bool keep_alive(struct chat_run *run, size_t count, struct failure *why)
{
	static const char *const settings[] = { "SO_KEEPALIVE=1", "TCP_KEEPIDLE=60",
						"TCP_KEEPINTVL=15", "TCP_KEEPCNT=4" };

	if (run->args->common.keepalive)
		return true;
	for (size_t i = 0; i < count; i++)
		if (run->endpoints[i].kind != ENDPOINT_INTERNET)
			return true;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (!sockopt_add(&run->stream.net.sockopts, settings[i], why))
			return false;
	return true;
}

static bool check_schemes(const struct server_options *server, struct failure *why)
{
	for (size_t i = 0; i < server->endpoint_count; i++)
		if (server->endpoints[i].scheme == ENDPOINT_WS ||
		    server->endpoints[i].scheme == ENDPOINT_WSS) {
			fail(why, FAILURE_USAGE,
			     "a chat is not hosted over WebSocket; `sockutil serve --ws --forward` "
			     "in front of it speaks that");
			return false;
		}
	return true;
}

static bool prepare_host(struct chat_run *run, char **operands, size_t count, struct failure *why)
{
	const struct chat_args *a = run->args;

	if (!common_server_apply(&a->common, operands, count, &run->endpoints, &run->metrics,
				 &run->stream, &run->server, why) ||
	    !check_schemes(&run->server, why) ||
	    !common_options_check_tls(&a->common,
				      common_server_uses_tls(&run->server, &run->stream), why))
		return false;
	run->stream.timeout_ms = 0;
	return keep_alive(run, run->server.endpoint_count, why);
}

static bool prepare_client(struct chat_run *run, char **operands, size_t count, struct failure *why)
{
	const struct chat_args *a = run->args;
	size_t endpoints;
	bool tls;

	if (!endpoints_from_operands(&run->endpoints, &endpoints, operands, count, false, why))
		return false;
	tls = stream_uses_tls(run->endpoints, &run->stream);
	if (a->reconnect && run->endpoints->kind == ENDPOINT_DESCRIPTOR) {
		fail(why, FAILURE_USAGE, "--reconnect: fd:%d cannot be connected again",
		     run->endpoints->descriptor);
		return false;
	}
	return common_options_check_tls(&a->common, tls, why) &&
	       common_proxy_apply(&run->proxies, &a->common.proxy, run->endpoints, tls,
				  &run->stream, why) &&
	       keep_alive(run, endpoints, why);
}

static bool prepare(struct chat_run *run, char **operands, size_t count, struct failure *why)
{
	const bool listen = run->args->listen;

	return chat_options_check(run->args, why) && read_names(run, why) &&
	       (listen ? prepare_host : prepare_client)(run, operands, count, why);
}

/* --- the run --------------------------------------------------------------- */

static int run_prepared(struct chat_run *run, int *signal)
{
	if (run->args->simple)
		return (run->args->listen ? chat_simple_host : chat_simple_join)(run, signal);
	return (run->args->listen ? chat_host : chat_join)(run, signal);
}

static int chat_run(void *arguments, char **operands, size_t count)
{
	struct chat_run run = { .args = arguments };
	struct failure why = { 0 }, tap = { 0 };
	int signal = 0, status;

	if (!common_options_apply(&run.args->common, "chat", run.args->listen, &run.stream, &why))
		return log_failure(&why);
	/* A secret between friends is all it takes. */
	run.stream.tls = run.stream.tls || run.args->common.secret;
	run.stream.no_delay = true;
	status = prepare(&run, operands, count, &why) ? run_prepared(&run, &signal)
						      : log_failure(&why);
	if (!common_options_free(&run.stream, &tap) && status == 0)
		status = log_failure(&tap);
	common_proxy_free(&run.proxies);
	free(run.endpoints);
	log_flush();
	if (signal)
		process_die_by(signal);
	return status;
}

const struct mode mode_chat = {
	.name = "chat",
	.operands = "HOST PORT | ENDPOINT | --listen [HOST] PORT",
	.summary = "talk with people: host a chat, or join one",
	.description =
		"With --listen it hosts a chat and sits in it; otherwise it joins one. Anybody "
		"who has "
		"`nc HOST PORT` can join as well: the lines are plain text, and the first of them "
		"is "
		"the nick. What is typed is said to the room; what begins with / is a command, and "
		"/help tells which there are. Ctrl-C empties the line and, pressed twice, leaves, "
		"as "
		"Ctrl-D and /quit do.\n\n"
		"Every line that is shown begins with who said it, and nothing that others send "
		"can "
		"steer the terminal. No two members have nicks that look alike. Who floods the "
		"room is "
		"slowed down and then put out, who reads too slowly holds up nobody. Who hosts the "
		"chat may /kick and /ban.\n\n"
		"--tls and --secret encrypt. With --secret FILE both sides have the same secret "
		"and "
		"need no certificates; who does not have it cannot even connect.\n\n"
		"/send NICK FILE offers a file, /accept NICK takes it: through the host, checked "
		"at its "
		"end, never over a file that exists.\n\n"
		"Without a terminal it is a bot: lines in, lines out. At the end of stdin it "
		"leaves, once the files that it offers are taken or refused; "
		"status 0 means that the host has all of its lines, and the others those files. "
		"--reconnect comes back after a "
		"loss, and what the host still has of the missed messages (--history) is shown.\n\n"
		"--simple is two people on one connection without any protocol: what is typed is "
		"sent, what comes is shown. The other one may be any program.",
	.examples = chat_examples,
	.tables = chat_tables,
	.own = 1,
	.without = "idle-timeout max-time stats show-sockopts",
	.address = "localhost 10009",
	.tls_address = "--tls localhost 10009",
	.listener = "--listen localhost 10009",
	.tls_listener = "--listen --tls localhost 10009",
	.file_listener = "--listen unix:/tmp/sockutil.sock",
	.hints = chat_hints,
	.args_size = sizeof(struct chat_args),
	.run = chat_run,
};
