/* SPDX-License-Identifier: MIT */
/* src/proto/proxy_header_binary.c - the PROXY header of version 2. */
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#include <sockutil/proto/proxy_header_binary.h>

const char proxy_header_signature[PROXY_HEADER_SIGNATURE] = "\r\n\r\n\0\r\nQUIT\n";

/* Signature, version and command, family and transport, length of the rest. */
enum { HEAD = 16, AT_COMMAND = 12, AT_FAMILY = 13, AT_LENGTH = 14 };
enum { VERSION = 2, COMMAND_LOCAL = 0, COMMAND_PROXY = 1 };
enum { FAMILY_UNSPEC, FAMILY_V4, FAMILY_V6, FAMILY_UNIX, FAMILIES };
enum { TRANSPORT_UNSPEC, TRANSPORT_STREAM, TRANSPORT_DATAGRAM, TRANSPORTS };
enum { UNIX_PATH = 108, TLV_HEAD = 3, TLV_CRC32C = 3 };

/* Bytes of both addresses and ports. */
static const size_t address_bytes[FAMILIES] = {
	[FAMILY_V4] = 12,
	[FAMILY_V6] = 36,
	[FAMILY_UNIX] = 2 * UNIX_PATH,
};

static unsigned byte(const char *bytes, size_t at)
{
	return (unsigned char)bytes[at];
}

static size_t two_bytes(const char *bytes, size_t at)
{
	return byte(bytes, at) << 8 | byte(bytes, at + 1);
}

/* --- addresses ---------------------------------------------------------------- */

static void read_v4(const char *bytes, size_t which, struct sockaddr_storage *out,
		    socklen_t *length)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;

	v4->sin_family = AF_INET;
	memcpy(&v4->sin_addr, bytes + which * 4, 4);
	memcpy(&v4->sin_port, bytes + 8 + which * 2, 2);
	*length = sizeof *v4;
}

static void read_v6(const char *bytes, size_t which, struct sockaddr_storage *out,
		    socklen_t *length)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	v6->sin6_family = AF_INET6;
	memcpy(&v6->sin6_addr, bytes + which * 16, 16);
	memcpy(&v6->sin6_port, bytes + 32 + which * 2, 2);
	*length = sizeof *v6;
}

/* As the kernel gives it: a path with its NUL, an abstract name without one behind, or no name. */
static void read_unix(const char *bytes, size_t which, struct sockaddr_storage *out,
		      socklen_t *length)
{
	struct sockaddr_un *local = (struct sockaddr_un *)out;
	const char *path = bytes + which * UNIX_PATH;
	size_t used = 0;

	local->sun_family = AF_UNIX;
	if (path[0] != '\0') {
		used = strnlen(path, UNIX_PATH);
		used = used < UNIX_PATH ? used + 1 : used;
	} else {
		for (size_t i = 1; i < UNIX_PATH; i++)
			used = path[i] != '\0' ? i + 1 : used;
	}
	if (used > sizeof local->sun_path)
		used = sizeof local->sun_path;
	memcpy(local->sun_path, path, used);
	*length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + used);
}

static void read_addresses(struct proxy_header *out, unsigned family, const char *bytes)
{
	static void (*const readers[FAMILIES])(const char *bytes, size_t which,
					       struct sockaddr_storage *out, socklen_t *length) = {
		[FAMILY_V4] = read_v4,
		[FAMILY_V6] = read_v6,
		[FAMILY_UNIX] = read_unix,
	};

	readers[family](bytes, 0, &out->source, &out->source_length);
	readers[family](bytes, 1, &out->destination, &out->destination_length);
	out->known = true;
}

/* --- what stands behind them -------------------------------------------------- */

/* CRC-32C (RFC 4960, appendix B) of the header with zeroes where its own four bytes are. */
static uint32_t checksum(const char *bytes, size_t length, size_t zeroed)
{
	uint32_t sum = 0xffffffff;

	for (size_t i = 0; i < length; i++) {
		sum ^= i >= zeroed && i < zeroed + 4 ? 0 : byte(bytes, i);
		for (int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0x82f63b78 : 0);
	}
	return ~sum;
}

static bool checksum_fits(const char *bytes, size_t length, size_t at)
{
	const uint32_t told = (uint32_t)(two_bytes(bytes, at) << 16 | two_bytes(bytes, at + 2));

	return told == checksum(bytes, length, at);
}

/* The TLVs fill what the addresses leave. */
static bool check_rest(const char *bytes, size_t length, size_t at, struct failure *why)
{
	bool checked = false;

	while (at < length) {
		size_t size;

		if (length - at < TLV_HEAD)
			break;
		size = two_bytes(bytes, at + 1);
		if (length - at - TLV_HEAD < size)
			break;
		if (byte(bytes, at) == TLV_CRC32C) {
			if (checked || size != 4 || !checksum_fits(bytes, length, at + TLV_HEAD)) {
				fail(why, FAILURE_PROTOCOL,
				     "PROXY header: its checksum does not fit");
				return false;
			}
			checked = true;
		}
		at += TLV_HEAD + size;
	}
	if (at == length)
		return true;
	fail(why, FAILURE_PROTOCOL, "PROXY header: a TLV longer than the header");
	return false;
}

