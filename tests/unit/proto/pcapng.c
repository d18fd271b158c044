/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/pcapng.c
 * Holds: every block is whole, padded and has its length at both ends; the header names the
 * program, the link type and the resolution; packets have right lengths, checksums, directions and
 * times; sequence and acknowledgement numbers run on through handshake, data, ends and reset; long
 * data is cut to fit IP; IPv4, IPv6, mapped and missing addresses; tshark finds nothing wrong,
 * where it is installed.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sockutil/proto/pcapng.h>

extern char **environ;

#define WHEN INT64_C(1700000000123456789)

static uint32_t little(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	       (uint32_t)at[3] << 24;
}

static uint32_t big(const unsigned char *at, int bytes)
{
	uint32_t value = 0;

	for (int i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

/* A packet block taken apart. */
struct packet {
	const unsigned char *ip;
	const unsigned char *tcp;
	size_t length, payload;
	uint32_t sequence, acknowledged;
	unsigned flags, source, destination, direction;
	int64_t nanoseconds;
};

/* RFC 1071: over a header with its checksum in place the sum is all ones. */
static uint32_t added(uint32_t total, const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		total += (uint32_t)bytes[i] << (i % 2 ? 0 : 8);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

static void check_ip(struct packet *p)
{
	bool six = p->ip[0] >> 4 == 6;
	size_t header = six ? 40 : 20, tcp = p->length - header;
	uint32_t pseudo = added((uint32_t)(tcp >> 16) + (uint32_t)(tcp & 0xffff) + 6,
				p->ip + (six ? 8 : 12), six ? 32 : 8);

	if (six) {
		cr_assert_eq(big(p->ip + 4, 2), tcp);
		cr_assert_eq(p->ip[6], 6);
	} else {
		cr_assert_eq(p->ip[0], 0x45);
		cr_assert_eq(big(p->ip + 2, 2), p->length);
		cr_assert_eq(p->ip[9], 6);
		cr_assert_eq(added(0, p->ip, 20), 0xffff);
	}
	cr_assert_eq(added(pseudo, p->ip + header, tcp), 0xffff);
	p->tcp = p->ip + header;
}

/* The block at *at, which moves behind it. */
static struct packet take(const unsigned char **at)
{
	const unsigned char *block = *at;
	uint32_t total = little(block + 4);
	struct packet p = { .ip = block + 28, .length = little(block + 20) };
	size_t padded = (p.length + 3) / 4 * 4;

	cr_assert_eq(little(block), 6);
	cr_assert_eq(little(block + 8), 0);
	cr_assert_eq(little(block + 24), p.length);
	cr_assert_eq(total, 44 + padded);
	cr_assert_eq(little(block + total - 4), total);
	for (size_t i = p.length; i < padded; i++)
		cr_assert_eq(p.ip[i], 0);
	p.direction = little(block + 28 + padded + 4);
	p.nanoseconds = (int64_t)((uint64_t)little(block + 12) << 32 | little(block + 16));
	check_ip(&p);
	p.source = big(p.tcp, 2);
	p.destination = big(p.tcp + 2, 2);
	p.sequence = big(p.tcp + 4, 4);
	p.acknowledged = big(p.tcp + 8, 4);
	p.flags = p.tcp[13];
	p.payload = (size_t)(p.ip + p.length - p.tcp) - (size_t)(p.tcp[12] >> 4) * 4;
	*at += total;
	return p;
}

static void expect(const unsigned char **at, unsigned direction, unsigned flags, uint32_t sequence,
		   uint32_t acknowledged, size_t payload)
{
	struct packet p = take(at);

	cr_assert_eq(p.direction, direction);
	cr_assert_eq(p.flags, flags);
	cr_assert_eq(p.sequence, sequence);
	cr_assert_eq(p.acknowledged, acknowledged);
	cr_assert_eq(p.payload, payload);
	cr_assert_eq(p.nanoseconds, WHEN);
}

enum { IN = 1, OUT = 2, FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

static const unsigned char *bytes_of(const struct buffer *b)
{
	return (const unsigned char *)buffer_bytes(b);
}

Test(pcapng, the_header_names_program_link_type_and_resolution)
{
	struct buffer out = { 0 };
	const unsigned char *at;

	cr_assert(pcapng_header(&out, "sockutil 1"));
	at = bytes_of(&out);
	cr_assert_eq(out.length, 48 + 32);
	cr_assert_eq(memcmp(at,
			    "\x0a\x0d\x0d\x0a"
			    "\x30\0\0\0"
			    "\x4d\x3c\x2b\x1a"
			    "\1\0\0\0"
			    "\xff\xff\xff\xff\xff\xff\xff\xff"
			    "\4\0\x0a\0"
			    "sockutil 1\0\0"
			    "\0\0\0\0"
			    "\x30\0\0\0",
			    48),
		     0);
	cr_assert_eq(memcmp(at + 48,
			    "\1\0\0\0"
			    "\x20\0\0\0"
			    "\x65\0\0\0"
			    "\0\0\0\0"
			    "\x09\0\1\0"
			    "\x09\0\0\0"
			    "\0\0\0\0"
			    "\x20\0\0\0",
			    32),
		     0);
	buffer_free(&out);
}

Test(pcapng, a_long_program_name_is_bounded)
{
	static char name[70000];
	struct buffer out = { 0 };

	memset(name, 'x', sizeof name - 1);
	cr_assert(pcapng_header(&out, name));
	cr_assert_eq(out.length, 36 + 1024 + 32);
	cr_assert_eq(little(bytes_of(&out) + 4), 36 + 1024);
	buffer_free(&out);
}

Test(pcapng, the_client_speaks_first)
{
	for (int client = 0; client < 2; client++) {
		struct buffer out = { 0 };
		struct pcapng_flow flow;
		const unsigned char *at;
		unsigned first = client ? OUT : IN, second = client ? IN : OUT;

		pcapng_flow_init(&flow, NULL, NULL, 0);
		cr_assert(pcapng_open(&out, &flow, client, WHEN));
		at = bytes_of(&out);
		expect(&at, first, SYN, 0, 0, 0);
		expect(&at, second, SYN | ACK, 0, 1, 0);
		expect(&at, first, ACK, 1, 1, 0);
		cr_assert_eq(at, bytes_of(&out) + out.length);
		buffer_free(&out);
	}
}

Test(pcapng, numbers_run_on)
{
	struct buffer out = { 0 };
	struct pcapng_flow flow;
	const unsigned char *at;

	pcapng_flow_init(&flow, NULL, NULL, 0);
	pcapng_open(&out, &flow, true, WHEN);
	buffer_free(&out);
	cr_assert(pcapng_data(&out, &flow, PCAPNG_SENT, "abc", 3, WHEN));
	cr_assert(pcapng_data(&out, &flow, PCAPNG_RECEIVED, "defgh", 5, WHEN));
	cr_assert(pcapng_data(&out, &flow, PCAPNG_RECEIVED, NULL, 0, WHEN));
	cr_assert(pcapng_end(&out, &flow, PCAPNG_SENT, WHEN));
	cr_assert(pcapng_data(&out, &flow, PCAPNG_RECEIVED, "i", 1, WHEN));
	cr_assert(pcapng_end(&out, &flow, PCAPNG_RECEIVED, WHEN));
	cr_assert(pcapng_reset(&out, &flow, PCAPNG_RECEIVED, WHEN));
	at = bytes_of(&out);
	expect(&at, OUT, PSH | ACK, 1, 1, 3);
	expect(&at, IN, ACK, 1, 4, 0);
	expect(&at, IN, PSH | ACK, 1, 4, 5);
	expect(&at, OUT, ACK, 4, 6, 0);
	expect(&at, OUT, FIN | ACK, 4, 6, 0);
	expect(&at, IN, ACK, 6, 5, 0);
	expect(&at, IN, PSH | ACK, 6, 5, 1);
	expect(&at, OUT, ACK, 5, 7, 0);
	expect(&at, IN, FIN | ACK, 7, 5, 0);
	expect(&at, OUT, ACK, 5, 8, 0);
	expect(&at, IN, RST | ACK, 8, 5, 0);
	cr_assert_eq(at, bytes_of(&out) + out.length);
	buffer_free(&out);
}

Test(pcapng, long_data_is_cut_to_fit_ip)
{
	static char bytes[200001];
	struct buffer out = { 0 };
	struct pcapng_flow flow;
	const unsigned char *at;
	size_t seen = 0;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 >> 3);
	pcapng_flow_init(&flow, NULL, NULL, 0);
	cr_assert(pcapng_data(&out, &flow, PCAPNG_RECEIVED, bytes, sizeof bytes, WHEN));
	for (at = bytes_of(&out); seen < sizeof bytes;) {
		struct packet p = take(&at);

		cr_assert(p.length <= 65535);
		cr_assert_eq(p.sequence, seen);
		cr_assert_eq(memcmp(p.tcp + 20, bytes + seen, p.payload), 0);
		seen += p.payload;
	}
	cr_assert_eq(seen, sizeof bytes);
	expect(&at, OUT, ACK, 0, sizeof bytes, 0);
	cr_assert_eq(at, bytes_of(&out) + out.length);
	buffer_free(&out);
}

Test(pcapng, sequence_numbers_wrap)
{
	struct buffer out = { 0 };
	struct pcapng_flow flow;
	const unsigned char *at;

	pcapng_flow_init(&flow, NULL, NULL, 0);
	flow.next_sequence[0] = UINT32_MAX;
	cr_assert(pcapng_data(&out, &flow, PCAPNG_SENT, "abc", 3, WHEN));
	at = bytes_of(&out);
	expect(&at, OUT, PSH | ACK, UINT32_MAX, 0, 3);
	expect(&at, IN, ACK, 0, 2, 0);
	buffer_free(&out);
}

/* One packet sent between two addresses. */
static struct packet between(struct buffer *out, const void *local, const void *peer,
			     unsigned connection)
{
	struct pcapng_flow flow;
	const unsigned char *at;

	pcapng_flow_init(&flow, local, peer, connection);
	cr_assert(pcapng_data(out, &flow, PCAPNG_SENT, "x", 1, WHEN));
	at = bytes_of(out);
	return take(&at);
}

Test(pcapng, ipv4_addresses_and_ports)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(1234) };
	struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons(80) };
	struct buffer out = { 0 };
	struct packet p;

	inet_pton(AF_INET, "10.1.2.3", &local.sin_addr);
	inet_pton(AF_INET, "192.0.2.9", &peer.sin_addr);
	p = between(&out, &local, &peer, 0);
	cr_assert_eq(memcmp(p.ip + 12, "\x0a\1\2\3\xc0\0\2\x09", 8), 0);
	cr_assert_eq(p.source, 1234);
	cr_assert_eq(p.destination, 80);
	buffer_free(&out);
}

