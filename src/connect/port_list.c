/* SPDX-License-Identifier: MIT */
/* src/connect/port_list.c - which ports are to be tried. */
#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/connect/port_list.h>

enum { PART_MAX = 64 };

static bool is_in(const struct port_list *list, unsigned port)
{
	return list->bits[port / 64] >> (port % 64) & 1;
}

static void add(struct port_list *list, unsigned port)
{
	list->count += !is_in(list, port);
	list->bits[port / 64] |= UINT64_C(1) << (port % 64);
}

static bool parse_port(const char *text, unsigned *port)
{
	const struct servent *service;
	uint64_t number = 0;

	if (isdigit((unsigned char)*text)) {
		const bool good = number_parse(text, PORT_LIST_MAX, &number) && number > 0;

		*port = (unsigned)number;
		return good;
	}
	service = getservbyname(text, "tcp");
	*port = service ? ntohs((uint16_t)service->s_port) : 0;
	return service != NULL;
}

/* A name may have a hyphen in it, a range starts with a digit. */
static bool parse_part(struct port_list *out, char *part)
{
	char *hyphen = isdigit((unsigned char)*part) ? strchr(part, '-') : NULL;
	unsigned first, last;

	if (hyphen)
		*hyphen = '\0';
	if (!parse_port(part, &first))
		return false;
	last = first;
	if (hyphen && (!isdigit((unsigned char)hyphen[1]) || !parse_port(hyphen + 1, &last)))
		return false;
	for (unsigned port = first; port <= last; ++port)
		add(out, port);
	return first <= last;
}

bool port_list_parse(struct port_list *out, const char *text, struct failure *why)
{
	char part[PART_MAX];

	*out = (struct port_list){ .count = 0 };
	for (;;) {
		const size_t length = strcspn(text, ",");

		if (length < sizeof(part)) {
			memcpy(part, text, length);
			part[length] = '\0';
		}
		if (length == 0 || length >= sizeof(part) || !parse_part(out, part)) {
			fail(why, FAILURE_USAGE,
			     "\"%.*s\" is no port to scan; write it as 22, 1-1024 or "
			     "22,80,8000-8010",
			     length > PART_MAX ? PART_MAX : (int)length, text);
			return false;
		}
		if (!text[length])
			return true;
		text += length + 1;
	}
}

unsigned port_list_next(const struct port_list *list, unsigned after)
{
	for (unsigned port = after + 1; port <= PORT_LIST_MAX; ++port) {
		if (list->bits[port / 64] == 0)
			port |= 63;
		else if (is_in(list, port))
			return port;
	}
	return 0;
}
