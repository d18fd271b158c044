/* SPDX-License-Identifier: MIT */
/* src/modes/connect_scan.c - which ports are open: --scan. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/json.h>
#include <sockutil/base/log.h>
#include <sockutil/connect/scan.h>
#include <sockutil/modes/connect_options.h>
#include <sockutil/modes/connect_scan.h>
#include <sockutil/modes/text_output.h>

#define AT(field) offsetof(struct connect_args, scan.field)

/* With more ports than these the table leaves out what is not open. */
enum { SHOWN_WHOLE = 20, OPERANDS_MAX = 4096 };

const struct option_row connect_scan_rows[] = {
	{
		.name = "scan",
		.letter = 'z',
		.type = OPTION_FLAG,
		.at = AT(scan),
		.group = "which ports are open",
		.help = "which ports of HOST are open: PORT, A-B, a list",
		.example = "--scan localhost 22,80,8000-8010",
		.conflicts =
			"send prompt recv-only send-only no-half-close quit-after keep-sending "
			"wait retry reconnect crlf telnet starttls exec shell preamble "
			"send-proxy proxy input output append progress digest info show-cert "
			"tls stats show-sockopts record hex idle-timeout max-time ws-text "
			"ws-framing ws-header ws-subprotocol ws-ping",
		.common = true,
	},
	{
		.name = "all",
		.type = OPTION_FLAG,
		.at = AT(all),
		.group = "which ports are open",
		.help = "status 0 only if all of them are open, not just one",
		.example = "--scan --all localhost 80,443",
		.needs = "scan",
	},
	{
		.name = "json",
		.type = OPTION_FLAG,
		.at = AT(json),
		.group = "which ports are open",
		.help = "one JSON object a port",
		.example = "--scan --json localhost 1-1024",
		.needs = "scan",
	},
	{
		.name = "jobs",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(jobs),
		.min = 1,
		.max = 1024,
		.fallback = "64",
		.unit = "ports",
		.group = "which ports are open",
		.help = "try so many at once",
		.example = "--scan --jobs 8 localhost 1-1024",
		.needs = "scan",
	},
	{ 0 },
};

struct scanning {
	const struct connect_args *args;
	bool whole; /* what is not open is shown too */
	bool headed;
	struct failure *why;
	bool failed;
};

/* --- what is shown ----------------------------------------------------------- */

static bool add_json(struct buffer *out, const struct scan_result *r)
{
	char address[ADDRESS_TEXT_MAX], service[64];

	scan_service(r->port, service);
	return buffer_add(out, "{", 1) && json_member_integer(out, "port", r->port) &&
	       json_member(out, "state", scan_state_names[r->state]) &&
	       json_member(out, "service", *service ? service : NULL) &&
	       json_member(out, "address", address_host(address, &r->address)) &&
	       json_key(out, "milliseconds") &&
	       buffer_format(out, "%lld.%03lld", (long long)r->us / 1000,
			     (long long)r->us % 1000) &&
	       json_member(out, "reason", r->error ? strerror(r->error) : NULL) &&
	       buffer_add(out, "}\n", 2);
}

static bool add_row(struct buffer *out, const struct scan_result *r)
{
	char address[ADDRESS_TEXT_MAX], service[64];

	return buffer_format(
		out, "%-6u%-10s%-16s%7lld.%03lld ms  %s%s%s\n", r->port, scan_state_names[r->state],
		scan_service(r->port, service), (long long)r->us / 1000, (long long)r->us % 1000,
		address_host(address, &r->address), r->state == SCAN_SILENT && r->error ? ": " : "",
		r->state == SCAN_SILENT && r->error ? strerror(r->error) : "");
}

static bool on_found(void *data, const struct scan_result *result)
{
	struct scanning *scanning = data;
	struct buffer text = { 0 };
	bool made = true;

	if (scanning->args->scan.json)
		made = add_json(&text, result);
	else if (scanning->whole || result->state == SCAN_OPEN)
		made = add_row(&text, result);
	if (!made)
		fail(scanning->why, FAILURE_OTHER, "out of memory");
	scanning->failed = !made || (text.length > 0 &&
				     !text_output(buffer_bytes(&text), text.length, scanning->why));
	buffer_free(&text);
	return !scanning->failed;
}

/* --- what is asked ----------------------------------------------------------- */

/* "HOST PORTS PORTS…": the lists become one. */
static bool join_lists(char **operands, size_t count, struct buffer *out, struct failure *why)
{
	for (size_t i = 1; i < count; ++i)
		if (!buffer_format(out, "%s%s", i > 1 ? "," : "", operands[i]) ||
		    out->length > OPERANDS_MAX) {
			fail(why, FAILURE_USAGE, "that is a very long list of ports: use ranges");
			return false;
		}
	return true;
}

/* One operand has host and port in it; what is no Internet address has no ports. */
static bool split_operand(const char *operand, struct endpoint *endpoint, struct failure *why)
{
	if (!endpoint_parse(endpoint, operand, false, why))
		return false;
	if (endpoint->kind == ENDPOINT_INTERNET && endpoint->scheme <= ENDPOINT_TCP)
		return true;
	fail(why, FAILURE_USAGE, "--scan %s: only TCP ports of a host can be scanned", operand);
	return false;
}

static bool read_operands(char **operands, size_t count, struct endpoint *endpoint,
			  struct port_list *ports, struct failure *why)
{
	struct buffer lists = { 0 };
	bool good;

	if (count == 0) {
		fail(why, FAILURE_USAGE, "--scan needs a host and its ports: --scan HOST 1-1024");
		return false;
	}
	if (count == 1)
		return split_operand(operands[0], endpoint, why) &&
		       port_list_parse(ports, endpoint->service, why);
	if (!endpoint_parse_pair(endpoint, operands[0], "1", why))
		return false;
	good = join_lists(operands, count, &lists, why) &&
	       port_list_parse(ports, buffer_text(&lists), why);
	buffer_free(&lists);
	return good;
}

/* Every port counts: open ones are what is hoped for. */
static bool judge(const struct connect_args *args, const char *host,
		  const struct scan_summary *summary, struct failure *why)
{
	const unsigned refused = summary->counts[SCAN_REFUSED];
	const unsigned silent = summary->counts[SCAN_SILENT];

	if (refused + silent > 0)
		log_info("%s: %u open, %u refused, %u without an answer", host,
			 summary->counts[SCAN_OPEN], refused, silent);
	if (args->scan.all ? refused + silent == 0 : summary->counts[SCAN_OPEN] > 0)
		return true;
	fail(why, refused > 0 ? FAILURE_CONNECT : FAILURE_TIMEOUT,
	     "%s: %s open (%u refused, %u without an answer)", host,
	     args->scan.all ? "not all are" : "nothing is", refused, silent);
	return false;
}

bool connect_scan(const struct connect_args *args, char **operands, size_t count,
		  const struct stream_options *stream, struct failure *why)
{
	struct port_list ports;
	struct endpoint endpoint;
	struct scanning scanning = { .args = args, .why = why };
	struct scan_options options = {
		.net = &stream->net,
		.host = endpoint.host,
		.ports = &ports,
		.jobs = (unsigned)args->scan.jobs,
		.timeout_ms = stream->timeout_ms,
		.found = on_found,
		.data = &scanning,
	};
	struct scan_summary summary;

	if (!read_operands(operands, count, &endpoint, &ports, why))
		return false;
	scanning.whole = ports.count <= SHOWN_WHOLE || args->common.verbose > 0;
	return scan_run(&options, &summary, why) && !scanning.failed &&
	       judge(args, endpoint.host, &summary, why);
}
