/* SPDX-License-Identifier: MIT */
/* src/connect/report.c - --info and --stats in words and in JSON. */
#include <inttypes.h>
#include <string.h>

#include <sockutil/base/json.h>
#include <sockutil/base/number.h>
#include <sockutil/connect/report.h>
#include <sockutil/stream/tls_info.h>

static const char *family_name(const struct address *address)
{
	switch (address->any.sa_family) {
	case AF_INET:
		return "IPv4";
	case AF_INET6:
		return "IPv6";
	case AF_UNIX:
		return "Unix";
	default:
		return "other";
	}
}

static bool line(struct buffer *out, const char *name, const char *value)
{
	return !value || !value[0] || buffer_format(out, "%-12s %s\n", name, value);
}

static bool line_time(struct buffer *out, const char *name, int64_t us)
{
	return us < 0 || buffer_format(out, "%-12s %" PRId64 ".%03" PRId64 " ms\n", name, us / 1000,
				       us % 1000);
}

static bool tls_lines(struct buffer *out, const struct tls_info *tls)
{
	return line(out, "tls", tls->version) && line(out, "cipher", tls->cipher) &&
	       line(out, "group", tls->group) && line(out, "alpn", tls->alpn) &&
	       line(out, "server name", tls->servername) &&
	       line(out, "verified", tls->verified ? "yes" : "no") &&
	       line(out, "resumed", tls->resumed ? "yes" : "no") &&
	       line(out, "subject", tls->subject) && line(out, "issuer", tls->issuer) &&
	       line(out, "expires", tls->not_after) && line(out, "sha256", tls->fingerprint) &&
	       line(out, "pin", tls->pin);
}

bool report_info_text(struct buffer *out, const struct endpoint *endpoint,
		      const struct stream_report *report)
{
	char text[ENDPOINT_TEXT_MAX], peer[ADDRESS_TEXT_MAX], local[ADDRESS_TEXT_MAX];

	return line(out, "endpoint", endpoint_text(text, endpoint)) &&
	       line(out, "peer", address_text(peer, &report->dial.peer)) &&
	       line(out, "local", address_text(local, &report->dial.local)) &&
	       line(out, "family", family_name(&report->dial.peer)) &&
	       buffer_format(out, "%-12s %u\n", "attempts", report->dial.attempts) &&
	       (!report->tls.version || tls_lines(out, &report->tls)) &&
	       line_time(out, "resolved", report->dial.resolved_us) &&
	       line_time(out, "connected", report->dial.connected_us) &&
	       (report->proxy_us <= 0 || line_time(out, "proxy done", report->proxy_us)) &&
	       line_time(out, "tls done", report->tls_us) &&
	       line_time(out, "open", report->open_us);
}

static bool member_time(struct buffer *out, const char *name, int64_t us)
{
	return us < 0 || json_member_integer(out, name, us);
}

bool report_info_json(struct buffer *out, const struct endpoint *endpoint,
		      const struct stream_report *report)
{
	char text[ENDPOINT_TEXT_MAX], peer[ADDRESS_TEXT_MAX], local[ADDRESS_TEXT_MAX];

	return buffer_add(out, "{", 1) &&
	       json_member(out, "endpoint", endpoint_text(text, endpoint)) &&
	       json_member(out, "peer", address_text(peer, &report->dial.peer)) &&
	       json_member(out, "local", address_text(local, &report->dial.local)) &&
	       json_member(out, "family", family_name(&report->dial.peer)) &&
	       json_member_integer(out, "attempts", report->dial.attempts) &&
	       (!report->tls.version || tls_info_json(out, &report->tls)) &&
	       json_key(out, "times_us") && buffer_add(out, "{", 1) &&
	       member_time(out, "resolved", report->dial.resolved_us) &&
	       member_time(out, "connected", report->dial.connected_us) &&
	       (report->proxy_us <= 0 || member_time(out, "proxy", report->proxy_us)) &&
	       member_time(out, "tls", report->tls_us) &&
	       member_time(out, "open", report->open_us) && buffer_add(out, "}}\n", 3);
}

static bool direction(struct buffer *out, const char *name, uint64_t bytes, int64_t us)
{
	char size[32], rate[32];
	uint64_t each_second = us > 0 ? (uint64_t)((double)bytes * 1e6 / (double)us) : bytes;

	return buffer_format(out, "%-12s %" PRIu64 " bytes (%s), %s/s\n", name, bytes,
			     size_text(size, sizeof(size), bytes),
			     size_text(rate, sizeof(rate), each_second));
}

bool report_statistics(struct buffer *out, const struct client_result *result)
{
	const struct relay_report *r = &result->report;
	int64_t us = r->ended_us - r->started_us;
	int64_t first = r->first_byte_us < 0 ? -1 : r->first_byte_us - r->started_us;
	char address[ADDRESS_TEXT_MAX];
	const struct buffer *kernel = &result->tcp_info;

	return line(out, "peer", address_text(address, &result->stream.dial.peer)) &&
	       direction(out, "sent", r->bytes[RELAY_UP], us) &&
	       direction(out, "received", r->bytes[RELAY_DOWN], us) &&
	       line_time(out, "open", result->stream.open_us) &&
	       line_time(out, "first byte", first) && line_time(out, "lasted", us) &&
	       (kernel->length == 0 || buffer_format(out, "%-12s %.*s\n", "tcp",
						     (int)kernel->length, buffer_bytes(kernel)));
}
