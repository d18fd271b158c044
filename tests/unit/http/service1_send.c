/* SPDX-License-Identifier: MIT */
/* Answers of HTTP/1 on their way.
 * Holds: length and connection are told as the version and the request want; HEAD, 204 and 304 have
 * no body; pieces of memory and files go in order, copied or by sendfile(2), whole through any
 * stream; a client that takes little gets all of it in the end, and is sent no second answer
 * before; answers to pipelined requests go out in one write; a file that became shorter ends the
 * connection; a lost client ends the request. */
#include "http_serving.h"
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sockutil/stream/layer_socket.h>

#define GET  "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define HEAD "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 5\r\n"

static struct serving s;

static void assert_starts(const char *text, const char *start)
{
	cr_assert_eq(strncmp(text, start, strlen(start)), 0, "%s", text);
}

static const char *answered(const char *request)
{
	serving_say(&s, request);
	return serving_sent(&s);
}

static void start(void)
{
	serving_prepare(&s);
	serving_start(&s, NULL, NULL);
}

Test(service1_send, tells_what_becomes_of_the_connection)
{
	start();
	cr_assert_str_eq(answered(GET), HEAD "\r\nhello");
	cr_assert_str_eq(answered("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
			 HEAD "Connection: keep-alive\r\n\r\nhello");
	cr_assert_eq(s.result, IO_AGAIN);
	cr_assert_str_eq(answered("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
			 HEAD "Connection: close\r\n\r\nhello");
	cr_assert_eq(s.result, IO_DONE);
	cr_assert_str_eq(s.service->reason, "last answer sent");
	serving_free(&s);
	start();
	cr_assert_str_eq(answered("GET / HTTP/1.0\r\n\r\n"), HEAD "Connection: close\r\n\r\nhello");
	cr_assert_eq(s.result, IO_DONE);
	serving_free(&s);
	start();
	s.answer.last = true;
	cr_assert_str_eq(answered(GET), HEAD "Connection: close\r\n\r\nhello");
	cr_assert_eq(s.result, IO_DONE);
	serving_free(&s);
}

Test(service1_send, leaves_out_bodies_that_must_not_be)
{
	start();
	cr_assert_str_eq(answered("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"), HEAD "\r\n");
	s.answer.status = 304;
	cr_assert_str_eq(answered(GET), "HTTP/1.1 304 Not Modified\r\nX-A: b\r\n\r\n");
	s.answer.status = 204;
	cr_assert_str_eq(answered(GET), "HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n");
	s.answer.status = 200;
	s.answer.piece_count = 0;
	cr_assert_str_eq(answered(GET), "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 0\r\n\r\n");
	cr_assert_str_eq(serving_heard(&s), "request HEAD /\nreceived\nover 200, 0 bytes\n"
					    "request GET /\nreceived\nover 304, 0 bytes\n"
					    "request GET /\nreceived\nover 204, 0 bytes\n"
					    "request GET /\nreceived\nover 200, 0 bytes\n");
	serving_free(&s);
}

Test(service1_send, answers_pipelined_requests_in_one_write)
{
	start();
	s.client.flushes = 0;
	cr_assert_str_eq(answered(GET GET GET), HEAD "\r\nhello" HEAD "\r\nhello" HEAD "\r\nhello");
	cr_assert_eq(s.client.flushes, 1);
	serving_free(&s);
}

/* --- files ------------------------------------------------------------------------ */

static char pattern(size_t at)
{
	return (char)('a' + at * 7 % 26);
}

static int file_of(size_t length)
{
	const int fd = memfd_create("piece", 0);
	char *bytes = malloc(length + 1);

	for (size_t i = 0; i < length; i++)
		bytes[i] = pattern(i);
	cr_assert_eq(write(fd, bytes, length), (ssize_t)length);
	free(bytes);
	return fd;
}

/* "[", the file's bytes from first on, "]" */
static void answer_file(int fd, size_t first, size_t length)
{
	s.pieces[0] = (struct http_service_piece){ .bytes = "[", .length = 1 };
	s.pieces[1] = (struct http_service_piece){ .fd = fd, .offset = first, .length = length };
	s.pieces[2] = (struct http_service_piece){ .bytes = "]", .length = 1 };
	s.answer.piece_count = 3;
}

static void assert_body(const char *text, size_t first, size_t length)
{
	const char *body = strstr(text, "\r\n\r\n");
	char announced[60];

	snprintf(announced, sizeof announced, "Content-Length: %zu\r\n", length + 2);
	cr_assert(body && strstr(text, announced));
	body += 4;
	cr_assert_eq(*body++, '[');
	for (size_t i = 0; i < length; i++)
		if (body[i] != pattern(first + i))
			cr_assert_fail("byte %zu of %zu differs", i, length);
	cr_assert_eq(body[length], ']');
	cr_assert_eq(body[length + 1], '\0');
}

static const size_t sizes[] = { 0, 1, 1000, 16 * 1024, 16 * 1024 + 1, 65000, 65536, 65537, 200000 };

Test(service1_send, sends_files_through_any_stream)
{
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		const int fd = file_of(sizes[i] + 5);

		start();
		answer_file(fd, 5, sizes[i]);
		assert_body(answered(GET), 5, sizes[i]);
		cr_assert_eq(s.result, IO_AGAIN);
		cr_assert_eq(s.service->wait, STREAM_READ);
		serving_free(&s);
		close(fd);
	}
}

Test(service1_send, sends_to_who_takes_little_at_once)
{
	const int fd = file_of(70000);

	start();
	answer_file(fd, 0, 70000);
	s.client.takes = 0;
	serving_say(&s, GET GET);
	cr_assert_eq(s.result, IO_AGAIN);
	cr_assert(s.service->wait & STREAM_WRITE);
	for (int i = 0; i < 100000 && s.open; i++) {
		cr_assert_not(s.service->wait & STREAM_READ);
		s.client.takes = 37;
		serving_run(&s, STREAM_WRITE);
		if (strstr(buffer_text(&s.calls), "over"))
			break;
	}
	/* The second one begins behind the first alone. */
	assert_starts(serving_heard(&s), "request GET /\nreceived\nover 200, 70002 bytes\n");
	s.client.takes = SIZE_MAX;
	while (s.service->wait & STREAM_WRITE)
		serving_run(&s, STREAM_WRITE);
	cr_assert_eq(s.client.took.length, 2 * (70002 + strlen(HEAD "\r\n") + 37 + 4));
	serving_free(&s);
	close(fd);
}

Test(service1_send, reads_nothing_for_who_takes_nothing)
{
	struct buffer many = { 0 };

	start();
	for (int i = 0; i < 10000; i++)
		buffer_add(&many, GET, strlen(GET));
	s.client.takes = 0;
	buffer_add(&s.client.gives, buffer_bytes(&many), many.length);
	for (int i = 0; i < 100; i++)
		serving_run(&s, STREAM_READ | STREAM_WRITE);
	/* One block was read, and its answers wait. */
	cr_assert_geq(s.client.gives.length, many.length - 2 * HTTP_SERVICE_IN);
	cr_assert_eq(s.service->wait, STREAM_WRITE);
	s.client.takes = SIZE_MAX;
	while (s.client.gives.length > 0 || (s.service->wait & STREAM_WRITE))
		serving_run(&s, STREAM_READ | STREAM_WRITE);
	cr_assert_eq(s.client.took.length, 10000 * (strlen(HEAD "\r\nhello") + 37));
	buffer_free(&many);
	serving_free(&s);
}

Test(service1_send, ends_with_a_file_that_became_shorter)
{
	const int fd = file_of(100000);

	start();
	answer_file(fd, 0, 100000);
	s.client.takes = 50000;
	serving_say(&s, GET);
	cr_assert_eq(ftruncate(fd, 60000), 0);
	s.client.takes = SIZE_MAX;
	serving_run(&s, STREAM_WRITE);
	cr_assert_eq(s.result, IO_FAILED);
	cr_assert_eq(s.why.class, FAILURE_INPUT);
	cr_assert_str_eq(s.why.text, "the file became shorter while it was sent");
	serving_free(&s);
	close(fd);
}

Test(service1_send, tells_of_a_lost_client)
{
	start();
	s.client.write_fails = true;
	serving_say(&s, GET);
	cr_assert_eq(s.result, IO_FAILED);
	cr_assert_str_eq(s.why.text, "played loss");
	serving_free(&s);
}

/* --- sockets ---------------------------------------------------------------------- */

struct drain {
	int fd;
	char *bytes;
	size_t got;
};

static void *drain(void *data)
{
	struct drain *d = data;

	d->got = sockets_drain(d->fd, d->bytes, 4000000);
	return NULL;
}

/* Through sendfile(2), while somebody reads. */
static void run_socket(size_t length, size_t first, struct drain *d)
{
	int pair[2];
	pthread_t reader;
	struct stream *stream;
	const int fd = file_of(first + length);

	serving_prepare(&s);
	sockets_tcp_pair(pair);
	stream = layer_socket_new(pair[0], true);
	answer_file(fd, first, length);
	*d = (struct drain){ .fd = pair[1], .bytes = calloc(1, 4000000) };
	cr_assert_eq(pthread_create(&reader, NULL, drain, d), 0);
	serving_start(&s, stream, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	while (s.result == IO_AGAIN) {
		cr_assert(sockets_wait(pair[0], 4 /* POLLOUT */));
		serving_run(&s, STREAM_WRITE);
	}
	cr_assert_eq(s.result, IO_DONE);
	cr_assert(s.service->complete);
	serving_free(&s);
	stream_free(stream);
	pthread_join(reader, NULL);
	close(pair[1]);
	close(fd);
}

Test(service1_send, sends_files_by_the_kernel)
{
	static const size_t lengths[] = { 1, 16 * 1024, 16 * 1024 + 1, 65536, 3000000 };

	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct drain d;

		run_socket(lengths[i], 3, &d);
		assert_body(d.bytes, 3, lengths[i]);
		free(d.bytes);
	}
}

Test(service1_send, notices_a_shorter_file_in_the_kernel)
{
	const int fd = file_of(30000);
	struct stream *stream;
	const char *heard;
	int pair[2];

	serving_prepare(&s);
	sockets_tcp_pair(pair);
	stream = layer_socket_new(pair[0], true);
	answer_file(fd, 0, 80000);
	serving_start(&s, stream, GET);
	cr_assert_eq(s.result, IO_FAILED);
	cr_assert_str_eq(s.why.text, "the file became shorter while it was sent");
	/* How much of it went before is the system's affair. */
	heard = serving_heard(&s);
	cr_assert(strstr(heard, "request GET /\nreceived\nover 200, "), "%s", heard);
	cr_assert(strstr(heard, " bytes: the file became shorter while it was sent\n"), "%s",
		  heard);
	serving_free(&s);
	stream_free(stream);
	close(pair[1]);
	close(fd);
}
