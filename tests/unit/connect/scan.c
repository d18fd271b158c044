/* SPDX-License-Identifier: MIT */
/* tests/unit/connect/scan.c
 * Holds: open, refused and silent ports are told apart, in rising order, whatever answers first; a
 * name's addresses count together; many refusals at once do not pile up; the caller can stop; a
 * name that is none is a failure. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/connect/scan.h>

static struct net_options net;
static struct port_list ports;
static struct scan_summary summary;
static struct failure why;
static unsigned last, told, stop_after;
static enum scan_state states[65536];

static bool found(void *data, const struct scan_result *result)
{
	(void)data;
	cr_assert_gt(result->port, last);
	cr_assert_geq(result->us, 0);
	last = result->port;
	states[result->port] = result->state;
	return ++told != stop_after;
}

static bool scans(const char *host, const char *list, unsigned jobs)
{
	const struct scan_options options = {
		.net = &net,
		.host = host,
		.ports = &ports,
		.jobs = jobs,
		.timeout_ms = 5000,
		.found = found,
	};

	last = told = 0;
	cr_assert(port_list_parse(&ports, list, &why), "%s", why.text);
	return scan_run(&options, &summary, &why);
}

/* A port on 127.0.0.1; listening or only bound (which refuses). */
static unsigned bound(bool listening)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
	if (listening)
		cr_assert_eq(listen(fd, 5), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	return ntohs(address.sin_port);
}

TestSuite(scan, .timeout = 60);

Test(scan, open_and_refused)
{
	unsigned open = bound(true), refused = bound(false);
	char list[32];

	snprintf(list, sizeof list, "%u,%u", open, refused);
	cr_assert(scans("127.0.0.1", list, 64), "%s", why.text);
	cr_assert_eq(told, 2);
	cr_assert_eq(states[open], SCAN_OPEN);
	cr_assert_eq(states[refused], SCAN_REFUSED);
	cr_assert_eq(summary.counts[SCAN_OPEN], 1);
	cr_assert_eq(summary.counts[SCAN_REFUSED], 1);
}

Test(scan, addresses_of_a_name_count_together)
{
	unsigned open = bound(true);
	char list[32];

	snprintf(list, sizeof list, "%u", open);
	cr_assert(scans("localhost", list, 1), "%s", why.text);
	cr_assert_eq(states[open], SCAN_OPEN);
}

Test(scan, many_refusals_at_once)
{
	cr_assert(scans("127.9.9.9", "1-30000", 64), "%s", why.text);
	cr_assert_eq(told, 30000);
	cr_assert_eq(summary.counts[SCAN_OPEN] + summary.counts[SCAN_REFUSED] +
			     summary.counts[SCAN_SILENT],
		     30000);
}

Test(scan, a_full_queue_is_silence)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0), others[8];
	const struct scan_options options = { .net = &net,
					      .host = "127.0.0.1",
					      .ports = &ports,
					      .jobs = 2,
					      .timeout_ms = 200,
					      .found = found };
	char list[16];

	cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
	cr_assert_eq(listen(fd, 0), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	for (int i = 0; i < 8; i++) {
		others[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(others[i], (struct sockaddr *)&address, size);
	}
	snprintf(list, sizeof list, "%u", ntohs(address.sin_port));
	cr_assert(port_list_parse(&ports, list, &why));
	cr_assert(scan_run(&options, &summary, &why), "%s", why.text);
	cr_assert_eq(summary.counts[SCAN_SILENT], 1);
}

Test(scan, the_caller_stops_it)
{
	stop_after = 3;
	cr_assert(scans("127.9.9.9", "1-100", 8), "%s", why.text);
	cr_assert_eq(told, 3);
}

Test(scan, a_name_that_is_none)
{
	cr_assert_not(scans("no-such-host.invalid", "1", 1));
	cr_assert_eq(why.class, FAILURE_NAME);
	cr_assert_eq(told, 0);
}

Test(scan, names_of_services)
{
	char name[64];

	cr_assert_str_eq(scan_service(22, name), "ssh");
	cr_assert_str_eq(scan_service(65535, name), "");
}
