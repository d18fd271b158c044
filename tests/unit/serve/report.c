/* SPDX-License-Identifier: MIT */
/* Holds: the lines of a server word for word, as text and as JSON; none of single connections when
 * the server is hushed; --stats. */
#include "serve_running.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/serve/echo.h>
#include <sockutil/serve/report.h>

static struct running r;

TestSuite(report, .timeout = 30);

/* One client with three bytes; its port. */
static unsigned one_client(void)
{
	struct sockaddr_in me;
	socklen_t length = sizeof me;
	char out[10];
	int fd;

	running_start(&r);
	fd = running_dial(&r);
	getsockname(fd, (struct sockaddr *)&me, &length);
	running_ask(fd, "abc", out, sizeof out);
	close(fd);
	running_wait_log(&r, "closed");
	running_stop(&r);
	return ntohs(me.sin_port);
}

Test(report, lines)
{
	char expected[400];
	unsigned port;

	running_prepare(&r, &echo_handler, NULL);
	port = one_client();
	snprintf(expected, sizeof expected,
		 "sockutil serve: listening on 127.0.0.1:%u\nsockutil serve: connected from "
		 "127.0.0.1:%u\n"
		 "sockutil serve: closed 127.0.0.1:%u: client ended; received 3 B, sent 3 B, ",
		 r.port, port, port);
	cr_assert_eq(strncmp(running_log(&r), expected, strlen(expected)), 0, "%s",
		     running_log(&r));
}

Test(report, hushed)
{
	char expected[400];

	running_prepare(&r, &echo_handler, NULL);
	r.options.hushed = true;
	running_start(&r);
	running_stop(&r);
	snprintf(expected, sizeof expected, "sockutil serve: listening on 127.0.0.1:%u\n", r.port);
	cr_assert_str_eq(running_log(&r), expected);
}

Test(report, events)
{
	char expected[400];
	unsigned port;

	running_prepare(&r, &echo_handler, NULL);
	log_open(&(struct log_options){ .command = "serve",
					.file = r.log,
					.level = LOG_LEVEL_NOTICE,
					.json = true,
					.batched = true },
		 &r.why);
	port = one_client();
	snprintf(expected, sizeof expected,
		 "\"address\":\"127.0.0.1:%u\",\"port\":%u,\"tls\":\"no\"}", r.port, r.port);
	cr_assert(strstr(running_log(&r), expected), "%s", running_log(&r));
	snprintf(expected, sizeof expected,
		 "\"peer\":\"127.0.0.1:%u\",\"listener\":\"127.0.0.1:%u\",\"connection\":1}", port,
		 r.port);
	cr_assert(strstr(running_log(&r), expected), "%s", running_log(&r));
	cr_assert(strstr(running_log(&r), "\"reason\":\"client ended\",\"status\":0}"), "%s",
		  running_log(&r));
}

Test(report, stats)
{
	running_prepare(&r, &echo_handler, NULL);
	r.options.stats = true;
	one_client();
	running_wait_log(&r, "connections: 1 served, 0 failed, 0 refused; received 3 B (");
}

Test(report, sums_workers_up)
{
	const struct server_totals totals[2] = {
		{ .served = 1, .refused = 2, .failed = 3, .received = 1024, .sent = 5 },
		{ .served = 10, .refused = 20, .failed = 30, .received = 1024, .sent = 50 },
	};

	running_prepare(&r, &echo_handler, NULL);
	report_stats(totals, 2, 2000);
	log_flush();
	cr_assert_str_eq(running_log(&r), "sockutil serve: connections: 11 served, 33 failed, 22 "
					  "refused; received 2 KiB (1 KiB/s), sent "
					  "55 B (27 B/s), 2.00s\n");
}
