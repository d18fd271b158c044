/* SPDX-License-Identifier: MIT */
/* Answers: their statuses and the bytes of their pieces.
 * Holds: statuses have their registered phrase, others none; 1xx, 204 and 304 have no body; pieces
 * are read as one row of bytes from any place on; a file that is too short says so. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sockutil/http/service.h>

Test(service_answer, knows_phrases)
{
	cr_assert_str_eq(http_service_reason(200), "OK");
	cr_assert_str_eq(http_service_reason(416), "Range Not Satisfiable");
	cr_assert_str_eq(http_service_reason(505), "HTTP Version Not Supported");
	cr_assert_str_eq(http_service_reason(299), "");
}

Test(service_answer, knows_which_have_no_body)
{
	cr_assert_not(http_service_status_has_body(101));
	cr_assert_not(http_service_status_has_body(204));
	cr_assert_not(http_service_status_has_body(304));
	cr_assert(http_service_status_has_body(200));
	cr_assert(http_service_status_has_body(404));
}

static int file_of(const char *text)
{
	const int fd = memfd_create("piece", 0);

	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

Test(service_answer, reads_pieces_as_one_row)
{
	const int fd = file_of("0123456789");
	const struct http_service_piece pieces[] = {
		{ .bytes = "abc", .length = 3 },
		{ .fd = fd, .offset = 2, .length = 5 },
		{ .bytes = "", .length = 0 },
		{ .bytes = "xy", .length = 2 },
	};
	const struct http_answer answer = { .pieces = pieces, .piece_count = 4 };
	const char *whole = "abc23456xy";
	struct failure why = { 0 };
	char out[20];
	size_t got;

	cr_assert_eq(http_answer_length(&answer), 10);
	for (size_t at = 0; at <= 10; at++)
		for (size_t size = 0; size <= 12; size++) {
			const size_t there = 10 - at < size ? 10 - at : size;

			cr_assert(http_answer_read(&answer, at, out, size, &got, &why));
			cr_assert_eq(got, there);
			cr_assert_eq(memcmp(out, whole + at, there), 0);
		}
	close(fd);
}

Test(service_answer, notices_a_file_that_is_too_short)
{
	const int fd = file_of("0123");
	const struct http_service_piece piece = { .fd = fd, .offset = 1, .length = 5 };
	const struct http_answer answer = { .pieces = &piece, .piece_count = 1 };
	struct failure why = { 0 };
	char out[20];
	size_t got;

	cr_assert_not(http_answer_read(&answer, 0, out, sizeof out, &got, &why));
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert_str_eq(why.text, "the file became shorter while it was sent");
	close(fd);
}

Test(service_answer, notices_a_file_that_cannot_be_read)
{
	const struct http_service_piece piece = { .fd = -1, .length = 5 };
	const struct http_answer answer = { .pieces = &piece, .piece_count = 1 };
	struct failure why = { 0 };
	char out[20];
	size_t got;

	cr_assert_not(http_answer_read(&answer, 0, out, sizeof out, &got, &why));
	cr_assert_str_eq(why.text, "the file cannot be read: Bad file descriptor");
}
