/* SPDX-License-Identifier: MIT */
/* src/modes/serve.c - `sockutil serve`: listeners, and what is done with each connection. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/modes/common_options.h>
#include <sockutil/modes/modes.h>
#include <sockutil/modes/serve_options.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/net/process.h>
#include <sockutil/serve/hub.h>
#include <sockutil/serve/join.h>
#include <sockutil/serve/limits.h>
#include <sockutil/serve/reply.h>
#include <sockutil/serve/responders.h>
#include <sockutil/serve/save.h>
#include <sockutil/serve/send_file.h>
#include <sockutil/serve/server.h>
#include <sockutil/serve/workers.h>

static const struct option_row *const serve_tables[] = { serve_option_rows, common_option_rows,
							 NULL };

struct serve_run {
	const struct serve_args *args;
	struct endpoint *endpoints;
	struct stream_options stream;
	struct server_options server;
	struct reply_options reply;
	struct join_options join;
	struct send_file_options send_file;
	struct save_options save;
};

/* --- which handler --------------------------------------------------------- */

/* The first option given that only an answer to messages knows, or NULL. */
static const char *answer_option(const struct serve_args *a)
{
	return a->banner              ? "banner"
	       : a->delay_given       ? "delay"
	       : a->quit              ? "quit"
	       : a->framing_given     ? "framing"
	       : a->max_message_given ? "max-message"
				      : NULL;
}

static void use_reply(struct serve_run *run, const struct responder *ready)
{
	const struct serve_args *a = run->args;

	run->reply = (struct reply_options){
		.reply = ready ? ready->reply : a->reply,
		.banner = a->banner || !ready ? a->banner : ready->banner,
		.quit = a->quit || !ready ? a->quit : ready->quit,
		.delay_ms = a->delay_given || !ready ? a->delay_ms : ready->delay_ms,
		.framing = (enum framing)a->framing,
		.max_message = a->max_message,
	};
	run->server.handler = &reply_handler;
	run->server.handler_options = &run->reply;
}

static bool use_responder(struct serve_run *run, struct failure *why)
{
	const struct responder *ready = &responders[run->args->responder];
	const char *option = answer_option(run->args);

	if (option && !ready->reply) {
		fail(why, FAILURE_USAGE,
		     "--%s means nothing to --responder %s: it does not answer messages", option,
		     responder_names[run->args->responder]);
		return false;
	}
	if (option || ready->handler == &reply_handler) {
		use_reply(run, ready);
		return true;
	}
	run->server.handler = ready->handler;
	run->server.handler_options = ready->options;
	return true;
}

/* Standard input and output: one connection, unless more were asked for. */
static bool use_stdio(struct serve_run *run, struct failure *why)
{
	const struct serve_args *a = run->args;

	if (a->accept > 1 && !a->keep_open) {
		fail(why, FAILURE_USAGE,
		     "stdin and stdout join one connection: --accept %lld needs --keep-open, or a "
		     "handler such as --responder",
		     (long long)a->accept);
		return false;
	}
	run->join = (struct join_options){
		.recv_only = a->recv_only,
		.send_only = a->send_only,
		.keep_output = a->keep_open,
		.idle_ms = a->common.idle_ms,
	};
	run->server.handler = a->keep_open && !a->one_at_a_time ? &hub_handler : &join_handler;
	run->server.handler_options = &run->join;
	if (!a->keep_open)
		run->server.accept = 1;
	return true;
}

static bool choose_handler(struct serve_run *run, struct failure *why)
{
	const struct serve_args *a = run->args;

	if (a->responder_given)
		return use_responder(run, why);
	if (!a->reply && !a->send_file && !a->save)
		return use_stdio(run, why);
	if (a->reply) {
		use_reply(run, NULL);
	} else if (a->send_file) {
		run->send_file = (struct send_file_options){ a->send_file, a->common.idle_ms };
		run->server.handler = &send_file_handler;
		run->server.handler_options = &run->send_file;
	} else {
		run->save = (struct save_options){ a->save, a->common.idle_ms };
		run->server.handler = &save_handler;
		run->server.handler_options = &run->save;
	}
	return true;
}

/* --- what is asked --------------------------------------------------------- */

static bool read_workers(struct serve_run *run, struct failure *why)
{
	const char *text = run->args->workers;
	uint64_t count = 0;

	if (strcmp(text, "auto") == 0) {
		run->server.workers = workers_auto();
		return true;
	}
	if (!number_parse(text, WORKERS_MAX, &count) || count == 0) {
		fail(why, FAILURE_USAGE, "--workers %s: not a number from 1 to %d, or auto", text,
		     WORKERS_MAX);
		return false;
	}
	run->server.workers = (unsigned)count;
	return true;
}

static bool read_mode(struct serve_run *run, struct failure *why)
{
	const char *text = run->args->mode;
	unsigned bits = 0;

	if (!text)
		return true;
	for (const char *c = text; *c >= '0' && *c <= '7' && bits <= 0777; ++c) {
		bits = bits * 8 + (unsigned)(*c - '0');
		if (c[1] == '\0' && bits > 0 && bits <= 0777) {
			run->server.socket_mode = (mode_t)bits;
			return true;
		}
	}
	fail(why, FAILURE_USAGE, "--mode %s: not permissions in octal; write it as 660", text);
	return false;
}

