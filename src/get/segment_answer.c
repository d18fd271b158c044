/* SPDX-License-Identifier: MIT */
/* src/get/segment_answer.c - whether an answer is the range that was asked for. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <sockutil/get/segment_parts.h>
#include <sockutil/proto/http_range.h>
#include <sockutil/proto/http_status.h>

/* What is asked for. */
struct asked {
	const struct http_head *head;
	const struct validator *validator;
	uint64_t first, last;
};

/* No range came: the rest of the status decides. */
static void judge_status(struct segment_answer *out, const struct http_head *head, int64_t now)
{
	if (head->status == 200)
		fail(&out->why, FAILURE_RESUME,
		     "the server sent the whole file for a range: it has changed, or the server "
		     "does not serve ranges");
	else if (head->status == 416)
		fail(&out->why, FAILURE_RESUME,
		     "the server has no such range (status 416): the file has changed");
	else if (head->status < 400)
		fail(&out->why, FAILURE_RESUME, "status %d instead of a range", head->status);
	else
		fail(&out->why, FAILURE_HTTP_STATUS, "HTTP status %d", head->status);
	if (!http_status_may_pass(head->status))
		return;
	out->wait_ms = http_status_retry_after(head, now);
	if (out->wait_ms <= SEGMENT_WAIT_MOST_MS)
		out->verdict = SEGMENT_AGAIN;
}

static bool range_fits(const struct asked *a, struct failure *why)
{
	struct http_content_range range;
	const struct http_field *f = http_head_find(a->head, "Content-Range", NULL);

	if (!f || http_head_find(a->head, "Content-Range", f) ||
	    !http_content_range_parse(&range, f->value, f->value_length) || !range.satisfied) {
		fail(why, FAILURE_RESUME,
		     "the server answered 206 without one valid Content-Range");
		return false;
	}
	if (range.total != a->validator->total) {
		if (range.total == HTTP_RANGE_UNKNOWN)
			fail(why, FAILURE_RESUME, "the server does not say how long the file is");
		else
			fail(why, FAILURE_RESUME,
			     "the file is %" PRIu64 " bytes long now, it was %" PRIu64, range.total,
			     a->validator->total);
		return false;
	}
	if (range.first == a->first && range.last == a->last)
		return true;
	fail(why, FAILURE_RESUME,
	     "the server sent bytes %" PRIu64 "-%" PRIu64 ", asked for were %" PRIu64 "-%" PRIu64,
	     range.first, range.last, a->first, a->last);
	return false;
}

/* Not there is fine: a 206 to an If-Range need not repeat it. */
static bool same_field(const struct http_head *head, const char *name, const char *expected)
{
	char text[VALIDATOR_TEXT_MAX];

	if (!http_head_find(head, name, NULL))
		return true;
	return http_head_text(head, name, text, sizeof(text)) && strcmp(text, expected) == 0;
}

/* A server that passes over If-Range is caught here. */
static bool validator_fits(const struct asked *a, struct failure *why)
{
	const struct validator *v = a->validator;

	if (v->etag[0] && !same_field(a->head, "ETag", v->etag)) {
		fail(why, FAILURE_RESUME, "the file has changed: its ETag is another one");
		return false;
	}
	if (!v->etag[0] && v->last_modified[0] &&
	    !same_field(a->head, "Last-Modified", v->last_modified)) {
		fail(why, FAILURE_RESUME, "the file has changed: its Last-Modified differs");
		return false;
	}
	return true;
}

/* Offsets are those of the bytes as stored: a coding on top would be glued into the file. */
static bool is_plain(const struct asked *a, struct failure *why)
{
	const struct http_field *f = http_head_find(a->head, "Content-Encoding", NULL);

	if (!f || (f->value_length == 8 && strncasecmp(f->value, "identity", 8) == 0))
		return true;
	fail(why, FAILURE_RESUME, "the server sent the range with a content encoding");
	return false;
}

/* A shorter body is cut short, and found so at its end. */
static bool length_fits(const struct asked *a, const struct http_framing *framing,
			struct failure *why)
{
	uint64_t length = a->last - a->first + 1;

	if (!framing->length_known || framing->length <= length)
		return true;
	fail(why, FAILURE_PROTOCOL,
	     "the server announced %" PRIu64 " bytes for a range of %" PRIu64, framing->length,
	     length);
	return false;
}

void segment_judge(struct segment_answer *out, const struct http_head *head,
		   const struct http_framing *framing, const struct validator *validator,
		   uint64_t first, uint64_t last, int64_t now)
{
	const struct asked a = {
		.head = head,
		.validator = validator,
		.first = first,
		.last = last,
	};

	*out = (struct segment_answer){ .verdict = SEGMENT_GIVE_UP, .wait_ms = -1 };
	if (head->status != 206)
		judge_status(out, head, now);
	else if (range_fits(&a, &out->why) && validator_fits(&a, &out->why) &&
		 is_plain(&a, &out->why) && length_fits(&a, framing, &out->why))
		out->verdict = SEGMENT_TAKE;
}
