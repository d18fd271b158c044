/* SPDX-License-Identifier: MIT */
/* tests/unit/proto/proxy_header_binary.c
 * Holds: version 2 is written byte for byte (IPv4, IPv6, Unix, LOCAL); it is read with TLVs behind
 * the addresses, which have to fit; a checksum has to be right; what is unknown of version, command
 * and family is refused; LOCAL and unspecified families tell no addresses; names of Unix sockets
 * come as the kernel gives them. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <sockutil/proto/proxy_header_binary.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
/* 192.0.2.1:4711 to 198.51.100.2:80 */
#define V4 "\xc0\x00\x02\x01\xc6\x33\x64\x02\x12\x67\x00\x50"

/* the CRC-32C of a header with these addresses and the sum alone (zeroes in its place), as another
 * implementation has it whose sum of "123456789" is e3069283 */
#define SUM "\x50\xef\x26\x9e"

static struct proxy_header header;
static struct failure why;

static enum io parse(const char *bytes, size_t length)
{
	/* In memory of its own, so that a byte behind it is noticed. */
	char *copy = malloc(length);
	enum io r;

	why = (struct failure){ 0 };
	memcpy(copy, bytes, length);
	r = proxy_header_parse(&header, copy, length, &why);
	free(copy);
	return r;
}

#define PARSE(text) parse(text, sizeof(text) - 1)

static void expect_refused(enum io r, const char *text)
{
	cr_assert_eq(r, IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, text);
	cr_assert_not(header.known);
}

static void expect_v4(void)
{
	const struct sockaddr_in *from = (const void *)&header.source,
				 *to = (const void *)&header.destination;

	cr_assert(header.known);
	cr_assert_eq(from->sin_family, AF_INET);
	cr_assert_eq(ntohl(from->sin_addr.s_addr), 0xc0000201);
	cr_assert_eq(ntohs(from->sin_port), 4711);
	cr_assert_eq(ntohl(to->sin_addr.s_addr), 0xc6336402);
	cr_assert_eq(ntohs(to->sin_port), 80);
}

Test(proxy_header_binary, writes_every_byte)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons(4711) },
			   to = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct sockaddr_in6 from6 = { .sin6_family = AF_INET6, .sin6_port = htons(1) },
			    to6 = { .sin6_family = AF_INET6, .sin6_port = htons(2) };
	char out[PROXY_HEADER_WRITTEN_MAX];

	from.sin_addr.s_addr = htonl(0xc0000201);
	to.sin_addr.s_addr = htonl(0xc6336402);
	cr_assert_eq(proxy_header_write(out, 2, (void *)&from, (void *)&to), 28);
	cr_assert_arr_eq(out, SIGNATURE "\x21\x11\x00\x0c" V4, 28);
	inet_pton(AF_INET6, "2001:db8::1", &from6.sin6_addr);
	inet_pton(AF_INET6, "::2", &to6.sin6_addr);
	cr_assert_eq(proxy_header_write(out, 2, (void *)&from6, (void *)&to6), 52);
	cr_assert_arr_eq(out,
			 SIGNATURE "\x21\x21\x00\x24"
				   "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
				   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02"
				   "\0\x01\0\x02",
			 52);
	cr_assert_eq(proxy_header_write(out, 2, NULL, NULL), 16);
	cr_assert_arr_eq(out, SIGNATURE "\x20\0\0\0", 16);
	cr_assert_eq(proxy_header_write(out, 2, (void *)&from, (void *)&to6), 16);
}

Test(proxy_header_binary, names_of_unix_sockets)
{
	struct sockaddr_un from = { .sun_family = AF_UNIX, .sun_path = "/from" },
			   to = { .sun_family = AF_UNIX, .sun_path = "\0abstract" };
	const struct sockaddr_un *source = (const void *)&header.source,
				 *destination = (const void *)&header.destination;
	char out[PROXY_HEADER_WRITTEN_MAX];

	memset(from.sun_path + 6, 'x', 20); /* behind the name: not its part */
	cr_assert_eq(proxy_header_write(out, 2, (void *)&from, (void *)&to), 16 + 216);
	cr_assert_arr_eq(out, SIGNATURE "\x21\x31\x00\xd8/from\0\0\0", 24);
	cr_assert_arr_eq(out + 16 + 108, "\0abstract\0\0", 11);
	cr_assert_eq(parse(out, sizeof out), IO_DONE);
	cr_assert(header.known);
	cr_assert_str_eq(source->sun_path, "/from");
	cr_assert_eq(header.source_length, offsetof(struct sockaddr_un, sun_path) + 6);
	cr_assert_arr_eq(destination->sun_path, "\0abstract", 9);
	cr_assert_eq(header.destination_length, offsetof(struct sockaddr_un, sun_path) + 9);

	memset(out + 16, 'p', 108);
	memset(out + 16 + 108, 0, 108);
	cr_assert_eq(parse(out, sizeof out), IO_DONE);
	cr_assert_eq(header.source_length, offsetof(struct sockaddr_un, sun_path) + 108);
	cr_assert_eq(header.destination_length, offsetof(struct sockaddr_un, sun_path));

	memset(from.sun_path, 0, sizeof from.sun_path);
	cr_assert_eq(proxy_header_write(out, 2, (void *)&from, (void *)&to), 16);
	cr_assert_arr_eq(out, SIGNATURE "\x20\0\0\0", 16);
}

