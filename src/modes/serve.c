/* SPDX-License-Identifier: MIT */
/* src/modes/serve.c - `sockutil serve`: listeners, and what is done with each connection. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/modes/common_server.h>
#include <sockutil/modes/modes.h>
#include <sockutil/modes/serve_run.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/net/process.h>
#include <sockutil/serve/workers.h>

static const struct option_row *const serve_tables[] = {
	serve_answer_rows,
	serve_exec_rows,
	serve_forward_rows,
	serve_websocket_rows,
	serve_files_rows,
	serve_gateway_rows,
	serve_option_rows,
	common_server_rows,
	common_option_rows,
	common_proxy_rows,
	NULL,
};
enum { SERVE_OWN_TABLES = 7 };

/* --- which handler --------------------------------------------------------- */

static const struct serve_choice *const serve_choices[] = {
	&serve_choice_reply,   &serve_choice_responder, &serve_choice_send_file,
	&serve_choice_save,    &serve_choice_exec,      &serve_choice_shell,
	&serve_choice_forward, &serve_choice_broker,    &serve_choice_gateway,
	&serve_choice_files,
};
enum { SERVE_CHOICES = sizeof(serve_choices) / sizeof(serve_choices[0]) };

void *serve_handler_options(struct serve_run *run, size_t size)
{
	free(run->handler_options);
	run->handler_options = memory_zeroed(1, size);
	run->server.handler_options = run->handler_options;
	return run->handler_options;
}

/* With --ws files are beside whatever is done with the messages. */
static bool choose_handler(struct serve_run *run, struct failure *why)
{
	const bool beside = run->args->websocket.ws;

	for (size_t i = 0; i < SERVE_CHOICES; ++i) {
		const struct serve_choice *choice = serve_choices[i];

		if (!choice->asked(run->args) || (beside && choice == &serve_choice_files))
			continue;
		if (run->choice) {
			fail(why, FAILURE_USAGE, "--%s cannot be given together with --%s%s",
			     run->choice->option, choice->option,
			     choice == &serve_choice_files ? " (but with --ws)" : "");
			return false;
		}
		run->choice = choice;
	}
	return run->choice ? run->choice->use(run, why) : serve_use_stdio(run, why);
}

static void free_handler(struct serve_run *run)
{
	if (run->choice && run->choice->done)
		run->choice->done(run);
	serve_websocket_free(run);
	serve_files_free(run);
	free(run->handler_options);
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

static bool check_tls(struct serve_run *run, struct failure *why)
{
	return serve_forward_split_tls(run, common_server_uses_tls(&run->server, &run->stream),
				       why);
}

static bool prepare(struct serve_run *run, char **operands, size_t count, struct failure *why)
{
	const struct serve_args *a = run->args;

	if (!common_options_apply(&a->common, "serve", true, &run->stream, why) ||
	    !common_server_apply(&a->common, operands, count, &run->endpoints, &run->metrics,
				 &run->stream, &run->server, why))
		return false;
	run->server.max_connections = a->one_at_a_time ? 1 : (uint64_t)a->max_conns;
	run->server.accept = a->once ? 1 : (uint64_t)a->accept;
	return read_workers(run, why) && choose_handler(run, why) &&
	       serve_websocket_apply(run, why) && check_tls(run, why);
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
	free_handler(&run);
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
		"--responder), runs a program (--exec, --shell), joins it to another server "
		"(--forward), serves a folder over HTTP (--files), is a proxy (--gateway), passes "
		"on "
		"to all others what one says (--broker), sends a file, saves what comes. It serves "
		"until it is told to stop; --once and --accept N end it by themselves, with the "
		"status of the connection, or of the first that failed.\n\n"
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
		"A program of --exec has the connection as its stdin and stdout, no other open "
		"file, and in its environment who is there: SOCKUTIL_PEER_ADDR, _PEER_PORT, "
		"_LOCAL_ADDR, _LOCAL_PORT, _PROTO, with TLS SOCKUTIL_TLS_VERSION and its like, and "
		"the variables of UCSPI. The client's half-close is its end of input; what it "
		"still "
		"says is delivered. With the connection its whole process group ends.\n\n"
		"--forward takes any endpoint of a client: tls:// adds TLS, ws:// WebSocket, "
		"--send-proxy says who the client is; --tls or --ws on this side take them off "
		"again. --gateway refuses targets on private networks and on this machine unless "
		"--allow-private is given, whatever a name resolves to.\n\n"
		"--ws speaks WebSocket in front of any of these. Who asks for something else gets "
		"426, or with --files a page. A browser's page from elsewhere is refused unless "
		"--ws-origin allows it.\n\n"
		"SIGTERM and SIGINT close the listeners and let open connections finish: status 0. "
		"When --grace runs out, or at a second signal, they are cut, and the status is "
		"128+n. SIGHUP reads files again (those of --allow and --deny, certificates and "
		"keys, and what the answer has) and touches no connection; without any it ends the "
		"server like SIGTERM. --max-time ends it in the same way, with status 28.",
	.examples = serve_examples,
	.tables = serve_tables,
	.own = SERVE_OWN_TABLES,
	.address = "localhost 8080",
	.tls_address = "--tls localhost 8443",
	.listener = "localhost 8080",
	.tls_listener = "--tls localhost 8443",
	.file_listener = "unix:/tmp/sockutil.sock",
	.hints = serve_hints,
	.args_size = sizeof(struct serve_args),
	.run = serve_run,
};
