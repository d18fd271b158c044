/* SPDX-License-Identifier: MIT */
/*
 * Holds: schemes that are not served, combinations that make no sense, a descriptor that is not
 * open and an address in use are failures, told before anything was said; ready-fd and port file
 * come once it listens; several listeners; a socket file is gone afterwards.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <sockutil/serve/echo.h>
#include <sockutil/serve/join.h>
#include <sockutil/serve/server.h>

static struct running r;

static void set_up(void)
{
	running_prepare(&r, &echo_handler, NULL);
}

TestSuite(site, .init = set_up, .timeout = 30);

static void fails(enum failure_class class, const char *text)
{
	cr_assert_not(server_run(&r.options, &r.result, &r.why));
	cr_assert_eq(r.why.class, class, "%s", r.why.text);
	cr_assert(strstr(r.why.text, text), "%s", r.why.text);
	cr_assert_str_eq(running_log(&r), "");
}

Test(site, refuses_a_scheme)
{
	cr_assert(endpoint_parse(&r.endpoint, "ws://127.0.0.1:0", true, &r.why));
	fails(FAILURE_USAGE, "ws://127.0.0.1:0: not a scheme to serve; use tcp:// or tls://");
}

Test(site, refuses_workers_that_would_share)
{
	const struct join_options options = { 0 };

	r.options.workers = 2;
	r.options.accept = 1;
	fails(FAILURE_USAGE, "leave --workers out");
	r.options.accept = 0;
	r.options.handler = &join_handler;
	r.options.handler_options = &options;
	fails(FAILURE_USAGE, "standard input and output, and --broker, belong to one process");
}

Test(site, refuses_a_descriptor_that_is_not_open)
{
	r.options.ready_fd = 999;
	fails(FAILURE_USAGE, "--ready-fd 999: not an open descriptor: Bad file descriptor");
}

Test(site, refuses_a_bad_rule)
{
	const char *allow[] = { "300.1.2.3/99", NULL };

	r.options.allow = allow;
	fails(FAILURE_USAGE, "300.1.2.3/99");
}

Test(site, tells_an_address_in_use)
{
	struct running second;
	char endpoint[40];

	running_start(&r);
	running_prepare(&second, &echo_handler, NULL);
	snprintf(endpoint, sizeof endpoint, "127.0.0.1:%u", r.port);
	cr_assert(endpoint_parse(&second.endpoint, endpoint, true, &second.why));
	cr_assert_not(server_run(&second.options, &second.result, &second.why));
	cr_assert_eq(second.why.class, FAILURE_LOCAL_ADDRESS);
	cr_assert(strstr(second.why.text, endpoint), "%s", second.why.text);
	running_stop(&r);
}

Test(site, says_that_it_is_ready)
{
	char out[20];
	int ready[2];

	cr_assert_eq(pipe(ready), 0);
	r.options.ready_fd = ready[1];
	running_start(&r);
	cr_assert_eq(read(ready[0], out, sizeof out), 6);
	cr_assert_eq(memcmp(out, "READY\n", 6), 0);
	cr_assert_eq(read(ready[0], out, sizeof out), 0);
	running_stop(&r);
}

Test(site, serves_many_endpoints_and_cleans_up)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct endpoint endpoints[2];
	char text[sizeof to.sun_path + 8], out[10];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(to.sun_path, sizeof to.sun_path, "%s", running_path(&r, "socket"));
	snprintf(text, sizeof text, "unix:%s", to.sun_path);
	endpoints[0] = r.endpoint;
	cr_assert(endpoint_parse(&endpoints[1], text, true, &r.why));
	r.options.endpoints = endpoints;
	r.options.endpoint_count = 2;
	running_start(&r);
	cr_assert_eq(running_exchange(&r, "x", 1, out, sizeof out), 1);
	cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	cr_assert_str_eq(running_ask(fd, "y", out, sizeof out), "y");
	close(fd);
	running_stop(&r);
	cr_assert_neq(access(to.sun_path, F_OK), 0);
}
