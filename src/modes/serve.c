/* SPDX-License-Identifier: MIT */
/* src/modes/serve.c - `sockutil serve`: listeners, and what is done with each connection. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/modes/common_options.h>
#include <sockutil/modes/modes.h>
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

struct serve_args {
	struct common_options common;
	const char *reply, *banner, *quit, *send_file, *save;
	int responder; /* enum responder_id */
	bool responder_given;
	int framing; /* enum framing */
	int64_t delay_ms;
	uint64_t max_message;
	bool delay_given, framing_given, max_message_given;
	bool keep_open, once, one_at_a_time, recv_only, send_only;
	int64_t accept, max_conns, per_ip, backlog, ready_fd;
	bool ready_given;
	int64_t grace_ms, handshake_ms;
	const char *conn_rate, *workers, *port_file, *mode;
	struct option_list allow, deny;
	const char *client_ca;
	int client_cert; /* 0: required, 1: optional */
};

#define AT(field) offsetof(struct serve_args, field)

static const char *const framings[] = { "chunk", "line", "length", NULL };
static const char *const client_certs[] = { "required", "optional", NULL };

static const struct option_row serve_options[] = {
	{
		.name = "reply",
		.arg = "TEMPLATE",
		.type = OPTION_TEXT,
		.at = AT(reply),
		.group = "what clients get",
		.help = "answer each message: {message} {reversed} {time} {peer} {local} {count}",
		.example = "9999 --reply '{count}: {message}'",
		.conflicts = "responder send-file save",
		.common = true,
	},
	{
		.name = "responder",
		.arg = "NAME",
		.type = OPTION_CHOICE,
		.at = AT(responder),
		.given_at = AT(responder_given),
		.choices = responder_names,
		.group = "what clients get",
		.help = "a ready-made answer",
		.example = "9999 --responder echo",
		.conflicts = "reply send-file save",
		.common = true,
	},
	{
		.name = "banner",
		.arg = "TEXT",
		.type = OPTION_TEXT,
		.at = AT(banner),
		.group = "what clients get",
		.help = "say TEXT first",
		.example = "9999 --responder echo --banner 'hello '",
		.needs = "reply responder",
		.common = true,
	},
	{
		.name = "delay",
		.arg = "TIME",
		.type = OPTION_DURATION,
		.at = AT(delay_ms),
		.given_at = AT(delay_given),
		.min = 1,
		.group = "what clients get",
		.help = "wait TIME before each answer",
		.example = "9999 --responder echo --delay 250ms",
		.needs = "reply responder",
	},
	{
		.name = "quit",
		.arg = "WORD",
		.type = OPTION_TEXT,
		.at = AT(quit),
		.group = "what clients get",
		.help = "a message that is WORD closes the connection",
		.example = "9999 --responder echo --quit bye",
		.needs = "reply responder",
	},
	{
		.name = "framing",
		.arg = "WAY",
		.type = OPTION_CHOICE,
		.at = AT(framing),
		.given_at = AT(framing_given),
		.choices = framings,
		.fallback = "chunk",
		.group = "what clients get",
		.help = "where a message ends: chunk is what one read brings",
		.example = "9999 --responder reverse --framing line",
		.needs = "reply responder",
	},
	{
		.name = "max-message",
		.arg = "SIZE",
		.type = OPTION_SIZE,
		.at = AT(max_message),
		.given_at = AT(max_message_given),
		.min = 1,
		.max = 1 << 30,
		.fallback = "1M",
		.unit = "bytes",
		.group = "what clients get",
		.help = "the longest message; a longer one closes the connection",
		.example = "9999 --responder echo --framing line --max-message 4K",
		.needs = "reply responder",
	},
	{
		.name = "send-file",
		.arg = "FILE",
		.type = OPTION_FILE,
		.at = AT(send_file),
		.group = "what clients get",
		.help = "send FILE to each client",
		.example = "9999 --send-file data.bin",
		.conflicts = "reply responder save",
		.common = true,
	},
	{
		.name = "save",
		.arg = "PATTERN",
		.type = OPTION_TEXT,
		.at = AT(save),
		.group = "what clients get",
		.help = "each connection into its own file: %p peer, %t time, %n number",
		.example = "9999 --save 'in-%n'",
		.conflicts = "reply responder send-file",
		.common = true,
	},
	{
		.name = "keep-open",
		.letter = 'k',
		.type = OPTION_FLAG,
		.at = AT(keep_open),
		.group = "how long",
		.help = "with stdin and stdout: any number of clients at once",
		.example = "-k 9999",
		.conflicts = "once",
		.common = true,
	},
	{
		.name = "once",
		.type = OPTION_FLAG,
		.at = AT(once),
		.group = "how long",
		.help = "serve one connection, then end with its status",
		.example = "--once 9999 --responder echo",
		.conflicts = "accept keep-open",
		.common = true,
	},
	{
		.name = "accept",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(accept),
		.min = 1,
		.max = INT64_MAX,
		.group = "how long",
		.help = "serve N connections, then end",
		.example = "--accept 3 9999 --responder time",
	},
	{
		.name = "one-at-a-time",
		.type = OPTION_FLAG,
		.at = AT(one_at_a_time),
		.group = "how long",
		.help = "one client after another; the others wait",
		.example = "--one-at-a-time 9999 --responder reverse",
		.conflicts = "workers max-conns",
	},
	{
		.name = "grace",
		.arg = "TIME",
		.type = OPTION_DURATION,
		.at = AT(grace_ms),
		.min = 0,
		.fallback = "2s",
		.group = "how long",
		.help = "for open connections after SIGTERM or SIGINT",
		.example = "--grace 10s 9999 --responder echo",
	},
	{
		.name = "recv-only",
		.type = OPTION_FLAG,
		.at = AT(recv_only),
		.group = "how long",
		.help = "only receive; stdin is never touched",
		.example = "--recv-only 9999",
		.conflicts = "send-only reply responder send-file save",
	},
	{
		.name = "send-only",
		.type = OPTION_FLAG,
		.at = AT(send_only),
		.group = "how long",
		.help = "only send; what clients say is dropped",
		.example = "--send-only 9999",
		.conflicts = "recv-only reply responder send-file save",
	},
	{
		.name = "max-conns",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(max_conns),
		.min = 1,
		.max = 1000000,
		.fallback = "1024",
		.group = "who may come, and how many",
		.help = "connections at once; others wait in the backlog",
		.example = "--max-conns 10000 9999 --responder echo",
	},
	{
		.name = "max-conns-per-ip",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(per_ip),
		.min = 1,
		.max = 1000000,
		.group = "who may come, and how many",
		.help = "connections at once from one address; more are closed",
		.example = "--max-conns-per-ip 10 9999 --responder echo",
	},
	{
		.name = "conn-rate",
		.arg = "N/s",
		.type = OPTION_TEXT,
		.at = AT(conn_rate),
		.group = "who may come, and how many",
		.help = "new connections a second; more are closed",
		.example = "--conn-rate 20/s 9999 --responder echo",
	},
	{
		.name = "backlog",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(backlog),
		.min = 1,
		.max = 65535,
		.fallback = "511",
		.group = "who may come, and how many",
		.help = "connections the kernel keeps until they are taken",
		.example = "--backlog 4096 9999 --responder echo",
	},
	{
		.name = "allow",
		.arg = "RULE",
		.type = OPTION_LIST,
		.at = AT(allow),
		.group = "who may come, and how many",
		.help = "only these: CIDR, address, name, unix or @FILE; SIGHUP reads them again",
		.example = "--allow 127.0.0.0/8 9999 --responder echo",
		.common = true,
	},
	{
		.name = "deny",
		.arg = "RULE",
		.type = OPTION_LIST,
		.at = AT(deny),
		.group = "who may come, and how many",
		.help = "not these, whatever --allow says",
		.example = "--deny @blocked.txt 9999 --responder echo",
		.common = true,
	},
	{
		.name = "handshake-timeout",
		.arg = "TIME",
		.type = OPTION_DURATION,
		.at = AT(handshake_ms),
		.min = 1,
		.fallback = "10s",
		.group = "who may come, and how many",
		.help = "for the TLS handshake of a client",
		.example = "--handshake-timeout 5s --tls 9999 --responder echo",
	},
	{
		.name = "client-ca",
		.arg = "FILE",
		.type = OPTION_FILE,
		.at = AT(client_ca),
		.group = "TLS",
		.help = "who signs the certificates of clients",
		.example = "--tls --client-ca ca.pem 9999 --responder echo",
	},
	{
		.name = "client-cert",
		.arg = "HOW",
		.type = OPTION_CHOICE,
		.at = AT(client_cert),
		.choices = client_certs,
		.fallback = "required",
		.group = "TLS",
		.help = "whether a client has to have one",
		.example = "--tls --client-ca ca.pem --client-cert optional 9999 --responder echo",
		.needs = "client-ca",
	},
	{
		.name = "workers",
		.arg = "N|auto",
		.type = OPTION_TEXT,
		.at = AT(workers),
		.fallback = "1",
		.group = "the process",
		.help = "processes that serve; auto: one for each processor",
		.example = "--workers auto 9999 --responder echo",
	},
	{
		.name = "port-file",
		.arg = "FILE",
		.type = OPTION_FILE,
		.at = AT(port_file),
		.group = "the process",
		.help = "write the port to FILE once it listens: with port 0",
		.example = "--port-file port 0 --responder echo",
	},
	{
		.name = "ready-fd",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(ready_fd),
		.given_at = AT(ready_given),
		.min = 0,
		.max = 65535,
		.group = "the process",
		.help = "write READY and a newline to descriptor N once it listens",
		.example = "--ready-fd 1 0 --responder echo",
	},
	{
		.name = "mode",
		.arg = "OCTAL",
		.type = OPTION_TEXT,
		.at = AT(mode),
		.group = "the process",
		.help = "permissions of a socket file",
		.example = "--mode 660 unix:/tmp/echo.sock --responder echo",
	},
	{ 0 },
};

