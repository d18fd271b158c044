/* SPDX-License-Identifier: MIT */
/* One body in ranges beside one another.
 * Holds: the pieces make the whole, its checksum is one of the whole; a cut in the first answer or
 * in a piece is fetched again; a failure of one ends all and keeps what lies without a gap; bodies
 * are not cut that are small, unknown in length, without a strong name, of servers without ranges,
 * or continued; the transfer can be freed at any time. */
#include "get_transferring.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MIB = 1 << 20, TOTAL = 4 * MIB };

static char byte_at(uint64_t offset)
{
	return (char)((offset * 2654435761U) >> 13);
}

static bool send_bytes(int fd, uint64_t first, uint64_t length)
{
	char block[16 * 1024];

	while (length > 0) {
		size_t n = length < sizeof(block) ? (size_t)length : sizeof(block);

		for (size_t i = 0; i < n; i++)
			block[i] = byte_at(first + i);
		if (!answering_send(fd, block, n))
			return false;
		first += n;
		length -= n;
	}
	return true;
}

static bool send_part(const struct answering_request *r, uint64_t most)
{
	uint64_t first = 0, last = TOTAL - 1, length;
	bool part = answering_range(r->head, &first, &last);

	length = last - first + 1;
	if (part)
		answering_say(r->fd,
			      "HTTP/1.1 206 Part\r\nETag: \"v1\"\r\nContent-Range: bytes %" PRIu64
			      "-%" PRIu64 "/%d\r\nContent-Length: %" PRIu64 "\r\n\r\n",
			      first, last, TOTAL, length);
	else
		answering_say(r->fd,
			      "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nAccept-Ranges: bytes\r\n"
			      "Content-Length: %d\r\n\r\n",
			      TOTAL);
	return send_bytes(r->fd, first, length < most ? length : most) && length <= most;
}

static bool answer_all(const struct answering_request *r)
{
	return send_part(r, UINT64_MAX);
}

static void prepare(struct transferring *t, answering_function *answer)
{
	transferring_prepare(t, NULL);
	t->answer = answer;
	t->options.segments = 4;
}

/* The bytes of a file are the served ones, so many. */
static void assert_bytes(struct transferring *t, const char *name, size_t length)
{
	char *bytes = malloc(TOTAL + 1), path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", t->folder, name);
	file = fopen(path, "re");
	cr_assert_not_null(file);
	cr_assert_eq(fread(bytes, 1, TOTAL + 1, file), length);
	fclose(file);
	for (size_t i = 0; i < length; i++)
		cr_assert(bytes[i] == byte_at(i), "at byte %zu", i);
	free(bytes);
}

static void assert_whole(struct transferring *t)
{
	const struct transfer_report *r = transfer_report(t->transfer);

	transferring_assert_done(t);
	assert_bytes(t, "out", TOTAL);
	cr_assert_eq(r->done, (uint64_t)TOTAL);
	cr_assert_eq(r->total, (uint64_t)TOTAL);
	transferring_assert_file(t, "out.part", NULL);
}

Test(transfer_segments, pieces_make_the_whole)
{
	struct transferring t;

	prepare(&t, answer_all);
	transferring_run(&t);
	assert_whole(&t);
	cr_assert_eq(answering_requested(&t.server), 4U);
	cr_assert_str_eq(transferring_field(&t, 0, "Range"), "");
	for (unsigned i = 1; i < 4; i++)
		cr_assert_str_eq(transferring_field(&t, i, "If-Range"), "\"v1\"");
	transferring_end(&t);
}

