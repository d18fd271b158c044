/* SPDX-License-Identifier: MIT */
/* src/proto/no_proxy.c - the list of hosts that need no proxy. */
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/no_proxy.h>

enum { V4_BYTES = 4, V6_BYTES = 16, V4_BITS = 32, V6_BITS = 128, PORT_MOST = 65535 };

/* Text that needs no NUL. */
struct piece {
	const char *bytes;
	size_t length;
};

/* Every address is one of IPv6: of IPv4 the mapped form. */
struct ip {
	unsigned char bytes[V6_BYTES];
	bool v4;
};

static bool ip_parse(struct ip *out, struct piece text)
{
	static const unsigned char mapped[V6_BYTES - V4_BYTES] = { [10] = 0xff, [11] = 0xff };
	const char *zone = memchr(text.bytes, '%', text.length);
	char copy[INET6_ADDRSTRLEN + 1];

	if (zone)
		text.length = (size_t)(zone - text.bytes);
	if (text.length == 0 || text.length >= sizeof(copy))
		return false;
	memcpy(copy, text.bytes, text.length);
	copy[text.length] = '\0';
	memcpy(out->bytes, mapped, sizeof(mapped));
	out->v4 = inet_pton(AF_INET, copy, out->bytes + sizeof(mapped)) == 1;
	if (out->v4)
		return true;
	if (inet_pton(AF_INET6, copy, out->bytes) != 1)
		return false;
	out->v4 = memcmp(out->bytes, mapped, sizeof(mapped)) == 0;
	return true;
}

static bool same_bits(const struct ip *a, const struct ip *b, size_t bits)
{
	const size_t whole = bits / 8;
	const unsigned rest = (unsigned)(bits % 8);

	if (memcmp(a->bytes, b->bytes, whole) != 0)
		return false;
	return rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

/* "192.0.2.0/24", or an address alone. */
static bool address_fits(struct piece entry, const struct ip *host)
{
	const char *slash = memchr(entry.bytes, '/', entry.length);
	struct piece address = entry;
	uint64_t bits = V6_BITS;
	struct ip net;

	if (slash)
		address.length = (size_t)(slash - entry.bytes);
	if (!ip_parse(&net, address) || net.v4 != host->v4)
		return false;
	if (slash) {
		const bool short_form = net.v4 && !memchr(address.bytes, ':', address.length);
		const uint64_t most = short_form ? V4_BITS : V6_BITS;

		if (!number_parse_bytes(slash + 1, entry.length - address.length - 1, most, &bits))
			return false;
		bits += V6_BITS - most;
	}
	return same_bits(&net, host, (size_t)bits);
}

/* The name itself, or one that ends with a dot and it. */
static bool name_fits(struct piece entry, struct piece host)
{
	if (entry.length >= 2 && memcmp(entry.bytes, "*.", 2) == 0) {
		entry.bytes++;
		entry.length--;
	}
	if (entry.length > 0 && *entry.bytes == '.') {
		entry.bytes++;
		entry.length--;
	}
	if (entry.length > 0 && entry.bytes[entry.length - 1] == '.')
		entry.length--;
	if (entry.length == 0 || entry.length > host.length)
		return false;
	host.bytes += host.length - entry.length;
	if (strncasecmp(host.bytes, entry.bytes, entry.length) != 0)
		return false;
	return entry.length == host.length || host.bytes[-1] == '.';
}

/* Cuts ":PORT" and brackets off. False: the entry is for another port, or malformed. */
static bool take_port(struct piece *entry, int port)
{
	const char *end = entry->bytes + entry->length;
	const bool bracketed = *entry->bytes == '[';
	const char *close = bracketed ? memchr(entry->bytes, ']', entry->length) : NULL;
	const char *from = close ? close + 1 : entry->bytes;
	const char *colon = memchr(from, ':', (size_t)(end - from));
	uint64_t number;

	if (bracketed && !close)
		return false;
	/* An IPv6 address without brackets has no port. */
	if (colon && !bracketed && memchr(colon + 1, ':', (size_t)(end - colon) - 1))
		return true;
	if (colon &&
	    (!number_parse_bytes(colon + 1, (size_t)(end - colon) - 1, PORT_MOST, &number) ||
	     (int)number != port))
		return false;
	if (colon)
		entry->length = (size_t)(colon - entry->bytes);
	if (!bracketed)
		return true;
	if (close + 1 < entry->bytes + entry->length) /* "[V6]/64" */
		return false;
	entry->bytes++;
	entry->length -= 2;
	return true;
}

static bool entry_fits(struct piece entry, struct piece host, const struct ip *ip, int port)
{
	struct ip address;

	if (!take_port(&entry, port) || entry.length == 0)
		return false;
	if (entry.length == 1 && *entry.bytes == '*')
		return true;
	if (ip)
		return address_fits(entry, ip);
	return !ip_parse(&address, entry) && name_fits(entry, host);
}

bool no_proxy_fits(const char *list, const char *host, int port)
{
	struct piece name = { .bytes = host, .length = strlen(host) };
	struct ip ip;
	const bool is_ip = ip_parse(&ip, name);

	if (name.length > 0 && host[name.length - 1] == '.')
		name.length--;
	while (list && *list) {
		const struct piece entry = { .bytes = list, .length = strcspn(list, ", \t\r\n") };

		if (entry.length > 0 && entry_fits(entry, name, is_ip ? &ip : NULL, port))
			return true;
		list += entry.length;
		list += strspn(list, ", \t\r\n");
	}
	return false;
}
