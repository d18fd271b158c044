/* SPDX-License-Identifier: MIT */
/* The counters of a server as OpenMetrics text. */
#include <stdio.h>
#include <string.h>

#include <sockutil/serve/metrics.h>
#include <sockutil/serve/report.h>
#include <sockutil/serve/server.h>

struct sample {
	const char *name, *type, *unit, *help;
	double value;
};

static bool add_sample(struct buffer *out, const struct sample *sample)
{
	char text[512];
	const bool counter = strcmp(sample->type, "counter") == 0;
	int length = snprintf(text, sizeof(text), "# TYPE %s %s\n", sample->name, sample->type);

	if (*sample->unit)
		length += snprintf(text + length, sizeof(text) - (size_t)length, "# UNIT %s %s\n",
				   sample->name, sample->unit);
	length += snprintf(text + length, sizeof(text) - (size_t)length,
			   "# HELP %s %s\n%s%s %.16g\n", sample->name, sample->help, sample->name,
			   counter ? "_total" : "", sample->value);
	return buffer_add(out, text, (size_t)length);
}

bool metrics_text(struct buffer *out, const struct server_totals *totals, unsigned workers,
		  double started)
{
	static const char build[] = "# TYPE sockutil_build info\n# HELP sockutil_build What runs.\n"
				    "sockutil_build_info{version=\"" SOCKUTIL_VERSION "\"} 1\n";
	static const char end[] = "# EOF\n";
	const struct server_totals sum = report_sum(totals, workers);
	const struct sample samples[] = {
		{ "sockutil_connections_open", "gauge", "", "Connections open now.",
		  (double)sum.open },
		{ "sockutil_connections_accepted", "counter", "", "Connections taken.",
		  (double)sum.accepted },
		{ "sockutil_connections_failed", "counter", "",
		  "Connections that did not end in order.", (double)sum.failed },
		{ "sockutil_connections_refused", "counter", "",
		  "Connections closed at once by a rule or limit.", (double)sum.refused },
		{ "sockutil_received_bytes", "counter", "bytes",
		  "Bytes that ended connections have sent us.", (double)sum.received },
		{ "sockutil_sent_bytes", "counter", "bytes",
		  "Bytes that ended connections got from us.", (double)sum.sent },
		{ "sockutil_workers", "gauge", "", "Processes that serve.", workers },
		{ "sockutil_start_time_seconds", "gauge", "seconds",
		  "When the server began, in seconds since 1970.", started },
	};

	if (!buffer_add(out, build, sizeof(build) - 1))
		return false;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); ++i)
		if (!add_sample(out, &samples[i]))
			return false;
	return buffer_add(out, end, sizeof(end) - 1);
}