/* --- the header --------------------------------------------------------------- */

static bool check_head(const char *bytes, struct failure *why)
{
	const unsigned command = byte(bytes, AT_COMMAND), family = byte(bytes, AT_FAMILY);
	const size_t rest = two_bytes(bytes, AT_LENGTH);
	/* Of a proxy's own connection what else it says counts for nothing. */
	const bool is_proxied = (command & 15) != COMMAND_LOCAL;

	if (command >> 4 != VERSION)
		fail(why, FAILURE_PROTOCOL, "PROXY header: version %u, neither 1 nor 2",
		     command >> 4);
	else if ((command & 15) > COMMAND_PROXY)
		fail(why, FAILURE_PROTOCOL, "PROXY header: unknown command %u", command & 15);
	else if (is_proxied && (family >> 4 >= FAMILIES || (family & 15) >= TRANSPORTS))
		fail(why, FAILURE_PROTOCOL, "PROXY header: unknown family 0x%02x", family);
	else if (is_proxied && rest < address_bytes[family >> 4])
		fail(why, FAILURE_PROTOCOL, "PROXY header: %zu bytes are too few for its addresses",
		     rest);
	else
		return true;
	return false;
}

enum io proxy_header_binary_parse(struct proxy_header *out, const char *bytes, size_t length,
				  struct failure *why)
{
	const unsigned family = length < HEAD ? 0 : byte(bytes, AT_FAMILY) >> 4;
	size_t whole;

	if (length < HEAD)
		return IO_AGAIN;
	if (!check_head(bytes, why))
		return IO_FAILED;
	whole = HEAD + two_bytes(bytes, AT_LENGTH);
	if (length < whole)
		return IO_AGAIN;
	out->length = whole;
	if ((byte(bytes, AT_COMMAND) & 15) == COMMAND_LOCAL || family == FAMILY_UNSPEC)
		return IO_DONE;
	if (!check_rest(bytes, whole, HEAD + address_bytes[family], why))
		return IO_FAILED;
	if ((byte(bytes, AT_FAMILY) & 15) != TRANSPORT_UNSPEC)
		read_addresses(out, family, bytes + HEAD);
	return IO_DONE;
}

/* --- writing ------------------------------------------------------------------ */

static void write_v4(char *bytes, size_t which, const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const void *)address;

	memcpy(bytes + which * 4, &v4->sin_addr, 4);
	memcpy(bytes + 8 + which * 2, &v4->sin_port, 2);
}

static void write_v6(char *bytes, size_t which, const struct sockaddr *address)
{
	const struct sockaddr_in6 *v6 = (const void *)address;

	memcpy(bytes + which * 16, &v6->sin6_addr, 16);
	memcpy(bytes + 32 + which * 2, &v6->sin6_port, 2);
}

static void write_unix(char *bytes, size_t which, const struct sockaddr *address)
{
	const struct sockaddr_un *local = (const void *)address;
	size_t length = sizeof local->sun_path;

	if (local->sun_path[0] != '\0')
		length = strnlen(local->sun_path, length);
	memcpy(bytes + which * UNIX_PATH, local->sun_path, length < UNIX_PATH ? length : UNIX_PATH);
}

size_t proxy_header_binary_write(char out[static PROXY_HEADER_WRITTEN_MAX],
				 const struct sockaddr *source, const struct sockaddr *destination)
{
	static void (*const writers[FAMILIES])(char *bytes, size_t which,
					       const struct sockaddr *address) = {
		[FAMILY_V4] = write_v4,
		[FAMILY_V6] = write_v6,
		[FAMILY_UNIX] = write_unix,
	};
	const unsigned family = !source                         ? FAMILY_UNSPEC
				: source->sa_family == AF_INET  ? FAMILY_V4
				: source->sa_family == AF_INET6 ? FAMILY_V6
								: FAMILY_UNIX;

	memset(out, 0, PROXY_HEADER_WRITTEN_MAX);
	memcpy(out, proxy_header_signature, sizeof proxy_header_signature);
	out[AT_COMMAND] = (char)(VERSION << 4 | (source ? COMMAND_PROXY : COMMAND_LOCAL));
	out[AT_LENGTH + 1] = (char)address_bytes[family];
	if (source) {
		out[AT_FAMILY] = (char)(family << 4 | TRANSPORT_STREAM);
		writers[family](out + HEAD, 0, source);
		writers[family](out + HEAD, 1, destination);
	}
	return HEAD + address_bytes[family];
}
