/* SPDX-License-Identifier: MIT */
/* src/proto/proxy_header.c - who the client is, said by a proxy: what both versions share, and the
 * line of version 1. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/proxy_header.h>
#include <sockutil/proto/proxy_header_binary.h>

enum { LINE_MAX_BYTES = 107 };

/* --- what it begins with ------------------------------------------------------ */

/* The bytes of start, as far as they are there, against those that came. */
static enum proxy_header_start begins(const char *bytes, size_t length, const char *start,
				      size_t start_length)
{
	const size_t compared = length < start_length ? length : start_length;

	if (memcmp(bytes, start, compared) != 0)
		return PROXY_HEADER_NO;
	return length < start_length ? PROXY_HEADER_MAYBE : PROXY_HEADER_YES;
}

enum proxy_header_start proxy_header_starts(const char *bytes, size_t length)
{
	static const struct {
		const char *bytes;
		size_t length;
	} starts[] = {
		{ "PROXY TCP4 ", 11 },
		{ "PROXY TCP6 ", 11 },
		{ "PROXY UNKNOWN ", 14 },
		{ "PROXY UNKNOWN\r\n", 15 },
		{ proxy_header_signature, PROXY_HEADER_SIGNATURE },
	};
	enum proxy_header_start most = PROXY_HEADER_NO;

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		const enum proxy_header_start one =
			begins(bytes, length, starts[i].bytes, starts[i].length);

		if (one > most)
			most = one;
	}
	return most;
}

/* --- version 1: a line -------------------------------------------------------- */

enum { FIELDS = 4 };

struct field {
	const char *bytes;
	size_t length;
};

/* One blank between two fields, none elsewhere: an empty field is no address and no port. */
static bool split(const char *bytes, size_t length, struct field out[static FIELDS])
{
	const char *end = bytes + length;

	for (int i = 0; i < FIELDS; i++) {
		const char *blank = memchr(bytes, ' ', (size_t)(end - bytes));

		if ((i < FIELDS - 1) != (blank != NULL))
			return false;
		out[i].bytes = bytes;
		out[i].length = (size_t)((blank ? blank : end) - bytes);
		bytes = blank ? blank + 1 : end;
	}
	return true;
}

static bool read_port(const struct field *field, in_port_t *out)
{
	uint64_t port = 0;

	if (!number_parse_bytes(field->bytes, field->length, 65535, &port) ||
	    (field->length > 1 && field->bytes[0] == '0'))
		return false;
	*out = htons((uint16_t)port);
	return true;
}

/* Of IPv4 there is one way to write an address; systems differ in what else they take. */
static bool read_v4(const char *text, struct in_addr *out)
{
	char again[INET_ADDRSTRLEN];

	return inet_pton(AF_INET, text, out) == 1 && inet_ntop(AF_INET, out, again, sizeof again) &&
	       strcmp(text, again) == 0;
}

static bool read_address(int family, const struct field *host, const struct field *port,
			 struct sockaddr_storage *out, socklen_t *length)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	char text[INET6_ADDRSTRLEN];

	if (host->length >= sizeof text || memchr(host->bytes, '\0', host->length))
		return false;
	memcpy(text, host->bytes, host->length);
	text[host->length] = '\0';
	out->ss_family = (sa_family_t)family;
	*length = family == AF_INET ? sizeof *v4 : sizeof *v6;
	if (family == AF_INET)
		return read_v4(text, &v4->sin_addr) && read_port(port, &v4->sin_port);
	return inet_pton(AF_INET6, text, &v6->sin6_addr) == 1 && read_port(port, &v6->sin6_port);
}

/* Where the line ends: behind its CR LF; 0: not yet. A newline alone ends nothing. */
static bool find_end(const char *bytes, size_t length, size_t *end, struct failure *why)
{
	const size_t seen = length < LINE_MAX_BYTES ? length : LINE_MAX_BYTES;
	const char *newline = memchr(bytes, '\n', seen);

	*end = newline ? (size_t)(newline - bytes) + 1 : 0;
	if (newline && newline[-1] != '\r')
		fail(why, FAILURE_PROTOCOL, "PROXY header: the line does not end in CR LF");
	else if (!newline && length >= LINE_MAX_BYTES)
		fail(why, FAILURE_PROTOCOL, "PROXY header: a line of more than %d bytes",
		     LINE_MAX_BYTES);
	else
		return true;
	return false;
}

