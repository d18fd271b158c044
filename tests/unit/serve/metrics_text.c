/* SPDX-License-Identifier: MIT */
/*
 * Holds: the counters of all workers are summed; open ones too; each
 * family has type, unit and help, counters their suffix, and the text its end.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/serve/metrics.h>
#include <sockutil/serve/server.h>

Test(metrics_text, sums_the_workers)
{
	const struct server_totals totals[] = {
		{ .open = 3,
		  .accepted = 10,
		  .served = 7,
		  .refused = 1,
		  .failed = 2,
		  .received = 5,
		  .sent = 6 },
		{ .accepted = 5, .served = 5, .refused = 0, .failed = 1, .received = 1, .sent = 2 },
	};
	struct buffer out = { 0 };
	const char *text;

	cr_assert(metrics_text(&out, totals, 2, 1700000000.0));
	text = buffer_text(&out);
	cr_assert(strstr(text, "# TYPE sockutil_connections_open gauge\n"
			       "# HELP sockutil_connections_open Connections open now.\n"
			       "sockutil_connections_open 3\n"));
	cr_assert(strstr(text, "\nsockutil_connections_accepted_total 15\n"));
	cr_assert(strstr(text, "\nsockutil_connections_failed_total 3\n"));
	cr_assert(strstr(text, "\nsockutil_connections_refused_total 1\n"));
	cr_assert(strstr(text, "# UNIT sockutil_received_bytes bytes\n"));
	cr_assert(strstr(text, "\nsockutil_received_bytes_total 6\n"));
	cr_assert(strstr(text, "\nsockutil_sent_bytes_total 8\n"));
	cr_assert(strstr(text, "\nsockutil_workers 2\n"));
	cr_assert(strstr(text, "\nsockutil_start_time_seconds 1700000000\n"));
	cr_assert_str_eq(text + strlen(text) - 6, "# EOF\n");
	buffer_free(&out);
}

Test(metrics_text, large_counters_are_exact)
{
	const struct server_totals totals = { .sent = 9007199254740992 };
	struct buffer out = { 0 };

	cr_assert(metrics_text(&out, &totals, 1, 0));
	cr_assert(strstr(buffer_text(&out), "\nsockutil_sent_bytes_total 9007199254740992\n"));
	buffer_free(&out);
}