Test(pcapng, ipv6_addresses_and_ports)
{
	struct sockaddr_in6 local = { .sin6_family = AF_INET6, .sin6_port = htons(1234) };
	struct sockaddr_in6 peer = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	struct buffer out = { 0 };
	struct packet p;

	inet_pton(AF_INET6, "2001:db8::1", &local.sin6_addr);
	inet_pton(AF_INET6, "fe80::2", &peer.sin6_addr);
	p = between(&out, &local, &peer, 0);
	cr_assert_eq(p.ip[0] >> 4, 6);
	cr_assert_eq(memcmp(p.ip + 8, &local.sin6_addr, 16), 0);
	cr_assert_eq(memcmp(p.ip + 24, &peer.sin6_addr, 16), 0);
	cr_assert_eq(p.source, 1234);
	cr_assert_eq(p.destination, 443);
	buffer_free(&out);
}

Test(pcapng, mapped_addresses_are_ipv4)
{
	struct sockaddr_in6 local = { .sin6_family = AF_INET6, .sin6_port = htons(1234) };
	struct sockaddr_in6 peer = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	struct buffer out = { 0 };
	struct packet p;

	inet_pton(AF_INET6, "::ffff:10.0.0.1", &local.sin6_addr);
	inet_pton(AF_INET6, "::ffff:10.0.0.2", &peer.sin6_addr);
	p = between(&out, &local, &peer, 0);
	cr_assert_eq(p.ip[0] >> 4, 4);
	cr_assert_eq(memcmp(p.ip + 12, "\x0a\0\0\1\x0a\0\0\2", 8), 0);
	cr_assert_eq(p.source, 1234);
	buffer_free(&out);
}

