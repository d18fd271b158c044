/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_GATEWAY_NAMES_H
#define SOCKUTIL_SERVE_GATEWAY_NAMES_H
/*
 * Names in the datagrams of one UDP association: asked for in the background and remembered for a
 * while; datagrams wait meanwhile. All of it is bounded, and what does not fit is dropped, as
 * datagrams may be.
 */
#include <ev.h>
#include <stddef.h>

#include <sockutil/base/failure.h>
#include <sockutil/net/address.h>

enum {
	GATEWAY_NAMES_MAX = 16,             /* names of an association */
	GATEWAY_NAMES_HELD_MAX = 64 * 1024, /* bytes of its datagrams that wait */
	GATEWAY_NAMES_LOOKUPS_MAX = 32,     /* names asked for at once, by the whole process */
	GATEWAY_NAMES_KNOWN_MS = 60000,
	GATEWAY_NAMES_UNKNOWN_MS = 5000,
};

struct gateway_names;

struct gateway_names_options {
	struct ev_loop *loop;
	int family;        /* AF_UNSPEC, AF_INET, AF_INET6 */
	unsigned *lookups; /* shared by all associations */
	/* The first address of a name that this says yes to is taken. */
	bool (*accepts)(void *data, const struct address *address);
	/* A datagram that has waited may go there now. From the loop. */
	void (*found)(void *data, const struct address *to, const void *bytes, size_t length);
	void *data;
};

struct gateway_names *gateway_names_new(const struct gateway_names_options *options);
/* IO_DONE: *to is the address. IO_AGAIN: the datagram (copied) waits for it. IO_FAILED: it is not
 * known, or there is no room: the datagram is to be dropped. */
enum io gateway_names_ask(struct gateway_names *names, const char *host, int port,
			  const void *bytes, size_t length, struct address *to);
void gateway_names_free(struct gateway_names *names); /* NULL is fine */
#endif
