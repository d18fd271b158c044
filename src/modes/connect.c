/* SPDX-License-Identifier: MIT */
/* src/modes/connect.c - `sockutil connect`: stdin and stdout joined to one stream. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/cli/option.h>
#include <sockutil/cli/progress.h>
#include <sockutil/connect/client.h>
#include <sockutil/connect/report.h>
#include <sockutil/modes/common_proxy.h>
#include <sockutil/modes/connect_options.h>
#include <sockutil/modes/connect_websocket.h>
#include <sockutil/modes/modes.h>
#include <sockutil/net/process.h>
#include <sockutil/net/sockopt.h>

enum { GREETING_MS = 300, SILENCE_MS = 500, PREAMBLE_MAX = 1 << 20 };

static const struct option_row *const connect_tables[] = {
	connect_option_rows,    connect_words_rows, connect_exec_rows,
	connect_websocket_rows, connect_scan_rows,  common_option_rows,
	common_client_rows,     common_proxy_rows,  NULL,
};

enum { CONNECT_OWN_TABLES = 5 };

struct connect_run {
	const struct connect_args *args;
	struct endpoint *endpoint;
	struct stream_options stream;
	struct common_proxy_chain proxies;
	struct websocket_options websocket;
	struct client_options client;
	struct client_program program; /* --exec, --shell */
	struct dialogue_options dialogue;
	struct client_result result;
	struct progress progress;
	struct progress_meter meter;
	uint64_t input_size; /* of what is sent, when that is a file; 0: not known */
	char *preamble;      /* owned when it came from a file */
};

/* --- what is told on the way ----------------------------------------------- */

static void on_attempt_failed(void *data, const char *address, const char *reason)
{
	(void)data;
	log_info("%s: %s", address, reason);
}

static void on_retrying(void *data, const struct failure *why, int64_t wait_ms)
{
	char text[32];

	(void)data;
	log_info("%s; next try in %s", why->text, duration_text(text, sizeof(text), wait_ms));
}

static void on_lost(void *data, const struct failure *why, int64_t wait_ms)
{
	char text[32];

	(void)data;
	log_notice("%s; coming back in %s",
		   why->class == FAILURE_NONE ? "the peer has ended the connection" : why->text,
		   duration_text(text, sizeof(text), wait_ms));
}

static void show_info(const struct connect_run *run, const struct stream_report *report)
{
	struct buffer text = { 0 };

	if (run->args->info == CONNECT_INFO_TEXT && report_info_text(&text, run->endpoint, report))
		log_block(buffer_bytes(&text), text.length);
	/* An object of its own, with --log-json too; every string in it is escaped already. */
	if (run->args->info == CONNECT_INFO_JSON && report_info_json(&text, run->endpoint, report))
		log_terminal(buffer_bytes(&text), text.length);
	buffer_free(&text);
}

static void show_certificates(struct stream *remote)
{
	struct stream *tls = stream_find(remote, "tls");
	struct buffer text = { 0 };
	struct failure why;

	if (tls && tls_load(&why)->show_chain(tls, &text))
		log_block(buffer_bytes(&text), text.length);
	buffer_free(&text);
}

static void show_socket_options(struct stream *remote)
{
	struct buffer text = { 0 };

	if (sockopt_show(stream_fd(remote, STREAM_READ), &text))
		log_block(buffer_bytes(&text), text.length);
	buffer_free(&text);
}

static void on_opened(void *data, struct stream *remote, const struct stream_report *report)
{
	const struct connect_run *run = data;
	char endpoint[ENDPOINT_TEXT_MAX], peer[ADDRESS_TEXT_MAX], local[ADDRESS_TEXT_MAX];
	const bool proxied = report->proxy_us > 0;

	log_info("connected to %s%s%s from %s%s%s in %lld.%03lld ms",
		 proxied ? endpoint_text(endpoint, run->endpoint) : "",
		 proxied ? " through the proxy " : "", address_text(peer, &report->dial.peer),
		 address_text(local, &report->dial.local), report->tls.version ? ", " : "",
		 report->tls.version ? report->tls.version : "", (long long)report->open_us / 1000,
		 (long long)report->open_us % 1000);
	show_info(run, report);
	if (run->args->show_cert)
		show_certificates(remote);
	if (run->args->common.show_sockopts)
		show_socket_options(remote);
}

