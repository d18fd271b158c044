/* SPDX-License-Identifier: MIT */
/* src/get/report.c - what is told of a transfer, in words and as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/json.h>
#include <sockutil/base/number.h>
#include <sockutil/get/report.h>
#include <sockutil/stream/tls_info.h>

enum { BAR_WIDTH = 40 };

/* --- names ------------------------------------------------------------------------ */

/* What was given holds a password as it was typed, so it is only shown without one. */
const char *report_url(char *out, size_t size, const struct transfer_report *r)
{
	const char *scheme = strstr(r->url, "://"), *host = scheme ? scheme + 3 : r->url;
	const char *end = host + strcspn(host, "/?#");

	if (r->hop_count > 0 && r->hops[0].url) {
		snprintf(out, size, "%s", r->hops[0].url);
		return out;
	}
	for (const char *at = host; (at = memchr(at, '@', (size_t)(end - at))); host = ++at)
		;
	snprintf(out, size, "%.*s%s", scheme ? (int)(scheme + 3 - r->url) : 0, r->url, host);
	return out;
}

static const char *version_text(int major)
{
	return major == 2 ? "HTTP/2" : "HTTP/1";
}

static const struct transfer_hop *last_hop(const struct transfer_report *r)
{
	return r->hop_count > 0 ? &r->hops[r->hop_count - 1] : NULL;
}

/* When the whole ended, since its start. */
static int64_t ended_us(const struct transfer_report *r)
{
	int64_t end = 0;

	for (size_t i = 0; i < r->hop_count; i++) {
		const struct transfer_hop *h = &r->hops[i];
		const int64_t times[] = { h->started_us,    h->resolved_us, h->connected_us,
					  h->proxy_us,      h->tls_us,      h->sent_us,
					  h->first_byte_us, h->ended_us };

		for (size_t k = 0; k < sizeof times / sizeof *times; k++)
			end = times[k] > end ? times[k] : end;
	}
	return end;
}

static uint64_t rate_of(uint64_t bytes, int64_t us)
{
	return us > 0 ? (uint64_t)((double)bytes * 1e6 / (double)us) : bytes;
}

/* --- --timing --------------------------------------------------------------------- */

/* "[   =====                  ]": where from to until lies in 0 to whole. */
static void bar_text(char out[static BAR_WIDTH + 3], int64_t from, int64_t until, int64_t whole)
{
	double scale = whole > 0 ? (double)BAR_WIDTH / (double)whole : 0;
	int first = (int)((double)from * scale), last = (int)((double)until * scale);

	if (first > BAR_WIDTH - 1)
		first = BAR_WIDTH - 1;
	if (last > BAR_WIDTH)
		last = BAR_WIDTH;
	memset(out, ' ', BAR_WIDTH + 2);
	out[0] = '[';
	out[BAR_WIDTH + 1] = ']';
	out[BAR_WIDTH + 2] = '\0';
	out[1 + first] = '|'; /* too short for more */
	if (last > first)
		memset(out + 1 + first, '=', (size_t)(last - first));
}

static bool timing_line(struct buffer *out, const char *name, int64_t from, int64_t until,
			int64_t whole)
{
	char bar[BAR_WIDTH + 3];

	bar_text(bar, from, until, whole);
	return buffer_format(out, "  %-10s %9" PRId64 ".%03" PRId64 " ms  %s\n", name,
			     (until - from) / 1000, (until - from) % 1000, bar);
}

/* Each thing lasts from the end of the one before it that happened. */
static bool timing_hop(struct buffer *out, const struct transfer_hop *h, int64_t whole)
{
	const struct {
		const char *name;
		int64_t until;
	} steps[] = {
		{ "names", h->resolved_us }, { "connect", h->connected_us },
		{ "proxy", h->proxy_us },    { "TLS", h->tls_us },
		{ "request", h->sent_us },   { "answer", h->first_byte_us },
		{ "body", h->ended_us },
	};
	int64_t from = h->started_us;

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		/* An answer may come before all of the request is out. */
		if (steps[i].until < from)
			continue;
		if (!timing_line(out, steps[i].name, from, steps[i].until, whole))
			return false;
		from = steps[i].until;
	}
	return true;
}