static const char *const serve_examples[] = {
	"sockutil serve 9999 >received",
	"take one connection and save what it sends",
	"sockutil serve 9999 --responder echo",
	"an echo server for any number of clients",
	"sockutil serve 127.0.0.1:9999 --responder greet",
	"greet everyone, without letting the others wait",
	"sockutil serve --tls 8443 --reply '[{time}] {message}'",
	"TLS with a certificate made for this run; its --pin is said",
	"sockutil serve unix:/tmp/s --save 'in-%n'",
	"each connection into its own file",
	NULL,
};

static const char serve_hints[] =
	"-l\0-l is netcat's; serve listens by itself: sockutil serve {operands}\0"
	"--listen\0serve listens by itself: sockutil serve {operands}\0"
	"-p\0-p is netcat's; the port stands alone: sockutil serve {operands}\0"
	"-u\0-u is netcat's; serve carries streams, not datagrams\0"
	"-m\0-m is ncat's; write it as --max-conns\0"
	"-U\0-U is netcat's; write the socket's path as unix:PATH\0"
	"--ssl\0--ssl is ncat's; write it as --tls\0"
	"\0";

static const struct option_row *const serve_tables[] = { serve_options, common_option_rows, NULL };

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

/* --- which handler ------------------------------------------------------------------------------ */

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

/* --- what is asked ------------------------------------------------------------------------------ */

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
	.hints = serve_hints,
	.args_size = sizeof(struct serve_args),
	.run = serve_run,
};