static const char *const *rules(const struct option_list *list)
{
	return list->count > 0 ? list->items : NULL;
}

static void set_server(struct serve_run *run)
{
	const struct serve_args *a = run->args;

	run->server = (struct server_options){
		.stream = &run->stream,
		.allow = rules(&a->allow),
		.deny = rules(&a->deny),
		.backlog = (int)a->backlog,
		.max_connections = a->one_at_a_time ? 1 : (uint64_t)a->max_conns,
		.max_per_address = (uint64_t)a->per_ip,
		.accept = a->once ? 1 : (uint64_t)a->accept,
		.handshake_ms = a->handshake_ms,
		.idle_ms = a->common.idle_ms,
		.max_ms = a->common.max_ms,
		.grace_ms = a->grace_ms,
		.ready_fd = a->ready_given ? (int)a->ready_fd : -1,
		.port_file = a->port_file,
		.stats = a->common.stats,
		.show_sockopts = a->common.show_sockopts,
	};
}

static bool check_tls(struct serve_run *run, struct failure *why)
{
	const struct serve_args *a = run->args;
	bool uses = false;

	for (size_t i = 0; i < run->server.endpoint_count; ++i)
		uses = uses || stream_uses_tls(&run->endpoints[i], &run->stream);
	if (!uses && a->client_ca) {
		fail(why, FAILURE_USAGE, "--client-ca needs --tls or a tls:// endpoint");
		return false;
	}
	if (a->common.crl && !a->client_ca) {
		fail(why, FAILURE_USAGE, "--crl needs --client-ca: a server checks its clients");
		return false;
	}
	return common_options_check_tls(&a->common, uses, why);
}

static bool prepare(struct serve_run *run, char **operands, size_t count, struct failure *why)
{
	const struct serve_args *a = run->args;

	if (!common_options_apply(&a->common, "serve", true, &run->stream, why))
		return false;
	if (a->client_ca) {
		run->stream.tls_options.client_ca = a->client_ca;
		run->stream.tls_options.client_cert =
			a->client_cert == 0 ? TLS_CLIENT_CERT_REQUIRED : TLS_CLIENT_CERT_OPTIONAL;
	}
	set_server(run);
	if (!choose_handler(run, why) || !read_workers(run, why) || !read_mode(run, why) ||
	    (a->conn_rate && !limits_parse_rate(a->conn_rate, &run->server.rate, why)) ||
	    !endpoints_from_operands(&run->endpoints, &run->server.endpoint_count, operands, count,
				     true, why))
		return false;
	run->server.endpoints = run->endpoints;
	return check_tls(run, why);
}

static int serve_run(void *arguments, char **operands, size_t count)
{
	struct serve_run run = { .args = arguments };
	struct server_result result = { 0 };
	struct failure why = { 0 }, tap = { 0 };

	if (!prepare(&run, operands, count, &why) || !server_run(&run.server, &result, &why))
		result.status = log_failure(&why);
	if (!common_options_free(&run.stream, &tap) && result.status == 0)
		result.status = log_failure(&tap);
	free(run.endpoints);
	log_flush();
	if (result.signal)
		process_die_by(result.signal);
	return result.status;
}

const struct mode mode_serve = {
	.name = "serve",
	.operands = "[HOST] PORT | ENDPOINT...",
	.summary = "be a server: answer each connection, or join stdin and stdout to one",
	.description =
		"Listens, and does the same with every connection: answers its messages (--reply, "
		"--responder), sends it a file, saves what it sends. It serves until it is told to "
		"stop; --once and --accept N end it by themselves, with the status of the "
		"connection, or of the first that failed.\n\n"
		"Without any of these stdin and stdout join the first connection, and the program "
		"ends with it. When that stdin ends without having given a byte, the half-close "
		"waits for the client's end. With --keep-open any number of clients are joined at "
		"once: what they send is merged on stdout, stdin goes to all, and one that is 1 "
		"MiB "
		"behind the fastest is cut; with --one-at-a-time they come one after another.\n\n"
		"A message is what one read brings, unless --framing says otherwise; a newline at "
		"its end is not part of it and is put back behind the answer. The responders: "
		"echo, "
		"time ([{time}] {message}), greet (Welcome!, then Hello, {message}! after a "
		"second, "
		"exit closes), prefix (|From Server| {message}), reverse (by character, quit "
		"closes), discard, chargen, daytime, qotd.\n\n"
		"SIGTERM and SIGINT close the listeners and let open connections finish: status 0. "
		"When --grace runs out, or at a second signal, they are cut, and the status is "
		"128+n. "
		"SIGHUP reads --allow and --deny again; without them it ends the server like "
		"SIGTERM. "
		"--max-time ends it in the same way, with status 28.",
	.examples = serve_examples,
	.tables = serve_tables,
	.address = "localhost 8080",
	.tls_address = "--tls localhost 8443",
	.hints = serve_hints,
	.args_size = sizeof(struct serve_args),
	.run = serve_run,
};