static bool hop_line(struct buffer *out, const struct transfer_hop *h)
{
	char status[40] = "no answer";

	if (h->status)
		snprintf(status, sizeof status, "%d over %s", h->status, version_text(h->major));
	return buffer_format(out, "%s %s: %s%s%s%s\n", h->method, h->url, status,
			     h->peer[0] ? ", " : "", h->peer,
			     h->reused ? ", connection reused" : "");
}

bool report_timing(struct buffer *out, const struct transfer_report *r)
{
	int64_t whole = ended_us(r);

	for (size_t i = 0; i < r->hop_count; i++)
		if (!hop_line(out, &r->hops[i]) || !timing_hop(out, &r->hops[i], whole))
			return false;
	return timing_line(out, "total", 0, whole, whole);
}

/* --- --info json ------------------------------------------------------------------ */

static bool member_bytes(struct buffer *out, const char *key, bool known, uint64_t bytes)
{
	if (!known)
		return json_member(out, key, NULL);
	return json_member_integer(out, key, (int64_t)bytes);
}

static bool member_time(struct buffer *out, const char *key, int64_t us)
{
	return us < 0 || json_member_integer(out, key, us);
}

static bool hop_times(struct buffer *out, const struct transfer_hop *h)
{
	return json_key(out, "times_us") && buffer_add(out, "{", 1) &&
	       member_time(out, "started", h->started_us) &&
	       member_time(out, "resolved", h->resolved_us) &&
	       member_time(out, "connected", h->connected_us) &&
	       (h->proxy_us <= 0 || member_time(out, "proxy", h->proxy_us)) &&
	       member_time(out, "tls", h->tls_us) && member_time(out, "sent", h->sent_us) &&
	       member_time(out, "first_byte", h->first_byte_us) &&
	       member_time(out, "ended", h->ended_us) && buffer_add(out, "}", 1);
}

static bool hop_object(struct buffer *out, const struct transfer_hop *h, bool first)
{
	return buffer_add(out, first ? "{" : ",{", first ? 1 : 2) &&
	       json_member(out, "url", h->url) && json_member(out, "method", h->method) &&
	       member_bytes(out, "status", h->status > 0, (uint64_t)h->status) &&
	       json_member(out, "version", h->status ? version_text(h->major) : NULL) &&
	       json_member(out, "peer", h->peer[0] ? h->peer : NULL) &&
	       json_member_bool(out, "reused", h->reused) && tls_info_json(out, &h->tls) &&
	       hop_times(out, h) && buffer_add(out, "}", 1);
}

static bool hop_array(struct buffer *out, const struct transfer_report *r)
{
	if (!json_key(out, "hops") || !buffer_add(out, "[", 1))
		return false;
	for (size_t i = 0; r->hops && i < r->hop_count; i++)
		if (!hop_object(out, &r->hops[i], i == 0))
			return false;
	return buffer_add(out, "]", 1);
}

static bool failure_members(struct buffer *out, const struct failure *why)
{
	bool failed = why->class != FAILURE_NONE;

	return json_member_integer(out, "exit_status", failure_status(why->class)) &&
	       json_member(out, "failure", failed ? why->text : NULL);
}

bool report_transfer_json(struct buffer *out, const struct transfer_report *r, const char *checksum)
{
	const struct transfer_hop *last = last_hop(r);
	int status = last ? last->status : 0;
	char url[300];

	return buffer_add(out, "{", 1) && json_member(out, "url", report_url(url, sizeof url, r)) &&
	       member_bytes(out, "status", status > 0, (uint64_t)status) &&
	       json_member(out, "file", r->file) && json_member(out, "kept", r->kept) &&
	       json_member(out, "content_type", r->content_type[0] ? r->content_type : NULL) &&
	       member_bytes(out, "total", r->total_known, r->total) &&
	       member_bytes(out, "done", true, r->done) &&
	       member_bytes(out, "resumed", true, r->resumed) &&
	       member_bytes(out, "transferred", true, r->transferred) &&
	       (!checksum || json_member(out, "checksum", checksum)) &&
	       json_member_bool(out, "unchanged", r->unchanged) &&
	       json_member_bool(out, "complete_before", r->complete_before) &&
	       json_member_integer(out, "tries", r->tries) &&
	       member_time(out, "time_us", ended_us(r)) && hop_array(out, r) &&
	       failure_members(out, &r->failure) && buffer_add(out, "}\n", 2);
}

