/* SPDX-License-Identifier: MIT */
/* route.c - --resolve and --connect-to as the user wrote them. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/get/route.h>
#include <sockutil/net/address.h>

enum { PARTS = 4, PART_MAX = 300, PORT_MOST = 65535 };

/* The parts between colons outside brackets; brackets are taken off. */
struct parts {
	char text[PARTS][PART_MAX];
	size_t count;
};

static bool refuse(struct failure *why, bool connect_to, const char *text, const char *what)
{
	fail(why, FAILURE_USAGE, "%s: \"%.150s\": %s, as in %s",
	     connect_to ? "--connect-to" : "--resolve", text, what,
	     connect_to ? "www.example.org:80:localhost:8080" : "www.example.org:80:127.0.0.1");
	return false;
}

/* Up to the next colon outside brackets, or its end when it is the last one asked for. */
static size_t part_length(const char *text, bool last)
{
	const char *close = *text == '[' ? strchr(text, ']') : NULL;

	if (last)
		return strlen(text);
	return close ? (size_t)(close - text) + 1 + strcspn(close + 1, ":") : strcspn(text, ":");
}

static bool part_store(char out[static PART_MAX], const char *text, size_t length)
{
	bool bracketed = length > 1 && text[0] == '[' && text[length - 1] == ']';

	text += bracketed;
	length -= bracketed ? 2 : 0;
	if (length >= PART_MAX)
		return false;
	for (size_t i = 0; i < length; i++)
		out[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
	out[length] = '\0';
	return true;
}

/* wanted parts; colons in the last one are its own (an IPv6 address without brackets). */
static bool parts_of(struct parts *p, const char *text, size_t wanted)
{
	p->count = 0;
	while (p->count < wanted) {
		size_t length = part_length(text, p->count + 1 == wanted);

		if (!part_store(p->text[p->count++], text, length))
			return false;
		text += length;
		if (p->count < wanted && *text++ != ':')
			return false;
	}
	return true;
}

static bool port_of(const char *text, bool may_be_empty, int *port)
{
	uint64_t number = 0;

	*port = 0;
	if (!*text)
		return may_be_empty;
	if (!number_parse(text, PORT_MOST, &number) || number == 0)
		return false;
	*port = (int)number;
	return true;
}

static bool parse_resolve(struct get_route *out, const char *text, struct failure *why)
{
	struct address address;
	struct parts p;

	if (!parts_of(&p, text, 3))
		return refuse(why, false, text, "not HOST:PORT:ADDRESS");
	if (!p.text[0][0])
		return refuse(why, false, text, "a host (* is any) has to be in front");
	if (!port_of(p.text[1], false, &out->port))
		return refuse(why, false, text, "the port is 1-65535");
	if (!address_parse_ip(p.text[2], 0, &address))
		return refuse(why, false, text, "the address is one IPv4 or IPv6 address");
	out->host = memory_string(strcmp(p.text[0], "*") == 0 ? "" : p.text[0]);
	out->to_host = memory_string(p.text[2]);
	return true;
}

static bool parse_connect_to(struct get_route *out, const char *text, struct failure *why)
{
	struct parts p;

	if (!parts_of(&p, text, 4))
		return refuse(why, true, text, "not HOST:PORT:HOST2:PORT2");
	if (!port_of(p.text[1], true, &out->port) || !port_of(p.text[3], true, &out->to_port))
		return refuse(why, true, text, "a port is 1-65535 or empty");
	if (!p.text[2][0] && !p.text[3][0])
		return refuse(why, true, text, "HOST2 or PORT2 has to be there");
	out->host = memory_string(p.text[0]);
	out->to_host = memory_string(p.text[2]);
	return true;
}

bool route_parse(struct get_route *out, const char *text, bool connect_to, struct failure *why)
{
	*out = (struct get_route){ .connect_to = connect_to };
	return connect_to ? parse_connect_to(out, text, why) : parse_resolve(out, text, why);
}

void route_free(struct get_route *route)
{
	free((void *)(uintptr_t)route->host);
	free((void *)(uintptr_t)route->to_host);
	*route = (struct get_route){ 0 };
}
