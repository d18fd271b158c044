/* SPDX-License-Identifier: MIT */
/* Which addresses are out of bounds for those whom a server connects. */
#include <arpa/inet.h>
#include <string.h>

#include <sockutil/net/private_address.h>

struct block {
	unsigned char start[16]; /* network byte order; IPv4: the first four */
	unsigned bits;
};

/* IANA IPv4 Special-Purpose Address Registry, and class D and E. */
static const struct block v4_private[] = {
	{ { 0 }, 8 },             /* this network; 0.0.0.0 is ourselves */
	{ { 10 }, 8 },            /* RFC 1918 */
	{ { 100, 64 }, 10 },      /* shared, RFC 6598 */
	{ { 127 }, 8 },           /* loopback */
	{ { 169, 254 }, 16 },     /* link-local */
	{ { 172, 16 }, 12 },      /* RFC 1918 */
	{ { 192, 0, 0 }, 24 },    /* protocol assignments */
	{ { 192, 0, 2 }, 24 },    /* documentation */
	{ { 192, 88, 99 }, 24 },  /* 6to4 relays, RFC 7526 */
	{ { 192, 168 }, 16 },     /* RFC 1918 */
	{ { 198, 18 }, 15 },      /* benchmarks */
	{ { 198, 51, 100 }, 24 }, /* documentation */
	{ { 203, 0, 113 }, 24 },  /* documentation */
	{ { 224 }, 4 },           /* multicast */
	{ { 240 }, 4 },           /* reserved, broadcast */
};

static const struct block v6_global = { { 0x20 }, 3 };

/* Inside 2000::/3. */
static const struct block v6_private[] = {
	{ { 0x20, 0x01, 0x00, 0x00 }, 23 }, /* protocol assignments, Teredo, ORCHID, benchmarks */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x3f, 0xff }, 20 },             /* documentation */
};

/* Prefixes that an IPv4 address follows, at that byte. */
static const struct {
	struct block prefix;
	unsigned at;
} v6_with_v4[] = {
	{ { { [10] = 0xff, 0xff }, 96 }, 12 },      /* mapped */
	{ { { 0x00, 0x64, 0xff, 0x9b }, 96 }, 12 }, /* NAT64, RFC 6052 */
	{ { { 0x20, 0x02 }, 16 }, 2 },              /* 6to4 */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool within(const unsigned char *bytes, const struct block *block)
{
	const unsigned whole = block->bits / 8, rest = block->bits % 8;

	return memcmp(bytes, block->start, whole) == 0 &&
	       (rest == 0 || (bytes[whole] ^ block->start[whole]) >> (8 - rest) == 0);
}

static bool within_any(const unsigned char *bytes, const struct block *blocks, size_t count)
{
	for (size_t i = 0; i < count; ++i)
		if (within(bytes, &blocks[i]))
			return true;
	return false;
}

static bool v4_is_private(const unsigned char bytes[static 4])
{
	return within_any(bytes, v4_private, COUNT(v4_private));
}

/* RFC 5214, 6.1: an interface identifier 0000:5efe or 0200:5efe and an IPv4 address. */
static bool is_isatap(const unsigned char bytes[static 16])
{
	return (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
}

static bool v6_is_private(const unsigned char bytes[static 16])
{
	for (size_t i = 0; i < COUNT(v6_with_v4); ++i)
		if (within(bytes, &v6_with_v4[i].prefix))
			return v4_is_private(bytes + v6_with_v4[i].at);
	return !within(bytes, &v6_global) || within_any(bytes, v6_private, COUNT(v6_private)) ||
	       (is_isatap(bytes) && v4_is_private(bytes + 12));
}

bool private_address(const struct address *address)
{
	unsigned char bytes[16];

	if (address->any.sa_family == AF_INET) {
		memcpy(bytes, &address->v4.sin_addr, 4);
		return v4_is_private(bytes);
	}
	if (address->any.sa_family != AF_INET6)
		return true;
	memcpy(bytes, &address->v6.sin6_addr, 16);
	return v6_is_private(bytes);
}

/* As IPv6, IPv4 in its mapped form. False: no IP address. */
static bool as_v6(const struct address *address, struct in6_addr *out)
{
	*out = (struct in6_addr){ 0 };
	if (address->any.sa_family == AF_INET6) {
		*out = address->v6.sin6_addr;
		return true;
	}
	out->s6_addr[10] = out->s6_addr[11] = 0xff;
	memcpy(&out->s6_addr[12], &address->v4.sin_addr, 4);
	return address->any.sa_family == AF_INET;
}

bool private_address_is_loopback(const struct address *address)
{
	struct in6_addr bytes;

	return as_v6(address, &bytes) &&
	       (IN6_IS_ADDR_LOOPBACK(&bytes) ||
		(IN6_IS_ADDR_V4MAPPED(&bytes) && bytes.s6_addr[12] == 127));
}

bool private_address_same_host(const struct address *a, const struct address *b)
{
	struct in6_addr first, second;

	return as_v6(a, &first) && as_v6(b, &second) && memcmp(&first, &second, sizeof(first)) == 0;
}
