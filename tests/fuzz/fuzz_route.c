/* SPDX-License-Identifier: MIT */
/* fuzz_route.c - --resolve and --connect-to: what is accepted says the same when written again. */
#include "fuzz.h"

#include <sockutil/get/route.h>
#include <sockutil/net/address.h>

static bool has_upper(const char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			return true;
	return false;
}

static void write_again(char *out, size_t size, const struct get_route *r)
{
	char port[12] = "", to_port[12] = "";

	if (r->port)
		snprintf(port, sizeof port, "%d", r->port);
	if (r->to_port)
		snprintf(to_port, sizeof to_port, "%d", r->to_port);
	if (r->connect_to)
		snprintf(out, size, "[%s]:%s:[%s]:%s", r->host, port, r->to_host, to_port);
	else
		snprintf(out, size, "%s%s%s:%s:%s", *r->host ? "[" : "*", r->host,
			 *r->host ? "]" : "", port, r->to_host);
}

static void check(const char *text, bool connect_to)
{
	struct get_route first, again;
	struct failure why = { 0 };
	struct address address;
	char written[800];

	if (!route_parse(&first, text, connect_to, &why)) {
		fuzz_check(why.class == FAILURE_USAGE && *why.text);
		route_free(&first);
		return;
	}
	fuzz_check(first.connect_to == connect_to);
	fuzz_check(first.port >= 0 && first.port <= 65535 && first.to_port <= 65535);
	fuzz_check(!has_upper(first.host) && !has_upper(first.to_host));
	fuzz_check(connect_to ? *first.to_host || first.to_port
			      : first.port && address_parse_ip(first.to_host, 0, &address));
	/* Brackets inside are no way to write it again. */
	if (!strpbrk(first.host, "[]") && !strpbrk(first.to_host, "[]")) {
		write_again(written, sizeof written, &first);
		fuzz_check(route_parse(&again, written, connect_to, &why));
		fuzz_check(!strcmp(first.host, again.host) && first.port == again.port);
		fuzz_check(!strcmp(first.to_host, again.to_host) && first.to_port == again.to_port);
		route_free(&again);
	}
	route_free(&first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check(text, false);
	check(text, true);
	free(text);
	return 0;
}