static void on_progress(void *data, const struct relay_report *now)
{
	struct connect_run *run = data;
	uint64_t moved;

	/* Where the size of what we send is known the bar is about that; otherwise about all that
	 * moves. */
	moved = now->bytes[RELAY_UP] + (run->input_size ? 0 : now->bytes[RELAY_DOWN]);
	progress_update(&run->meter, moved, moved, run->input_size);
	progress_show(&run->progress);
}

static void show_prompt(void *data, const char *prompt)
{
	(void)data;
	log_terminal(prompt, strlen(prompt));
}

/* --- what is asked --------------------------------------------------------- */

/* The size of what is sent, when that is a file: the total of the progress bar. */
static uint64_t input_size(const struct connect_args *args)
{
	struct stat st;
	bool named = args->input && strcmp(args->input, "-") != 0;

	if (args->recv_only || (named ? stat(args->input, &st) : fstat(STDIN_FILENO, &st)) < 0)
		return 0;
	return S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
}

static void start_progress(struct connect_run *run)
{
	run->input_size = input_size(run->args);
	progress_start(&run->progress, PROGRESS_BAR, false);
	progress_join(&run->progress, &run->meter);
}

/* A pipe gives its bytes in pieces. Returns how many came, -1 with errno. */
static ssize_t read_file(int fd, char *out, size_t size)
{
	size_t length = 0;
	ssize_t n = 1;

	while (length < size && n > 0) {
		n = read(fd, out + length, size - length);
		length += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? -1 : (ssize_t)length;
}

static bool read_preamble(struct connect_run *run, struct failure *why)
{
	const char *text = run->args->preamble;
	ssize_t n;
	int fd;

	if (!text || text[0] != '@') {
		run->stream.preamble = text;
		run->stream.preamble_length = text ? strlen(text) : 0;
		return true;
	}
	fd = open(text + 1, O_RDONLY | O_CLOEXEC);
	run->preamble = malloc(PREAMBLE_MAX + 1);
	n = fd < 0 || !run->preamble ? -1 : read_file(fd, run->preamble, PREAMBLE_MAX + 1);
	if (n < 0)
		fail_errno(why, FAILURE_INPUT, errno, "--preamble: %s", text + 1);
	else if (n > PREAMBLE_MAX)
		fail(why, FAILURE_SIZE, "--preamble: %s is over 1 MiB", text + 1);
	if (fd >= 0)
		close(fd);
	run->stream.preamble = run->preamble;
	run->stream.preamble_length = n > 0 ? (size_t)n : 0;
	return n >= 0 && n <= PREAMBLE_MAX;
}

static bool read_wait(struct connect_run *run, struct failure *why)
{
	const char *text = run->args->wait;

	run->client.wait = text != NULL;
	if (!text || !text[0])
		return true;
	if (!duration_parse(text, &run->client.wait_ms))
		fail(why, FAILURE_USAGE,
		     "--wait: \"%s\" is not a duration (examples: 250ms, 0.5, 5s, 2m, 1h)", text);
	else if (run->client.wait_ms == 0)
		fail(why, FAILURE_USAGE, "--wait: %s is too small: 1ms or more", text);
	else
		return true;
	return false;
}

static bool is_file(const char *name)
{
	return name && strcmp(name, "-") != 0;
}

static bool check_edit(const struct connect_run *run, struct failure *why)
{
	if (!run->args->edit || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)))
		return true;
	fail(why, FAILURE_USAGE, "--edit needs a terminal; standard %s is none",
	     isatty(STDIN_FILENO) ? "output" : "input");
	return false;
}

/* The connection cannot be what is sent over it, or where what comes from it goes. */
static bool check_descriptor(const struct connect_run *run, struct failure *why)
{
	const struct connect_args *a = run->args;
	bool program = connect_exec_asked(&a->exec);
	bool reads = !is_file(a->input) && !a->recv_only && !program &&
		     (a->prompt || a->send.count == 0);
	int fd = run->endpoint->descriptor;

	if (run->endpoint->kind != ENDPOINT_DESCRIPTOR)
		return true;
	if (a->reconnect) {
		fail(why, FAILURE_USAGE, "--reconnect: fd:%d cannot be connected again", fd);
		return false;
	}
	if (fd == STDIN_FILENO && reads)
		fail(why, FAILURE_USAGE,
		     "fd:0 is standard input itself; --input FILE or --recv-only leaves that "
		     "alone");
	else if (fd == STDOUT_FILENO && !is_file(a->output) && !a->send_only && !program)
		fail(why, FAILURE_USAGE,
		     "fd:1 is standard output itself; --output FILE or --send-only leaves that "
		     "alone");
	else
		return true;
	return false;
}