Test(pcapng, missing_addresses_are_made_up)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(1) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(2) };
	struct sockaddr local = { .sa_family = AF_UNIX };
	const void *pairs[][2] = {
		{ NULL, NULL }, { &local, &local }, { &four, NULL },
		{ NULL, &six }, { &four, &six },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct buffer out = { 0 };
		struct packet p = between(&out, pairs[i][0], pairs[i][1], 50007);

		cr_assert_eq(memcmp(p.ip + 12, "\x7f\0\0\1\x7f\0\0\1", 8), 0);
		cr_assert_eq(p.source, 10007);
		cr_assert_eq(p.destination, 60000);
		buffer_free(&out);
	}
}

Test(pcapng, short_memory_adds_no_half_block)
{
	struct buffer out = { .data = (char *)"",
			      .length = SIZE_MAX - 100,
			      .capacity = SIZE_MAX - 100 };
	struct pcapng_flow flow;

	pcapng_flow_init(&flow, NULL, NULL, 0);
	cr_assert_not(
		pcapng_header(&out, "a program whose name takes its room in the first block"));
	cr_assert_not(pcapng_data(&out, &flow, PCAPNG_SENT, "a longer text than fits behind it", 33,
				  WHEN));
	cr_assert_eq(out.length, SIZE_MAX - 100);
	cr_assert_eq(flow.next_sequence[0], 0);
}

