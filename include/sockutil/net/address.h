/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_ADDRESS_H
#define SOCKUTIL_NET_ADDRESS_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Room for every text address_text() makes: "[v6%zone]:port", "unix:PATH", "unix:@NAME",
 * "vsock:CID:PORT". */
enum { ADDRESS_TEXT_MAX = 160 };

struct address {
	socklen_t length;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_un local;
		struct sockaddr_storage storage;
	};
};

/* "127.0.0.1:80", "[::1]:80", "[fe80::1%eth0]:80", "unix:/path", "unix:@name", "unix:"
 * (unnamed), "vsock:2:80". IPv4-mapped IPv6 addresses are shown as IPv4. Returns out. */
const char *address_text(char out[static ADDRESS_TEXT_MAX], const struct address *address);
/* Host alone, without port and brackets ("" when there is none), and the port (0 when there is
 * none). */
const char *address_host(char out[static ADDRESS_TEXT_MAX], const struct address *address);
unsigned address_port(const struct address *address);
void address_set_port(struct address *address, unsigned port);

/* Digits-and-dots IPv4 (a full dotted quad only) or IPv6 with an optional %zone; no names, no
 * brackets. */
bool address_parse_ip(const char *text, unsigned port, struct address *out);

/* A Unix-domain address from PATH, or from '@' and an abstract name (Linux). False when it is
 * empty or too long for sun_path, or abstract where the system has no such names. */
bool address_unix(struct address *out, const char *path);
/* Longest path address_unix() takes, in bytes; an abstract name has the same length with its
 * '@'. */
enum { ADDRESS_UNIX_PATH_MAX = sizeof((struct sockaddr_un *)0)->sun_path - 1 };

/* What only some systems have (vsock(7), abstract names of unix(7)): asked before use, so that
 * the refusal can say so. */
bool address_has_abstract(void);
bool address_has_vsock(void);
/* A vsock address; false where the system has none. */
bool address_vsock(struct address *out, unsigned cid, unsigned port);
/* True for a vsock address, with its context and port. */
bool address_is_vsock(const struct address *address, unsigned *cid, unsigned *port);

/* Peer and own address of a socket; false when the kernel has none. */
bool address_of_peer(int fd, struct address *out);
bool address_of_socket(int fd, struct address *out);
#endif
