/* SPDX-License-Identifier: MIT */
/* Holds: a client's half-close is the program's end of input, and its output comes whole; it is
 * told who the client is; a client that is gone ends it; too many are refused; its status is
 * logged, and returned where connections are counted; standard error three ways; a terminal; what
 * cannot be run is told at the start; a drain ends its input. */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/serve/exec.h>

static struct running r;
static struct exec_options options;
static const char *arguments[] = { "sh", "-c", NULL, NULL };

/* The server's thread takes SIGCHLD; ours is not to be woken by it. */
static void prepare(const char *command)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	arguments[2] = command;
	options = (struct exec_options){
		.arguments = arguments,
		.max_children = 4,
		.workers = 1,
	};
	running_prepare(&r, &exec_handler, &options);
}

static void start(const char *command)
{
	prepare(command);
	running_start(&r);
}

Test(exec, the_half_close_is_its_end_of_input)
{
	char out[64];

	start("cat; echo end");
	running_exchange(&r, "hello\n", 6, out, sizeof(out));
	cr_assert_str_eq(out, "hello\nend\n");
	running_wait_log(&r, "exited with status 0; received 6 B, sent 10 B");
	running_stop(&r);
	cr_assert_eq(r.result.status, 0);
}

Test(exec, it_is_told_who_the_client_is)
{
	char out[64];

	setenv("TCPREMOTEIP", "192.0.2.1", 1);
	start("echo $PROTO $TCPREMOTEIP $SOCKUTIL_LOCAL_ADDR");
	running_exchange(&r, "", 0, out, sizeof(out));
	cr_assert_str_eq(out, "TCP 127.0.0.1 127.0.0.1\n");
	running_stop(&r);
}

Test(exec, a_client_that_is_gone_ends_it)
{
	char out[64];
	pid_t pid;
	int fd;

	start("echo $$; exec sleep 1000");
	fd = running_dial(&r);
	cr_assert_gt(read(fd, out, sizeof(out) - 1), 0);
	pid = (pid_t)atol(out);
	cr_assert_eq(kill(pid, 0), 0);
	running_reset(fd);
	running_wait_log(&r, "connection reset by peer");
	while (kill(pid, 0) == 0)
		usleep(1000);
	running_stop(&r);
}

Test(exec, too_many_are_refused)
{
	int held[4], fd;
	char out[8];

	start("cat");
	for (int i = 0; i < 4; ++i) {
		held[i] = running_dial(&r);
		cr_assert_str_eq(running_ask(held[i], "x", out, sizeof(out)), "x");
	}
	fd = running_dial(&r);
	cr_assert_leq(read(fd, out, sizeof(out)), 0);
	running_wait_log(&r, ": refused: 4 programs are running (--max-children);");
	cr_assert_str_eq(running_ask(held[0], "y", out, sizeof(out)), "y");
	for (int i = 0; i < 4; ++i)
		close(held[i]);
	close(fd);
	running_stop(&r);
}

Test(exec, its_status_is_returned_where_connections_are_counted)
{
	char out[8];

	prepare("exit 7");
	r.options.accept = 1;
	running_start(&r);
	running_exchange(&r, "", 0, out, sizeof(out));
	running_wait(&r);
	cr_assert_eq(r.result.status, 7);
}

Test(exec, the_status_of_a_signal)
{
	char out[8];

	prepare("kill -KILL $$");
	r.options.accept = 1;
	running_start(&r);
	running_exchange(&r, "", 0, out, sizeof(out));
	running_wait_log(&r, "killed by SIGKILL");
	running_wait(&r);
	cr_assert_eq(r.result.status, 128 + SIGKILL);
}

Test(exec, what_it_does_not_read_is_dropped)
{
	static char block[1 << 20], out[64];

	start("exec <&-; echo first; sleep 0.2; echo second");
	running_exchange(&r, block, sizeof(block), out, sizeof(out));
	cr_assert_str_eq(out, "first\nsecond\n");
	running_stop(&r);
}

Test(exec, standard_error_to_the_client)
{
	char out[64];

	prepare("echo oops >&2; echo out");
	options.errors = EXEC_ERRORS_CONNECTION;
	running_start(&r);
	running_exchange(&r, "", 0, out, sizeof(out));
	cr_assert_str_eq(out, "oops\nout\n");
	running_stop(&r);
}

Test(exec, standard_error_to_the_log)
{
	char out[64];

	prepare("echo oops >&2; echo out");
	options.errors = EXEC_ERRORS_LOG;
	running_start(&r);
	running_exchange(&r, "", 0, out, sizeof(out));
	cr_assert_str_eq(out, "out\n");
	running_wait_log(&r, ": oops\n");
	running_stop(&r);
}

Test(exec, a_terminal)
{
	char out[64];

	prepare("stty -echo; stty size; cat");
	options.pty = true;
	running_start(&r);
	running_exchange(&r, "", 0, out, sizeof(out));
	cr_assert_str_eq(out, "24 80\r\n");
	running_stop(&r);
}

Test(exec, what_cannot_be_run_is_told_at_the_start)
{
	prepare("");
	arguments[0] = "nothing-of-that-name";
	cr_assert_not(server_run(&r.options, &r.result, &r.why));
	arguments[0] = "sh";
	cr_assert_eq(r.why.class, FAILURE_USAGE);
	cr_assert_str_eq(r.why.text, "cannot run nothing-of-that-name: not found in PATH");
}

Test(exec, a_drain_ends_its_input)
{
	char out[64];
	int fd;

	prepare("echo ready; cat; echo end");
	r.options.grace_ms = 20000;
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_eq(running_read(fd, out, 6), 6);
	running_stop(&r);
	cr_assert_eq(running_read(fd, out, sizeof(out)), 4);
	cr_assert_eq(memcmp(out, "end\n", 4), 0);
	cr_assert_eq(r.result.status, 0);
	cr_assert_eq(r.result.signal, 0);
	close(fd);
}