/* One connection of each family, as files hold them. */
static void record(const char *path)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(1234) };
	struct sockaddr_in6 peer = { .sin6_family = AF_INET6, .sin6_port = htons(7777) };
	struct buffer out = { 0 };
	struct pcapng_flow flow;
	static char many[100001];
	FILE *file = fopen(path, "w");

	cr_assert_not_null(file);
	six.sin6_addr = peer.sin6_addr = in6addr_loopback;
	pcapng_header(&out, "sockutil");
	for (int i = 0; i < 2; i++) {
		pcapng_flow_init(&flow, i ? (void *)&six : NULL, i ? (void *)&peer : NULL, 1);
		pcapng_open(&out, &flow, i, WHEN);
		pcapng_data(&out, &flow, PCAPNG_SENT, "hello", 5, WHEN + 1);
		pcapng_data(&out, &flow, PCAPNG_RECEIVED, many, sizeof many, WHEN + 2);
		pcapng_end(&out, &flow, PCAPNG_SENT, WHEN + 3);
		pcapng_end(&out, &flow, PCAPNG_RECEIVED, WHEN + 4);
	}
	cr_assert_eq(fwrite(buffer_bytes(&out), 1, out.length, file), out.length);
	fclose(file);
	buffer_free(&out);
}

/* Runs tshark with a filter; false when it is not installed. */
static bool tshark(const char *path, const char *filter, char *out, size_t size)
{
	char *const arguments[] = { (char *)"tshark",
				    (char *)"-r",
				    (char *)path,
				    (char *)"-o",
				    (char *)"tcp.check_checksum:TRUE",
				    (char *)"-o",
				    (char *)"ip.check_checksum:TRUE",
				    (char *)"-T",
				    (char *)"fields",
				    (char *)"-e",
				    (char *)"frame.number",
				    (char *)"-Y",
				    (char *)filter,
				    NULL };
	posix_spawn_file_actions_t actions;
	int ends[2], status;
	size_t length = 0;
	ssize_t count;
	pid_t child;

	cr_assert_eq(pipe(ends), 0);
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	status = posix_spawnp(&child, "tshark", &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (status)
		return false;
	while ((count = read(ends[0], out + length, size - 1 - length)) > 0)
		length += (size_t)count;
	out[length] = '\0';
	close(ends[0]);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return true;
}

Test(pcapng, tshark_finds_nothing_wrong)
{
	char folder[] = "/tmp/sockutil-pcapng-XXXXXX", path[64], text[4096];

	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/p.pcapng", folder);
	record(path);
	if (tshark(path,
		   "tcp.analysis.flags || tcp.checksum.status == 0 || ip.checksum.status == 0 "
		   "|| _ws.malformed",
		   text, sizeof text)) {
		cr_assert_str_eq(text, "");
		cr_assert(tshark(path, "tcp.checksum.status == 1", text, sizeof text));
		cr_assert_str_eq(text, "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n"
				       "18\n19\n20\n21\n22\n23\n24\n");
	}
	unlink(path);
	rmdir(folder);
}