Test(proxy_header_binary, comes_byte_by_byte)
{
	static const char bytes[] = SIGNATURE "\x21\x11\x00\x0c" V4 "GET /";

	for (size_t i = 1; i < 28; i++)
		cr_assert_eq(parse(bytes, i), IO_AGAIN);
	cr_assert_eq(PARSE(SIGNATURE "\x21\x11\x00\x0c" V4 "GET /"), IO_DONE);
	cr_assert_eq(header.length, 28);
	expect_v4();
}

Test(proxy_header_binary, skips_tlvs_that_fit)
{
	cr_assert_eq(PARSE(SIGNATURE "\x21\x11\x00\x16" V4 "\x01\x00\x04http\xee\x00\x00"),
		     IO_DONE);
	cr_assert_eq(header.length, 38);
	expect_v4();
	expect_refused(PARSE(SIGNATURE "\x21\x11\x00\x13" V4 "\x01\x00\x05http"),
		       "PROXY header: a TLV longer than the header");
	expect_refused(PARSE(SIGNATURE "\x21\x11\x00\x0e" V4 "\x01\x00"),
		       "PROXY header: a TLV longer than the header");
	expect_refused(PARSE(SIGNATURE "\x21\x11\x00\x0f" V4 "\x01\xff\xff"),
		       "PROXY header: a TLV longer than the header");
}

Test(proxy_header_binary, the_longest_is_read)
{
	static char bytes[PROXY_HEADER_MAX];

	memcpy(bytes, SIGNATURE "\x21\x11\xff\xff" V4 "\xee\xff\xf0", 31);
	cr_assert_eq(parse(bytes, sizeof bytes - 1), IO_AGAIN);
	cr_assert_eq(parse(bytes, sizeof bytes), IO_DONE);
	cr_assert_eq(header.length, PROXY_HEADER_MAX);
	expect_v4();
}

Test(proxy_header_binary, a_checksum_has_to_be_right)
{
	char bytes[] = SIGNATURE "\x21\x11\x00\x13" V4 "\x03\x00\x04" SUM;

	cr_assert_eq(parse(bytes, sizeof bytes - 1), IO_DONE, "%s", why.text);
	expect_v4();
	bytes[20] ^= 1;
	expect_refused(parse(bytes, sizeof bytes - 1), "PROXY header: its checksum does not fit");
	expect_refused(PARSE(SIGNATURE "\x21\x11\x00\x13" V4 "\x03\x00\x04\0\0\0\0"),
		       "PROXY header: its checksum does not fit");
	expect_refused(PARSE(SIGNATURE "\x21\x11\x00\x12" V4 "\x03\x00\x03\x00\x00\x00"),
		       "PROXY header: its checksum does not fit");
}

Test(proxy_header_binary, refuses_what_it_does_not_know)
{
	expect_refused(PARSE(SIGNATURE "\x31\x11\x00\x0c" V4),
		       "PROXY header: version 3, neither 1 nor 2");
	expect_refused(PARSE(SIGNATURE "\x22\x11\x00\x0c" V4), "PROXY header: unknown command 2");
	expect_refused(PARSE(SIGNATURE "\x21\x41\x00\x0c" V4), "PROXY header: unknown family 0x41");
	expect_refused(PARSE(SIGNATURE "\x21\x13\x00\x0c" V4), "PROXY header: unknown family 0x13");
	expect_refused(PARSE(SIGNATURE "\x21\x11\x00\x0b" V4),
		       "PROXY header: 11 bytes are too few for its addresses");
	expect_refused(PARSE(SIGNATURE "\x21\x21\x00\x0c" V4),
		       "PROXY header: 12 bytes are too few for its addresses");
	/* at once: what is missing would never make it right */
	expect_refused(PARSE(SIGNATURE "\x21\x11\x00\x00"),
		       "PROXY header: 0 bytes are too few for its addresses");
}

Test(proxy_header_binary, tells_no_addresses_where_none_are_meant)
{
	cr_assert_eq(PARSE(SIGNATURE "\x20\x00\x00\x00rest"), IO_DONE);
	cr_assert_eq(header.length, 16);
	cr_assert_not(header.known);
	cr_assert_eq(PARSE(SIGNATURE "\x20\x11\x00\x0c" V4), IO_DONE);
	cr_assert_not(header.known);
	cr_assert_eq(PARSE(SIGNATURE "\x20\xff\x00\x01?"), IO_DONE);
	cr_assert_eq(header.length, 17);
	cr_assert_eq(PARSE(SIGNATURE "\x21\x00\x00\x02??"), IO_DONE);
	cr_assert_eq(header.length, 18);
	cr_assert_not(header.known);
	cr_assert_eq(PARSE(SIGNATURE "\x21\x10\x00\x0c" V4), IO_DONE);
	cr_assert_not(header.known);
	cr_assert_eq(PARSE(SIGNATURE "\x21\x12\x00\x0c" V4), IO_DONE);
	expect_v4();
}