Test(transfer_segments, a_checksum_is_one_of_the_whole)
{
	struct digest digest;
	char text[DIGEST_TEXT_MAX], *bytes = malloc(TOTAL);
	struct transferring t;

	for (size_t i = 0; i < TOTAL; i++)
		bytes[i] = byte_at(i);
	digest_start(&digest, digest_find("sha256", 6));
	digest_add(&digest, bytes, TOTAL);
	digest_finish_text(&digest, text);
	free(bytes);
	prepare(&t, answer_all);
	t.options.checksum = digest_find("sha256", 6);
	t.options.checksum_text = text;
	transferring_run(&t);
	assert_whole(&t);
	t.options.checksum_text = "0";
	transferring_run(&t);
	cr_assert_eq(t.why.class, FAILURE_TRUNCATED);
	transferring_assert_file(&t, "out.part", NULL);
	transferring_end(&t);
}

/* Every question's first answer of its place is cut. */
static bool answer_cut(const struct answering_request *r)
{
	uint64_t first = 0, last;

	answering_range(r->head, &first, &last);
	return send_part(r, first % MIB == 0 ? 100000 : UINT64_MAX);
}

Test(transfer_segments, what_was_cut_is_fetched_again)
{
	struct transferring t;

	prepare(&t, answer_cut);
	transferring_run(&t);
	assert_whole(&t);
	cr_assert_eq(answering_requested(&t.server), 8U);
	cr_assert_eq(transfer_report(t.transfer)->tries, 5U);
	transferring_end(&t);
}

/* The second piece never comes, the others wait until it has failed. */
static bool answer_gap(const struct answering_request *r)
{
	uint64_t first = 0, last;

	answering_range(r->head, &first, &last);
	if (first >= MIB && first < 2 * MIB)
		return answering_say(r->fd, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
	send_part(r, MIB / 2);
	answering_hold(r->fd);
	return false;
}

Test(transfer_segments, a_failure_ends_all_and_keeps_what_has_no_gap)
{
	const struct transfer_report *r;
	struct transferring t;

	prepare(&t, answer_gap);
	r = transferring_run(&t);
	transferring_assert_failed(&t, FAILURE_HTTP_STATUS, "HTTP status 404");
	transferring_assert_file(&t, "out", NULL);
	cr_assert(r->done <= 3 * MIB / 2);
	if (r->kept) {
		struct stat status;

		cr_assert_eq(stat(r->kept, &status), 0);
		cr_assert(status.st_size <= MIB / 2);
		assert_bytes(&t, "out.part", (size_t)status.st_size);
	}
	transferring_end(&t);
}

Test(transfer_segments, can_be_freed_at_any_time)
{
	struct transferring t;

	prepare(&t, answer_all);
	for (unsigned turns = 0; turns < 40; turns += 3) {
		transferring_start(&t);
		for (unsigned i = 0; i < turns && !t.done; i++)
			ev_run(t.loop, EVRUN_ONCE);
		transfer_free(t.transfer);
		t.transfer = NULL;
	}
	transferring_end(&t);
}

/* --- not cut ------------------------------------------------------------------------- */

static const char *fields;

static bool answer_with_fields(const struct answering_request *r)
{
	answering_say(r->fd, "HTTP/1.1 200 OK\r\n%s\r\n", fields);
	send_bytes(r->fd, 0, strstr(fields, "Content-Length: 5\r\n") ? 5 : TOTAL);
	return false;
}

Test(transfer_segments, not_every_body_is_cut)
{
	static const char *const all[] = {
		"ETag: \"v1\"\r\nContent-Length: 4194304\r\n",
		"ETag: \"v1\"\r\nAccept-Ranges: none\r\nContent-Length: 4194304\r\n",
		"ETag: W/\"v1\"\r\nAccept-Ranges: bytes\r\nContent-Length: 4194304\r\n",
		"ETag: \"v1\"\r\nAccept-Ranges: bytes\r\n",
		"ETag: \"v1\"\r\nAccept-Ranges: bytes\r\nContent-Length: 5\r\n",
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct transferring t;

		fields = all[i];
		prepare(&t, answer_with_fields);
		transferring_run(&t);
		transferring_assert_done(&t);
		cr_assert_eq(answering_requested(&t.server), 1U);
		transferring_end(&t);
	}
}
