/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_tap.c
 * Holds: what passes is unchanged and recorded once, when the layer below took it: as pcapng
 * that parses back into the two byte sequences with handshake and ends, as JSON lines, as a hex
 * dump; connections share a file and keep their numbers and offsets apart; a reset is recorded
 * as one; a tap that cannot write fails every connection and its own closing; nothing is spliced
 * past it; files are closed by tap_close. */
#include "relay_played.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/stream/layer_tap.h>

static char folder[] = "/tmp/layer_tap_XXXXXX";
static char record[64], hex[64];
static struct played below;
static struct tap *tap;
static struct stream *s;
static struct failure why;

static void set_up(void)
{
	cr_assert_not_null(mkdtemp(folder));
	snprintf(hex, sizeof hex, "%s/hex", folder);
	snprintf(record, sizeof record, "%s/record.pcapng", folder);
	played_init(&below);
}

static void tear_down(void)
{
	played_free(&below);
	unlink(record);
	unlink(hex);
	rmdir(folder);
}

TestSuite(layer_tap, .init = set_up, .fini = tear_down);

static void open_tap(const char *record_name, const char *hex_name)
{
	tap = tap_open(record_name, hex_name, &why);
	cr_assert_not_null(tap, "%s", why.text);
	s = layer_tap_new(&below.stream, tap, true, NULL, NULL);
}

static void close_tap(void)
{
	stream_free(s);
	cr_assert(tap_close(tap, &why), "%s", why.text);
}

static size_t content(const char *path, char *out, size_t room)
{
	FILE *f = fopen(path, "r");
	size_t n;

	cr_assert_not_null(f);
	n = fread(out, 1, room - 1, f);
	out[n] = '\0';
	fclose(f);
	return n;
}

static void say(const char *text)
{
	size_t n;

	cr_assert_eq(stream_write(s, text, strlen(text), &n, &why), IO_DONE);
	cr_assert_eq(n, strlen(text));
}

static void hear(const char *text)
{
	char bytes[256];
	size_t n;

	buffer_add(&below.gives, text, strlen(text));
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, strlen(text));
	cr_assert_arr_eq(bytes, text, n);
}

static enum io read_byte(void)
{
	char byte;
	size_t n;

	return stream_read(s, &byte, 1, &n, &why);
}

/* --- what a reader of the pcapng file sees --------------------------------- */

struct seen {
	unsigned segments, handshake; /* SYN or SYN ACK */
	unsigned ends, resets;
	char bytes[2][256]; /* towards the lower, the higher port of the first segment */
	size_t length[2];
};