static enum io parse_line(struct proxy_header *out, const char *bytes, size_t length,
			  struct failure *why)
{
	enum { WORD = 11 }; /* "PROXY TCP4 " */
	struct field fields[FIELDS];
	size_t end;
	int family;

	if (!find_end(bytes, length, &end, why))
		return IO_FAILED;
	if (end == 0)
		return IO_AGAIN;
	out->length = end;
	if (bytes[6] == 'U')
		return IO_DONE;
	family = bytes[9] == '4' ? AF_INET : AF_INET6;
	if (!split(bytes + WORD, end - 2 - WORD, fields) ||
	    !read_address(family, &fields[0], &fields[2], &out->source, &out->source_length) ||
	    !read_address(family, &fields[1], &fields[3], &out->destination,
			  &out->destination_length))
		return fail(why, FAILURE_PROTOCOL,
			    "PROXY header: not two addresses and two ports: %.*s", (int)(end - 2),
			    bytes);
	out->known = true;
	return IO_DONE;
}

enum io proxy_header_parse(struct proxy_header *out, const char *bytes, size_t length,
			   struct failure *why)
{
	memset(out, 0, sizeof *out);
	switch (proxy_header_starts(bytes, length)) {
	case PROXY_HEADER_MAYBE:
		return IO_AGAIN;
	case PROXY_HEADER_YES:
		return bytes[0] == 'P' ? parse_line(out, bytes, length, why)
				       : proxy_header_binary_parse(out, bytes, length, why);
	default:
		return fail(why, FAILURE_PROTOCOL, "no PROXY header");
	}
}

/* --- writing ------------------------------------------------------------------ */

static size_t write_line(char out[static PROXY_HEADER_WRITTEN_MAX], const struct sockaddr *source,
			 const struct sockaddr *destination)
{
	const struct sockaddr *const addresses[] = { source, destination };
	char hosts[2][INET6_ADDRSTRLEN];
	unsigned ports[2];
	int family = source ? source->sa_family : AF_UNSPEC;

	if (family != AF_INET && family != AF_INET6)
		return (size_t)snprintf(out, PROXY_HEADER_WRITTEN_MAX, "PROXY UNKNOWN\r\n");
	for (int i = 0; i < 2; i++) {
		const struct sockaddr_in *v4 = (const void *)addresses[i];
		const struct sockaddr_in6 *v6 = (const void *)addresses[i];
		const void *host = family == AF_INET ? (const void *)&v4->sin_addr
						     : (const void *)&v6->sin6_addr;

		ports[i] = ntohs(family == AF_INET ? v4->sin_port : v6->sin6_port);
		inet_ntop(family, host, hosts[i], sizeof hosts[i]);
	}
	return (size_t)snprintf(out, PROXY_HEADER_WRITTEN_MAX, "PROXY TCP%c %s %s %u %u\r\n",
				family == AF_INET ? '4' : '6', hosts[0], hosts[1], ports[0],
				ports[1]);
}

/* IPv4 that came by a dual-stack socket; NULL: it is something else. */
static const struct sockaddr *unmapped(struct sockaddr_in *out, const struct sockaddr *address)
{
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address->sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		return NULL;
	memset(out, 0, sizeof *out);
	out->sin_family = AF_INET;
	out->sin_port = v6->sin6_port;
	memcpy(&out->sin_addr, v6->sin6_addr.s6_addr + 12, 4);
	return (const struct sockaddr *)out;
}

/* Both can be said: one family, and names where they are Unix sockets. */
static bool can_say(const struct sockaddr *source, const struct sockaddr *destination)
{
	const struct sockaddr_un *local = (const void *)source;

	if (!source || !destination || source->sa_family != destination->sa_family)
		return false;
	if (source->sa_family == AF_UNIX)
		return local->sun_path[0] != '\0' || local->sun_path[1] != '\0';
	return source->sa_family == AF_INET || source->sa_family == AF_INET6;
}

size_t proxy_header_write(char out[static PROXY_HEADER_WRITTEN_MAX], int version,
			  const struct sockaddr *source, const struct sockaddr *destination)
{
	struct sockaddr_in v4[2];
	const struct sockaddr *from = source ? unmapped(&v4[0], source) : NULL;
	const struct sockaddr *to = destination ? unmapped(&v4[1], destination) : NULL;

	/* A socket that takes both families has its own address in the client's. */
	if (from || to) {
		source = from ? from : source;
		destination = to ? to : destination;
	}
	if (!can_say(source, destination))
		source = destination = NULL;
	return version == 1 ? write_line(out, source, destination)
			    : proxy_header_binary_write(out, source, destination);
}