static void set_relay(struct connect_run *run)
{
	const struct connect_args *a = run->args;

	run->client.relay = (struct relay_options){
		.idle_ms = a->common.idle_ms > 0 ? a->common.idle_ms : -1,
		.max_ms = a->common.max_ms > 0 ? a->common.max_ms : -1,
		.quit_after_ms = a->quit_after_given ? a->quit_after_ms : -1,
		/* What is not sent yet is for the next connection. */
		.silence_ms = a->keep_sending ? -1
			      : a->reconnect  ? 1
					      : SILENCE_MS,
		.no_half_close = a->no_half_close,
		.recv_only = a->recv_only,
		.send_only = a->send_only,
	};
}

static void set_dialogue(struct connect_run *run)
{
	const struct connect_args *a = run->args;

	if (a->send.count == 0 && !a->prompt)
		return;
	run->dialogue = (struct dialogue_options){
		.messages = a->send.items,
		.message_count = a->send.count,
		.prompt = a->prompt,
		.reply_label = a->reply_label,
		.framing = (enum framing)a->framing,
		.max_message = (size_t)a->max_message,
		.greeting_ms = GREETING_MS,
		.idle_ms = run->client.relay.idle_ms,
		/* As with read -p: nobody is asked where nobody types. */
		.show_prompt = isatty(STDIN_FILENO) && !a->input ? show_prompt : NULL,
	};
	run->client.dialogue = &run->dialogue;
}

static void set_client(struct connect_run *run)
{
	const struct connect_args *a = run->args;

	run->client.endpoint = run->endpoint;
	run->client.stream = &run->stream;
	run->client.crlf = a->crlf;
	run->client.telnet = a->words.telnet;
	run->client.digest = a->digest ? connect_digests[a->digest] : NULL;
	run->client.input = a->input;
	run->client.output = a->output;
	run->client.append = a->append;
	run->client.edit = a->edit;
	run->client.retries = a->retries;
	run->client.retry_delay_ms = a->retry_delay_ms;
	run->client.reconnect = a->reconnect;
	run->client.program = run->program.path ? &run->program : NULL;
	run->client.catch_signals =
		a->edit || a->progress || run->stream.tap || run->client.program;
	run->client.hooks = (struct client_hooks){
		.attempt_failed = on_attempt_failed,
		.retrying = on_retrying,
		.lost = on_lost,
		.opened = on_opened,
		.progress = a->progress ? on_progress : NULL,
		.data = run,
	};
	set_relay(run);
	set_dialogue(run);
}

static bool prepare(struct connect_run *run, char **operands, size_t count, struct failure *why)
{
	const struct connect_args *a = run->args;
	size_t endpoints;

	if (!endpoints_from_operands(&run->endpoint, &endpoints, operands, count, false, why) ||
	    !connect_words_use(&a->words, run->endpoint, &run->stream, why) ||
	    !common_options_check_tls(&a->common, stream_uses_tls(run->endpoint, &run->stream),
				      why) ||
	    !common_proxy_apply(&run->proxies, &a->common.proxy, run->endpoint,
				stream_uses_tls(run->endpoint, &run->stream), &run->stream, why) ||
	    !connect_websocket_use(&run->websocket, a, run->endpoint, &run->stream, why) ||
	    !check_edit(run, why) || !check_descriptor(run, why) || !read_preamble(run, why) ||
	    !read_wait(run, why))
		return false;
	run->stream.send_proxy = (int)a->common.proxy.send_proxy;
	if (a->show_cert && !stream_uses_tls(run->endpoint, &run->stream)) {
		fail(why, FAILURE_USAGE, "--show-cert needs --tls or a tls:// endpoint");
		return false;
	}
	if (connect_exec_asked(&a->exec) && !connect_exec_use(&a->exec, &run->program, why))
		return false;
	set_client(run);
	return true;
}

/* --- how it went ----------------------------------------------------------- */