static uint32_t little32(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void see_packet(struct seen *seen, const char *ip, size_t length)
{
	static uint16_t client_port;
	const char *tcp = ip + 20;
	uint16_t source, total;
	size_t header;
	bool towards_client;

	cr_assert(length >= 40);
	cr_assert_eq(ip[0], 0x45);
	memcpy(&total, ip + 2, 2);
	cr_assert_eq(ntohs(total), length);
	memcpy(&source, tcp, 2);
	if (seen->segments++ == 0)
		client_port = source;
	towards_client = source != client_port;
	header = (size_t)((unsigned char)tcp[12] >> 4) * 4;
	seen->handshake += (tcp[13] & 2) != 0;
	seen->ends += tcp[13] & 1;
	seen->resets += (tcp[13] & 4) != 0;
	length -= 20 + header;
	cr_assert(seen->length[towards_client] + length < sizeof seen->bytes[0]);
	memcpy(seen->bytes[towards_client] + seen->length[towards_client], tcp + header, length);
	seen->length[towards_client] += length;
}

static struct seen see(const char *path)
{
	static char file[65536];
	size_t length = content(path, file, sizeof file);
	struct seen seen = { 0 };

	for (size_t at = 0; at < length;) {
		uint32_t type = little32(file + at);
		uint32_t size = little32(file + at + 4);

		cr_assert(size >= 12 && size % 4 == 0 && at + size <= length);
		cr_assert_eq(little32(file + at + size - 4), size);
		cr_assert_eq(at == 0, type == 0x0a0d0d0a);
		if (type == 6) /* enhanced packet */
			see_packet(&seen, file + at + 28, little32(file + at + 20));
		at += size;
	}
	return seen;
}

Test(layer_tap, pcapng_parses_back)
{
	struct seen seen;

	open_tap(record, NULL);
	say("hello ");
	hear("welcome");
	say("world");
	below.then = IO_END;
	cr_assert_eq(read_byte(), IO_END);
	cr_assert_eq(read_byte(), IO_END);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	close_tap();
	cr_assert_str_eq(buffer_text(&below.took), "hello world");
	seen = see(record);
	cr_assert_eq(seen.handshake, 2);
	cr_assert_eq(seen.ends, 2);
	cr_assert_eq(seen.resets, 0);
	cr_assert_str_eq(seen.bytes[0], "hello world");
	cr_assert_str_eq(seen.bytes[1], "welcome");
}

Test(layer_tap, a_reset_is_recorded_as_one)
{
	struct seen seen;

	open_tap(record, NULL);
	hear("abc");
	below.then = IO_FAILED;
	cr_assert_eq(read_byte(), IO_FAILED);
	cr_assert_str_eq(why.text, "played reset");
	cr_assert_eq(read_byte(), IO_FAILED);
	close_tap();
	seen = see(record);
	cr_assert_eq(seen.resets, 1);
	cr_assert_eq(seen.ends, 0);
	cr_assert_str_eq(seen.bytes[1], "abc");
}

Test(layer_tap, only_what_was_taken_is_recorded)
{
	const struct iovec v[2] = { { (void *)"abc", 3 }, { (void *)"def", 3 } };
	size_t n;

	open_tap(record, NULL);
	below.takes = 4;
	cr_assert_eq(stream_writev(s, v, 2, &n, &why), IO_DONE);
	cr_assert_eq(n, 4);
	cr_assert_eq(stream_writev(s, v, 2, &n, &why), IO_AGAIN);
	cr_assert_eq(read_byte(), IO_AGAIN);
	close_tap();
	cr_assert_str_eq(see(record).bytes[0], "abcd");
}

Test(layer_tap, json_lines_tell_connections_apart)
{
	char text[2048];
	struct stream *first;
	const char *line;

	snprintf(record, sizeof record, "%s/r.jsonl", folder);
	open_tap(record, NULL);
	first = s;
	say("one");
	s = layer_tap_new(&below.stream, tap, false, NULL, NULL);
	hear("two");
	stream_free(s);
	s = first;
	say("three");
	below.then = IO_END;
	cr_assert_eq(read_byte(), IO_END);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	close_tap();
	content(record, text, sizeof text);
	line = text;
	cr_assert_not_null(strstr(
		line, "\"connection\":1,\"direction\":\"sent\",\"offset\":0,\"text\":\"one\"}\n"));
	line = strchr(line, '\n') + 1;
	cr_assert_not_null(strstr(
		line,
		"\"connection\":2,\"direction\":\"received\",\"offset\":0,\"text\":\"two\"}\n"));
	line = strchr(line, '\n') + 1;
	cr_assert_not_null(strstr(
		line,
		"\"connection\":1,\"direction\":\"sent\",\"offset\":3,\"text\":\"three\"}\n"));
	line = strchr(line, '\n') + 1;
	cr_assert_str_eq(line, "");
	cr_assert_eq(strncmp(text, "{\"time\":\"20", 11), 0);
}

Test(layer_tap, hex_and_record_at_once)
{
	char text[2048];
	char *second;

	open_tap(record, hex);
	say("Hello\n");
	hear("0123456789abcdef+");
	close_tap();
	content(hex, text, sizeof text);
	cr_assert_eq(text[0], '>');
	cr_assert_not_null(strstr(text, " 00000000  48 65 6c 6c 6f 0a "));
	second = strchr(text, '\n') + 1;
	cr_assert_eq(second[0], '<');
	cr_assert_not_null(strstr(second, " 00000010  2b "));
	cr_assert_str_eq(see(record).bytes[0], "Hello\n");
}

Test(layer_tap, hex_goes_to_standard_error_as_it_comes)
{
	int fd = open(hex, O_RDWR | O_CREAT, 0600);
	struct log_options options = { .level = LOG_LEVEL_NOTICE };
	char text[256];

	cr_assert_eq(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	cr_assert(log_open(&options, &why));
	open_tap(NULL, "-");
	say("Hi");
	content(hex, text, sizeof text);
	cr_assert_eq(text[0], '>');
	cr_assert_not_null(strstr(text, " 00000000  48 69 "));
	close_tap();
}

Test(layer_tap, a_recording_with_a_hole_is_a_failure)
{
	struct stream *other;
	size_t n = 9;

	tap = tap_open(NULL, "/dev/full", &why);
	cr_assert_not_null(tap);
	s = layer_tap_new(&below.stream, tap, true, NULL, NULL);
	other = layer_tap_new(&below.stream, tap, true, NULL, NULL);
	cr_assert_eq(stream_write(s, "x", 1, &n, &why), IO_FAILED);
	cr_assert_eq(n, 0);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "recording to /dev/full: No space left on device");
	buffer_add(&below.gives, "x", 1);
	stream_free(s);
	s = other;
	cr_assert_eq(read_byte(), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_eq(stream_end(s, &why), IO_FAILED);
	stream_free(s);
	why = (struct failure){ 0 };
	cr_assert(!tap_close(tap, &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, "recording to /dev/full: No space left on device");
}

Test(layer_tap, files_that_cannot_be_opened_are_named)
{
	cr_assert_null(tap_open("/nowhere/a", NULL, &why));
	cr_assert_str_eq(why.text, "recording to /nowhere/a: No such file or directory");
	cr_assert_null(tap_open(record, "/nowhere/b", &why));
	cr_assert_str_eq(why.text, "recording to /nowhere/b: No such file or directory");
	cr_assert_null(tap_open("/dev/full", NULL, &why));
	cr_assert_str_eq(why.text, "recording to /dev/full: No space left on device");
	cr_assert(tap_close(NULL, &why));
}

static int raw_fd(const struct stream *stream, enum stream_side side)
{
	(void)stream;
	(void)side;
	return 42;
}

Test(layer_tap, nothing_is_spliced_past_it)
{
	struct stream_ops ops = *below.stream.ops;

	ops.raw_fd = raw_fd;
	below.stream.ops = &ops;
	open_tap(NULL, hex);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
	close_tap();
}
