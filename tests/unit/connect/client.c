/* SPDX-License-Identifier: MIT */
/* tests/unit/connect/client.c
 * Holds: files in and out with digests of both ways; appending; CRLF; a refused connection leaves
 * the output file alone; tries again and tells of each; --wait ends as a time-out with the last
 * reason; the total limit while waiting, also for somebody who reads the output; a missing input
 * file is told before dialling; so is an output that is the input; a dialogue instead of a relay.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/connect/client.h>

#define SHA256_HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static int listener, peer;
static char folder[] = "/tmp/sockutil-client-XXXXXX";
static char input_path[64], output_path[64];
static struct endpoint endpoint;
static struct stream_options stream;
static struct client_options options;
static struct client_result result;
static int retries_told;
static const char *answer;

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void expect_file(const char *path, const char *text)
{
	char got[128] = { 0 };
	int fd = open(path, O_RDONLY);

	cr_assert_eq(read(fd, got, sizeof(got) - 1), (ssize_t)strlen(text));
	cr_assert_str_eq(got, text);
	close(fd);
}

/* The peer's part, played at once: its answer and its end wait in the socket. */
static void on_opened(void *data, struct stream *remote, const struct stream_report *report)
{
	(void)data;
	(void)remote;
	cr_assert_eq(report->dial.attempts, 1);
	peer = accept(listener, NULL, NULL);
	cr_assert(peer >= 0);
	cr_assert_eq(write(peer, answer, strlen(answer)), (ssize_t)strlen(answer));
	cr_assert_eq(shutdown(peer, SHUT_WR), 0);
}

static void on_retrying(void *data, const struct failure *why, int64_t wait_ms)
{
	(void)data;
	cr_assert_eq(why->class, FAILURE_CONNECT);
	cr_assert(wait_ms > 0);
	if (++retries_told == 2)
		cr_assert_eq(listen(listener, 5), 0);
}

static void set_up(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	struct failure why;
	char text[32];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_not_null(mkdtemp(folder));
	snprintf(input_path, sizeof(input_path), "%s/in", folder);
	snprintf(output_path, sizeof(output_path), "%s/out", folder);
	write_file(input_path, "hello");
	listener = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(listener, (void *)&address, length), 0);
	cr_assert_eq(getsockname(listener, (void *)&address, &length), 0);
	snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(address.sin_port));
	cr_assert(endpoint_parse(&endpoint, text, false, &why));
	answer = "hello";
	options = (struct client_options){
		.endpoint = &endpoint,
		.stream = &stream,
		.relay = { .idle_ms = -1, .max_ms = -1, .quit_after_ms = -1, .silence_ms = 500 },
		.input = input_path,
		.output = output_path,
		.retry_delay_ms = 50,
		.hooks = { .opened = on_opened, .retrying = on_retrying },
	};
}

static void tear_down(void)
{
	buffer_free(&result.tcp_info);
	unlink(input_path);
	unlink(output_path);
	rmdir(folder);
}

TestSuite(client, .init = set_up, .fini = tear_down, .timeout = 30);

static void run(void)
{
	client_run(&options, &result);
}

static void expect_peer_read(const char *text)
{
	char got[128] = { 0 };

	cr_assert_eq(recv(peer, got, sizeof(got) - 1, MSG_WAITALL), (ssize_t)strlen(text));
	cr_assert_str_eq(got, text);
}

Test(client, carries_files_both_ways_and_digests_them)
{
	options.digest = "sha256";
	cr_assert_eq(listen(listener, 5), 0);
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_NONE, "%s", result.report.failure.text);
	cr_assert(result.opened);
	cr_assert_str_eq(result.sent_digest, SHA256_HELLO);
	cr_assert_str_eq(result.received_digest, SHA256_HELLO);
	expect_file(output_path, "hello");
	expect_peer_read("hello");
}

Test(client, adds_to_a_file)
{
	options.append = true;
	write_file(output_path, "old ");
	cr_assert_eq(listen(listener, 5), 0);
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_NONE, "%s", result.report.failure.text);
	expect_file(output_path, "old hello");
}

Test(client, sends_crlf)
{
	write_file(input_path, "a\nb\r\n");
	options.crlf = true;
	cr_assert_eq(listen(listener, 5), 0);
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_NONE, "%s", result.report.failure.text);
	expect_peer_read("a\r\nb\r\n");
}

Test(client, leaves_the_output_file_alone_when_refused)
{
	write_file(output_path, "old");
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_CONNECT);
	cr_assert_not(result.opened);
	expect_file(output_path, "old");
}

Test(client, tries_again)
{
	options.retries = 3;
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_NONE, "%s", result.report.failure.text);
	cr_assert_eq(retries_told, 2);
}

Test(client, gives_up_after_the_last_try)
{
	options.retries = 1;
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_CONNECT);
	cr_assert_eq(retries_told, 1);
}

Test(client, waits_until_the_peer_accepts)
{
	options.wait = true;
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_NONE, "%s", result.report.failure.text);
	cr_assert_eq(retries_told, 2);
}

Test(client, stops_waiting_with_the_last_reason)
{
	options.wait = true;
	options.wait_ms = 60;
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_TIMEOUT);
	cr_assert_not_null(strstr(result.report.failure.text, "within 60 ms (--wait): 127.0.0.1:"));
	cr_assert_not_null(strstr(result.report.failure.text, "connection refused"));
}

Test(client, holds_the_total_limit_between_tries)
{
	options.retries = 100;
	options.retry_delay_ms = 60000;
	options.relay.max_ms = 50;
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_TIMEOUT);
	cr_assert_str_eq(result.report.failure.text, "not connected when --max-time ran out");
}

Test(client, keeps_its_limits_while_nobody_reads_its_output)
{
	options.relay.max_ms = 60;
	cr_assert_eq(mkfifo(output_path, 0600), 0);
	cr_assert_eq(listen(listener, 5), 0);
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_TIMEOUT);
	cr_assert_not_null(
		strstr(result.report.failure.text,
		       "nobody had opened the output for reading when --max-time ran out"));
}

Test(client, tells_of_a_missing_input_before_dialling)
{
	options.input = "/nonexistent/file";
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_INPUT);
	cr_assert_str_eq(result.report.failure.text,
			 "/nonexistent/file: No such file or directory");
}

Test(client, refuses_to_write_over_what_it_sends)
{
	options.output = input_path;
	run();
	cr_assert_eq(result.report.failure.class, FAILURE_USAGE);
	cr_assert(!result.opened);
	cr_assert_not_null(strstr(result.report.failure.text,
				  "/in: the same file cannot be both input and output"));
	expect_file(input_path, "hello");
}

Test(client, talks_in_turn)
{
	static const char *const messages[] = { "one", NULL };
	struct dialogue_options talk = {
		.messages = messages,
		.message_count = 1,
		.max_message = 100,
		.greeting_ms = 20000,
		.idle_ms = -1,
	};

	answer = "Welcome!";
	options.dialogue = &talk;
	options.hooks.opened = on_opened;
	cr_assert_eq(listen(listener, 5), 0);
	run();
	/* The played peer ends at once, so its greeting is all there was and the message stays
	 * unsent. */
	cr_assert_eq(result.report.failure.class, FAILURE_RECEIVE, "%s",
		     result.report.failure.text);
	expect_file(output_path, "Welcome!\n");
}