static void tell_end(struct connect_run *run)
{
	const struct client_result *result = &run->result;
	const struct relay_report *report = &result->report;
	char how[CHILD_STATUS_TEXT_MAX];
	struct buffer text = { 0 };

	if (!result->opened)
		return;
	log_info("%s: sent %llu bytes, received %llu", report->reason ? report->reason : "ended",
		 (unsigned long long)report->bytes[RELAY_UP],
		 (unsigned long long)report->bytes[RELAY_DOWN]);
	if (result->program_ended)
		log_info("%s %s", run->program.arguments[0],
			 child_status_text(how, result->program_status));
	if (run->client.digest)
		buffer_format(&text, "%s sent     %s\n%s received %s\n", run->client.digest,
			      result->sent_digest, run->client.digest, result->received_digest);
	if (run->args->common.stats)
		report_statistics(&text, result);
	if (text.length > 0)
		log_block(buffer_bytes(&text), text.length);
	buffer_free(&text);
}

static int connect_run(void *arguments, char **operands, size_t count)
{
	struct connect_run run = { .args = arguments };
	struct failure why = { 0 }, tap = { 0 };
	int status;

	if (run.args->ignore_int)
		signal(SIGINT, SIG_IGN);
	if (!common_options_apply(&run.args->common, "connect", false, &run.stream, &why))
		return log_failure(&why);
	if (run.args->scan.scan) {
		connect_scan(run.args, operands, count, &run.stream, &why);
	} else if (prepare(&run, operands, count, &why)) {
		if (run.args->progress)
			start_progress(&run);
		client_run(&run.client, &run.result);
		if (run.args->progress)
			progress_end(&run.progress);
		why = run.result.report.failure;
		tell_end(&run);
	}
	if (!common_options_free(&run.stream, &tap) && why.class == FAILURE_NONE)
		why = tap;
	status = log_failure(&why);
	if (status == 0 && run.result.program_ended)
		status = child_exit_status(run.result.program_status);
	buffer_free(&run.result.tcp_info);
	free(run.preamble);
	connect_exec_free(&run.program);
	common_proxy_free(&run.proxies);
	free(run.endpoint);
	if (run.result.signal)
		process_die_by(run.result.signal);
	return status;
}

const struct mode mode_connect = {
	.name = "connect",
	.operands = "HOST PORT | ENDPOINT",
	.summary = "be a client: join stdin and stdout to a connection",
	.description =
		"Connects, then sends stdin and writes what the peer sends to stdout. The end of "
		"stdin "
		"becomes a half-close, and sockutil then waits for the peer's end without limit. "
		"Status 0 "
		"means that every byte sent was acknowledged and every byte that came was "
		"written.\n\n"
		"When the peer has ended first, what stdin still gives is sent; the program ends "
		"at stdin's "
		"end, when sending fails (55), or when stdin has been silent for half a second "
		"(--keep-sending waits on). TLS 1.2 has no real half-close: what the peer still "
		"sends until "
		"its own close is delivered.\n\n"
		"Through proxies (-x, repeated for a chain) names are resolved by the proxy, "
		"unless "
		"--proxy-dns "
		"local or socks4:// says otherwise; --insecure and --ca are about the endpoint, "
		"never about a "
		"proxy. ws:// and wss:// have no half-close either. --reconnect comes back after "
		"each "
		"loss until "
		"stdin ends, and bytes that were on their way are lost: the exit status says "
		"so.\n\n"
		"With --send or --prompt it talks in turn instead: one message out, one reply in. "
		"A greeting "
		"that comes within 300 ms is shown first and is nobody's reply; after the last "
		"message it "
		"half-closes and reads to the end.\n\n"
		"-x goes through a proxy: an http, https, socks4, socks4a, socks5 or socks5h URL; "
		"repeated, through one after another. Names go to the last of them as they are and "
		"are not asked for here, unless --proxy-dns local says so. -x env takes what "
		"http_proxy, https_proxy, all_proxy and no_proxy say.\n\n"
		"ws:// and wss:// speak WebSocket. It has no half-close: what the peer still sends "
		"until its own close is delivered.\n\n"
		"--scan looks which ports of a host accept a connection and sends nothing: "
		"status 0 when one is open (--all: all of them), 7 when all that answer refuse, "
		"else 28.",
	.examples = connect_examples,
	.tables = connect_tables,
	.own = CONNECT_OWN_TABLES,
	.address = "localhost 8080",
	.tls_address = "--tls localhost 8443",
	.hints = connect_hints,
	.args_size = sizeof(struct connect_args),
	.run = connect_run,
};
