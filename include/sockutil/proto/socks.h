/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_SOCKS_H
#define SOCKUTIL_PROTO_SOCKS_H
/*
 * SOCKS 4, 4a and 5 (RFC 1928, user name and password by RFC 1929): what is said and what comes,
 * for both sides. Pure: bytes in, values out. Parsers: IO_DONE with *used bytes, IO_AGAIN: more is
 * needed (the caller bounds how much it holds: SOCKS_MESSAGE_MAX is enough for any message),
 * IO_FAILED: FAILURE_PROTOCOL.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>

enum { SOCKS_MESSAGE_MAX = 1024, SOCKS_HOST_MAX = 256, SOCKS_NAME_MAX = 256 };

enum socks_command { SOCKS_CONNECT = 1, SOCKS_BIND = 2, SOCKS_UDP_ASSOCIATE = 3 };
enum socks_method { SOCKS_METHOD_NONE = 0, SOCKS_METHOD_PASSWORD = 2, SOCKS_METHOD_REFUSED = 0xff };

/* Replies of version 5 (RFC 1928, 6); version 4 knows granted (90) and the rest (91). */
enum socks_reply {
	SOCKS_GRANTED,
	SOCKS_FAILED,
	SOCKS_NOT_ALLOWED,
	SOCKS_NETWORK_UNREACHABLE,
	SOCKS_HOST_UNREACHABLE,
	SOCKS_REFUSED,
	SOCKS_TTL_EXPIRED,
	SOCKS_COMMAND_UNKNOWN,
	SOCKS_ADDRESS_UNKNOWN,
};
/* "connection refused": for messages; any number. */
const char *socks_reply_text(int reply);

/* Where to: a name (version 5, 4a) or an address literal, as text; the codec picks the address type
 * from it. */
struct socks_address {
	char host[SOCKS_HOST_MAX]; /* IPv6 without brackets or zone */
	bool is_name;              /* host is no address literal */
	int port;                  /* 0-65535 */
};

/* ------ the client's side; each returns the number of bytes put into out ------ */

/* Version 4 and 4a. user: "" for none. 0: the host does not fit this version (IPv6, or a name with
 * a_form false), or the user or name is over 255 bytes. */
size_t socks4_write_request(char out[static SOCKS_MESSAGE_MAX], enum socks_command command,
			    const struct socks_address *to, const char *user, bool a_form);
enum io socks4_parse_reply(const char *bytes, size_t length, int *code, struct socks_address *bound,
			   size_t *used, struct failure *why);

size_t socks5_write_greeting(char out[static SOCKS_MESSAGE_MAX], bool with_password);
enum io socks5_parse_choice(const char *bytes, size_t length, int *method, size_t *used,
			    struct failure *why);
/* RFC 1929; each 1 to 255 bytes. 0: one is longer or empty. */
size_t socks5_write_login(char out[static SOCKS_MESSAGE_MAX], const char *user,
			  const char *password);
enum io socks5_parse_login_reply(const char *bytes, size_t length, bool *accepted, size_t *used,
				 struct failure *why);
/* 0: a name of over 255 bytes. */
size_t socks5_write_request(char out[static SOCKS_MESSAGE_MAX], enum socks_command command,
			    const struct socks_address *to);
/* All three address types (a name too). A refusal is read no further than its code (*used is 2,
 * bound is empty): nothing of use follows it, and some servers leave the rest out. */
enum io socks5_parse_reply(const char *bytes, size_t length, int *reply,
			   struct socks_address *bound, size_t *used, struct failure *why);

/* ------ the server's side ------ */

/* A command other than CONNECT and BIND is a failure at its byte; a name or user over 255 bytes
 * too.
 */
enum io socks4_parse_request(const char *bytes, size_t length, enum socks_command *command,
			     struct socks_address *to, char user[static SOCKS_NAME_MAX],
			     size_t *used, struct failure *why);
/* bound: NULL, or no IPv4 address: written as zeros. */
size_t socks4_write_reply(char out[static SOCKS_MESSAGE_MAX], bool granted,
			  const struct socks_address *bound);
/* methods: bit n is set when method n (below 32) is offered. */
enum io socks5_parse_greeting(const char *bytes, size_t length, uint32_t *methods, size_t *used,
			      struct failure *why);
size_t socks5_write_choice(char out[static SOCKS_MESSAGE_MAX], int method);
/* Empty texts and NULs are malformed: no user or password of ours has them. */
enum io socks5_parse_login(const char *bytes, size_t length, char user[static SOCKS_NAME_MAX],
			   char password[static SOCKS_NAME_MAX], size_t *used, struct failure *why);
size_t socks5_write_login_reply(char out[static SOCKS_MESSAGE_MAX], bool accepted);
/* *reply: what to answer when it fails (SOCKS_COMMAND_UNKNOWN, SOCKS_ADDRESS_UNKNOWN,
 * SOCKS_FAILED).
 */
enum io socks5_parse_request(const char *bytes, size_t length, enum socks_command *command,
			     struct socks_address *to, int *reply, size_t *used,
			     struct failure *why);
/* bound: NULL is 0.0.0.0:0. */
size_t socks5_write_reply(char out[static SOCKS_MESSAGE_MAX], int reply,
			  const struct socks_address *bound);

/* ------ datagrams (RFC 1928, 7) ------ */

/* A header at the front of a datagram; *used: its length, data follows. False: malformed or a
 * fragment (not taken). The writer's result is 0 for a name of over 255 bytes. */
bool socks5_parse_datagram(const char *bytes, size_t length, struct socks_address *to,
			   size_t *used);
size_t socks5_write_datagram(char out[static SOCKS_MESSAGE_MAX], const struct socks_address *from);
#endif
