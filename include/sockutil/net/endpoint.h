/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_ENDPOINT_H
#define SOCKUTIL_NET_ENDPOINT_H
/*
 * Where to connect or listen, as the user wrote it. Parsing resolves nothing and opens nothing.
 *   HOST PORT · HOST:PORT · [V6]:PORT · :PORT · PORT (listening)      TCP
 *   unix:PATH · unix:@NAME · vsock:CID:PORT · fd:N · systemd:[NAME]
 *   tcp:// tls:// ws:// wss:// udp:// dtls:// + HOST:PORT[/PATH]
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

enum endpoint_kind {
	ENDPOINT_INTERNET, /* host and port: TCP, or UDP where the mode or scheme says so */
	ENDPOINT_UNIX,
	ENDPOINT_VSOCK,
	ENDPOINT_DESCRIPTOR, /* fd:N */
	ENDPOINT_SYSTEMD,
};

enum endpoint_scheme {
	ENDPOINT_PLAIN, /* no scheme written: the mode decides */
	ENDPOINT_TCP,
	ENDPOINT_TLS,
	ENDPOINT_WS,
	ENDPOINT_WSS,
	ENDPOINT_UDP,
	ENDPOINT_DTLS,
};

struct endpoint {
	enum endpoint_kind kind;
	enum endpoint_scheme scheme;
	char host[254];    /* INTERNET: name or IP literal without brackets, zone included; "" = any
			    * (listening) */
	char service[33];  /* INTERNET: port in digits, or a service name */
	int port;          /* INTERNET: 0-65535, -1 while service is a name */
	char path[109];    /* UNIX: path, or '@' and an abstract name */
	char target[1024]; /* WS, WSS: path and query, "/" unless written */
	char name[256];    /* SYSTEMD: the name after the colon, "" = all */
	unsigned vsock_cid; /* VSOCK: VMADDR_CID_ANY when written as "*" or empty (listening) */
	unsigned vsock_port;
	int descriptor;
};

/* One operand that holds everything. listening: ":PORT" and "PORT" are allowed. FAILURE_USAGE
 * names the text, what is wrong with it, and the form that was probably meant. Port 0 is for
 * listening alone. *out is set in every byte, so that equal endpoints compare equal by
 * memcmp(3); endpoint_text() of what was accepted parses to the same. */
bool endpoint_parse(struct endpoint *out, const char *text, bool listening, struct failure *why);

/* Host and port written as two operands; brackets around an IPv6 address are fine. Port 0 is
 * taken: the caller that connects refuses it. */
bool endpoint_parse_pair(struct endpoint *out, const char *host, const char *service,
			 struct failure *why);

/* Whether an operand names a host and no port, so that the next one is its port: a name, an IP
 * literal, [V6]. */
bool endpoint_is_host(const char *operand);

/*
 * All operands of a command, in order; "HOST PORT" pairs and single operands may be mixed.
 * Digits alone are a port, never a host: when listening `8080 9090` is two endpoints and
 * `localhost 8080` is one; a word that no port follows is a service (`http`). When connecting
 * exactly one endpoint must come out. *out is an array for the caller to free(), *count its
 * length (>= 1).
 */
bool endpoints_from_operands(struct endpoint **out, size_t *count, char *const *operands,
			     size_t operand_count, bool listening, struct failure *why);

/* Room for the text form (scheme and target included). */
enum { ENDPOINT_TEXT_MAX = 1400 };
/* "example.org:80", "[::1]:80", "unix:/path", "tls://example.org:443". Returns out. */
const char *endpoint_text(char out[static ENDPOINT_TEXT_MAX], const struct endpoint *endpoint);
#endif