/* --- sentences -------------------------------------------------------------------- */

/* Hops that a redirect led to: the tries before them have the same URL. */
static size_t redirects_of(const struct transfer_report *r)
{
	size_t count = 0;

	for (size_t i = 1; i < r->hop_count; i++)
		count += strcmp(r->hops[i].url, r->hops[i - 1].url) != 0;
	return count;
}

/* Bytes that this run brought. */
static uint64_t brought(const struct transfer_report *r)
{
	return r->done > r->resumed ? r->done - r->resumed : 0;
}

static bool add_body(struct buffer *out, const struct transfer_report *r)
{
	const char *file = r->file ? r->file : "it";
	int64_t us = ended_us(r);
	char size[32], time[32], rate[32];

	if (r->unchanged)
		return buffer_format(out, ", %s is current", file);
	if (r->complete_before)
		return buffer_format(out, ", %s was complete", file);
	size_text(size, sizeof size, brought(r));
	duration_text(time, sizeof time, us / 1000);
	size_text(rate, sizeof rate, rate_of(brought(r), us));
	return buffer_format(out, ", %s in %s (%s/s)%s%s", size, time, rate, r->file ? " to " : "",
			     r->file ? r->file : "") &&
	       (!r->resumed || buffer_format(out, ", behind the %s that were there",
					     size_text(size, sizeof size, r->resumed)));
}

bool report_sentence(struct buffer *out, const struct transfer_report *r)
{
	const struct transfer_hop *last = last_hop(r);
	size_t redirects = redirects_of(r);
	char url[300];

	if (!buffer_format(out, "%s: ", report_url(url, sizeof url, r)) ||
	    !(last && last->status ? buffer_format(out, "%d", last->status)
				   : buffer_format(out, "no answer")) ||
	    !add_body(out, r))
		return false;
	return (r->tries <= 1 || buffer_format(out, "; %u tries", r->tries)) &&
	       (!redirects ||
		buffer_format(out, "; %zu redirect%s", redirects, redirects == 1 ? "" : "s"));
}

bool report_kept(struct buffer *out, const struct transfer_report *r)
{
	char done[32], total[32];

	size_text(done, sizeof done, r->done);
	size_text(total, sizeof total, r->total);
	return buffer_format(out, "kept %s (%s%s%s); --continue goes on", r->kept, done,
			     r->total_known ? " of " : "", r->total_known ? total : "");
}

/* --- --stats ---------------------------------------------------------------------- */

void report_totals_add(struct report_totals *t, const struct transfer_report *r)
{
	t->urls++;
	t->failed += r->failure.class != FAILURE_NONE;
	t->requests += r->hop_count;
	for (size_t i = 0; i < r->hop_count; i++)
		t->reused += r->hops[i].reused;
	t->done += brought(r);
	t->transferred += r->transferred;
}

bool report_totals_text(struct buffer *out, const struct report_totals *t)
{
	int64_t us = t->ended_us - t->started_us;
	char size[32], rate[32], time[32];

	return buffer_format(out, "%-12s %" PRIu64 ", %" PRIu64 " failed\n", "URLs", t->urls,
			     t->failed) &&
	       buffer_format(out, "%-12s %" PRIu64 ", %" PRIu64 " on open connections\n",
			     "requests", t->requests, t->reused) &&
	       buffer_format(out, "%-12s %" PRIu64 " bytes (%s), %s/s\n", "received",
			     t->transferred, size_text(size, sizeof size, t->transferred),
			     size_text(rate, sizeof rate, rate_of(t->transferred, us))) &&
	       buffer_format(out, "%-12s %" PRIu64 " bytes (%s)\n", "written", t->done,
			     size_text(size, sizeof size, t->done)) &&
	       buffer_format(out, "%-12s %s\n", "lasted",
			     duration_text(time, sizeof time, us / 1000));
}
