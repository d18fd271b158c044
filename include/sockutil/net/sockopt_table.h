/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_SOCKOPT_TABLE_H
#define SOCKUTIL_NET_SOCKOPT_TABLE_H
/* The rows behind net/sockopt.h: what every system has, and what this one adds. For the files of
 * net/sockopt alone. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <sockutil/base/buffer.h>
#include <sockutil/net/sockopt.h>

/* Room for any value that can be written as text, and for any that is read (TCP_INFO is the
 * longest). */
enum { SOCKOPT_VALUE_MAX = 32, SOCKOPT_READ_MAX = 1024 };

/* A value as setsockopt(2) takes it. */
struct sockopt_value {
	_Alignas(8) unsigned char bytes[SOCKOPT_VALUE_MAX];
	socklen_t length;
};

struct sockopt_row;

/* How the values of an option are written and shown. */
struct sockopt_kind {
	const char
		*expected; /* for "NAME=VALUE: expected ..."; NULL: it cannot be written as text */
	bool (*parse)(const struct sockopt_row *row, const char *text, struct sockopt_value *out);
	/* bytes are aligned for any type. false: the kernel gave something else, the line is left
	 * out. */
	bool (*print)(const struct sockopt_row *row, const void *bytes, socklen_t length,
		      struct buffer *out);
	bool (*print_of)(int fd,
			 struct buffer *out); /* instead of print: reads for itself; or NULL */
};

/* The sockets an option is for. A dual-stack IPv6 socket is IP4 as well. */
enum sockopt_family {
	SOCKOPT_FOR_TCP = 1,
	SOCKOPT_FOR_UDP = 2,
	SOCKOPT_FOR_IP4 = 4,
	SOCKOPT_FOR_IP6 = 8,
	SOCKOPT_FOR_UNIX = 16,
	SOCKOPT_FOR_VSOCK = 32,
	SOCKOPT_FOR_OTHER = 64,
	SOCKOPT_FOR_INTERNET = SOCKOPT_FOR_IP4 | SOCKOPT_FOR_IP6,
	SOCKOPT_FOR_ALL = 127,
};

enum sockopt_access {
	SOCKOPT_READ = 1,
	SOCKOPT_SET = 2,
	SOCKOPT_BOTH = SOCKOPT_READ | SOCKOPT_SET,
	SOCKOPT_NEITHER = 0, /* a name we know and say so */
};

/* A value's name, as the manual page has it. The list ends with NULL. */
struct sockopt_word {
	const char *name;
	int value;
};

struct sockopt_row {
	const char *name; /* the C constant; NULL ends a table */
	int level;
	int constant;
	const struct sockopt_kind *kind;
	unsigned families; /* enum sockopt_family */
	enum sockopt_moment moment;
	enum sockopt_access access;
	const struct sockopt_word *words; /* of sockopt_kind_word */
};

/* One row of a table. */
#define SOCKOPT_ROW(option, at, type, fits, when, how)                                             \
	{                                                                                          \
		.name = #option, .level = (at), .constant = (option),                              \
		.kind = &sockopt_kind_##type, .families = (fits), .moment = SOCKOPT_##when,        \
		.access = SOCKOPT_##how,                                                           \
	}
/* One whose values have names. */
#define SOCKOPT_WORD_ROW(option, at, list, fits, how)                                              \
	{                                                                                          \
		.name = #option, .level = (at), .constant = (option), .kind = &sockopt_kind_word,  \
		.families = (fits), .moment = SOCKOPT_BEFORE_BIND, .access = SOCKOPT_##how,        \
		.words = (list),                                                                   \
	}

extern const struct sockopt_kind sockopt_kind_bool;
extern const struct sockopt_kind sockopt_kind_integer;  /* int */
extern const struct sockopt_kind sockopt_kind_hops;     /* int, 1-255 */
extern const struct sockopt_kind sockopt_kind_unsigned; /* 32 bits; K M G */
extern const struct sockopt_kind sockopt_kind_size;     /* int, bytes; K M G */
extern const struct sockopt_kind sockopt_kind_long;     /* 64 bits; K M G */
extern const struct sockopt_kind sockopt_kind_rate;     /* unsigned long, bytes a second */
extern const struct sockopt_kind sockopt_kind_seconds;  /* int */
extern const struct sockopt_kind sockopt_kind_milliseconds;
extern const struct sockopt_kind sockopt_kind_microseconds;
extern const struct sockopt_kind sockopt_kind_timeval;
extern const struct sockopt_kind sockopt_kind_linger;
extern const struct sockopt_kind sockopt_kind_text;   /* at most 15 bytes */
extern const struct sockopt_kind sockopt_kind_device; /* an interface by its name */
extern const struct sockopt_kind
	sockopt_kind_interface; /* an interface by its index, shown by name */
extern const struct sockopt_kind
	sockopt_kind_interface_network; /* the same in network byte order */
extern const struct sockopt_kind sockopt_kind_word;
extern const struct sockopt_kind sockopt_kind_dscp;      /* the upper six bits of an int */
extern const struct sockopt_kind sockopt_kind_address4;  /* struct in_addr */
extern const struct sockopt_kind sockopt_kind_group4;    /* struct ip_mreqn: GROUP[%INTERFACE] */
extern const struct sockopt_kind sockopt_kind_source4;   /* struct ip_mreq_source: GROUP,SOURCE */
extern const struct sockopt_kind sockopt_kind_group6;    /* struct ipv6_mreq: GROUP[%INTERFACE] */
extern const struct sockopt_kind sockopt_kind_structure; /* neither written nor shown */

/* What POSIX systems share, and what this one adds. */
extern const struct sockopt_row sockopt_table_common[];
extern const struct sockopt_row sockopt_table_system[];
/* Names other systems have; ends with NULL. */
extern const char *const sockopt_table_elsewhere[];

/* Every row, common ones first; more than SOCKOPT_ROWS_MAX there are not. Returns how many. */
enum { SOCKOPT_ROWS_MAX = 256 };
size_t sockopt_rows(const struct sockopt_row *rows[static SOCKOPT_ROWS_MAX]);

/* What a name without its prefix is: "TCP_NODELAY" -> "NODELAY". */
const char *sockopt_name_bare(const char *name);

/* A name as the user wrote it and what was found: one or two rows (two: a word for both IP
 * families). */
bool sockopt_find(const char *typed, const struct sockopt_row *found[static 2],
		  struct failure *why);

/* enum sockopt_family of a socket; 0 when fd is not one. */
unsigned sockopt_families_of(int fd);
#endif
