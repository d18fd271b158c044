/* SPDX-License-Identifier: MIT */
/* Names in datagrams. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/net/resolve.h>
#include <sockutil/serve/gateway_names.h>

struct held {
	struct held *next;
	int port;
	size_t length;
	char bytes[];
};

/* Invariants: resolve is there exactly while the answer is not; held only then. */
struct name {
	struct gateway_names *names;
	struct resolve *resolve;
	struct held *held, **last;
	struct address address; /* length 0: it has none */
	int64_t until_ms;       /* the answer counts so long; 0: the place is free */
	char host[sizeof((struct endpoint *)0)->host];
};

struct gateway_names {
	struct gateway_names_options options;
	size_t bytes; /* of all that is held */
	struct name *items[GATEWAY_NAMES_MAX];
};

/* ------ what waits ------ */

/* An empty datagram takes memory too. */
static size_t held_cost(size_t length)
{
	return sizeof(struct held) + length;
}

static bool name_hold(struct name *name, int port, const void *bytes, size_t length)
{
	struct gateway_names *names = name->names;
	struct held *held;

	if (held_cost(length) > GATEWAY_NAMES_HELD_MAX - names->bytes)
		return false;
	held = malloc(held_cost(length));
	if (!held)
		return false;
	held->next = NULL;
	held->port = port;
	held->length = length;
	memcpy(held->bytes, bytes, length);
	names->bytes += held_cost(length);
	*name->last = held;
	name->last = &held->next;
	return true;
}

static void name_let_go(struct name *name, bool deliver)
{
	const struct gateway_names_options *options = &name->names->options;

	while (name->held) {
		struct held *held = name->held;

		name->held = held->next;
		name->names->bytes -= held_cost(held->length);
		if (deliver) {
			struct address to = name->address;

			address_set_port(&to, (unsigned)held->port);
			options->found(options->data, &to, held->bytes, held->length);
		}
		free(held);
	}
	name->last = &name->held;
}

/* ------ asking ------ */

static void name_answered(struct name *name)
{
	struct gateway_names *names = name->names;
	const bool known = name->address.length > 0;

	resolve_cancel(name->resolve);
	name->resolve = NULL;
	--*names->options.lookups;
	name->until_ms = clock_ms() + (known ? GATEWAY_NAMES_KNOWN_MS : GATEWAY_NAMES_UNKNOWN_MS);
	name_let_go(name, known);
}

/* IPv4 goes first: nobody tells whether a datagram has arrived, and hosts with both families as a
 * rule serve that one. */
static void name_resolved(void *data, int family, const struct address *addresses, size_t count,
			  const struct failure *why, bool more)
{
	struct name *name = data;
	const struct gateway_names_options *options = &name->names->options;

	(void)why;
	for (size_t i = 0; i < count; ++i) {
		if (name->address.any.sa_family == addresses[i].any.sa_family ||
		    name->address.any.sa_family == AF_INET ||
		    !options->accepts(options->data, &addresses[i]))
			continue;
		name->address = addresses[i];
	}
	if ((family == AF_INET && name->address.length > 0) || !more)
		name_answered(name);
}

static enum io name_begin(struct name *name, const char *host, int port, const void *bytes,
			  size_t length)
{
	const struct gateway_names_options *options = &name->names->options;
	struct endpoint endpoint;
	struct failure why = { 0 };
	char service[16];

	snprintf(service, sizeof(service), "%d", port);
	if (*options->lookups >= GATEWAY_NAMES_LOOKUPS_MAX ||
	    !endpoint_parse_pair(&endpoint, host, service, &why))
		return IO_FAILED;
	snprintf(name->host, sizeof(name->host), "%s", host);
	name->address = (struct address){ .length = 0 };
	name->last = &name->held;
	if (!name_hold(name, port, bytes, length))
		return IO_FAILED;
	++*options->lookups;
	name->resolve = resolve_start(options->loop, endpoint.host, endpoint.service, endpoint.port,
				      options->family, SOCK_DGRAM, name_resolved, name);
	return IO_AGAIN;
}

/* ------ the table ------ */

static struct name *name_find(struct gateway_names *names, const char *host, int64_t now)
{
	for (size_t i = 0; i < GATEWAY_NAMES_MAX; ++i) {
		struct name *name = names->items[i];

		if (name && (name->resolve || now < name->until_ms) &&
		    strcasecmp(name->host, host) == 0)
			return name;
	}
	return NULL;
}

/* A place that is free, or that of the answer which is the oldest. NULL: all of them are asked
 * for. */
static struct name *name_place(struct gateway_names *names)
{
	struct name *oldest = NULL;

	for (size_t i = 0; i < GATEWAY_NAMES_MAX; ++i) {
		struct name *name = names->items[i];

		if (!name) {
			names->items[i] = memory_zeroed(1, sizeof(*name));
			names->items[i]->names = names;
			return names->items[i];
		}
		if (!name->resolve && (!oldest || name->until_ms < oldest->until_ms))
			oldest = name;
	}
	return oldest;
}

enum io gateway_names_ask(struct gateway_names *names, const char *host, int port,
			  const void *bytes, size_t length, struct address *to)
{
	struct name *name = name_find(names, host, clock_ms());

	if (name && name->resolve)
		return name_hold(name, port, bytes, length) ? IO_AGAIN : IO_FAILED;
	if (name) {
		*to = name->address;
		address_set_port(to, (unsigned)port);
		return to->length > 0 ? IO_DONE : IO_FAILED;
	}
	name = name_place(names);
	if (!name)
		return IO_FAILED;
	name->until_ms = 0;
	return name_begin(name, host, port, bytes, length);
}

struct gateway_names *gateway_names_new(const struct gateway_names_options *options)
{
	struct gateway_names *names = memory_zeroed(1, sizeof(*names));

	names->options = *options;
	return names;
}

void gateway_names_free(struct gateway_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < GATEWAY_NAMES_MAX; ++i) {
		struct name *name = names->items[i];

		if (!name)
			continue;
		if (name->resolve) {
			resolve_cancel(name->resolve);
			--*names->options.lookups;
		}
		name_let_go(name, false);
		free(name);
	}
	free(names);
}
