/* SPDX-License-Identifier: MIT */
/* http_framing.c - how long the body of a message is; strict where two readers could differ. */
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/http_head_line.h>
#include <sockutil/proto/http_request_head.h>

static bool refused(struct failure *why, const char *name, const struct http_field *field,
		    const char *reason)
{
	char shown[HTTP_HEAD_SHOWN_MAX];

	fail(why, FAILURE_PROTOCOL, "%s \"%s\" %s", name,
	     http_head_shown(shown, field->value, field->value_length), reason);
	return false;
}

static bool digits(const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return count > 0;
}

static bool length_add(struct http_framing *out, uint64_t length, struct failure *why)
{
	if (out->length_known && out->length != length) {
		fail(why, FAILURE_PROTOCOL, "Content-Length says %llu and %llu",
		     (unsigned long long)out->length, (unsigned long long)length);
		return false;
	}
	out->length = length;
	out->length_known = true;
	return true;
}

/* One line: a number, or the same one repeated behind commas, as who joins lines writes it. Not
 * http_list_next(), which lets empty elements pass. */
static bool length_read(struct http_framing *out, const struct http_field *field,
			struct failure *why)
{
	const char *text = field->value, *end = text + field->value_length;

	for (;;) {
		const char *comma = memchr(text, ',', (size_t)(end - text));
		size_t count = (size_t)((comma ? comma : end) - text);
		uint64_t length;

		while (count && (text[count - 1] == ' ' || text[count - 1] == '\t'))
			count--;
		if (!digits(text, count))
			return refused(why, "Content-Length", field, "is not a number");
		if (!number_parse_bytes(text, count, INT64_MAX, &length))
			return refused(why, "Content-Length", field, "is too large");
		if (!length_add(out, length, why))
			return false;
		if (!comma)
			return true;
		for (text = comma + 1; text < end && (*text == ' ' || *text == '\t');)
			text++;
	}
}

static bool lengths_read(struct http_framing *out, const struct http_head *head,
			 struct failure *why)
{
	const struct http_field *field = NULL;

	while ((field = http_head_find(head, "Content-Length", field))) {
		if (!length_read(out, field, why))
			return false;
	}
	return true;
}

/* How many codings a line names, all of them chunked; 0: refused. */
static unsigned chunked_count(const struct http_field *field, struct failure *why)
{
	const char *element;
	size_t cursor = 0, length;
	unsigned count = 0;

	while (http_list_next(field->value, field->value_length, &cursor, &element, &length)) {
		if (length != strlen("chunked") || strncasecmp(element, "chunked", length)) {
			refused(why, "Transfer-Encoding", field, "is not chunked alone");
			return 0;
		}
		count++;
	}
	if (!count)
		refused(why, "Transfer-Encoding", field, "names no coding");
	return count;
}

/* Whether chunked is the only coding of all lines. */
static bool only_chunked(const struct http_head *head, struct failure *why)
{
	const struct http_field *field = NULL;
	unsigned total = 0;

	while ((field = http_head_find(head, "Transfer-Encoding", field))) {
		unsigned count = chunked_count(field, why);

		if (!count)
			return false;
		total += count;
		if (total > 1)
			return refused(why, "Transfer-Encoding", field,
				       "says chunked more than once");
	}
	return true;
}

static bool transfer_read(struct http_framing *out, const struct http_head *head,
			  struct failure *why)
{
	if (!http_head_find(head, "Transfer-Encoding", NULL))
		return true;
	if (head->major != 1 || head->minor == 0) {
		fail(why, FAILURE_PROTOCOL, "Transfer-Encoding in a %s of HTTP/%d.%d",
		     head->status ? "response" : "request", head->major, head->minor);
		return false;
	}
	if (out->length_known) {
		fail(why, FAILURE_PROTOCOL, "both Content-Length and Transfer-Encoding");
		return false;
	}
	if (!only_chunked(head, why))
		return false;
	out->body = HTTP_BODY_CHUNKED;
	return true;
}

static bool without_content(int status)
{
	return status < 200 || status == 204;
}

static bool lasts(const struct http_framing *announced, const struct http_head *head, bool bodiless)
{
	/* Of HTTP/2 it is the stream that closes. */
	if (head->major != 1)
		return true;
	if (announced->body == HTTP_BODY_TO_CLOSE && !bodiless)
		return false;
	/* A body announced where none may be: who sent it may believe in it, and what then follows
	 * would be taken for the next response. */
	if (without_content(head->status) &&
	    (announced->body == HTTP_BODY_CHUNKED || announced->length))
		return false;
	if (http_head_has_token(head, "Connection", "close"))
		return false;
	return head->minor > 0 || http_head_has_token(head, "Connection", "keep-alive");
}

bool http_framing_of_response(struct http_framing *out, const struct http_head *head, bool to_head,
			      struct failure *why)
{
	const bool bodiless = to_head || without_content(head->status) || head->status == 304;

	*out = (struct http_framing){ .body = HTTP_BODY_TO_CLOSE };
	if (!lengths_read(out, head, why))
		return false;
	if (out->length_known)
		out->body = HTTP_BODY_LENGTH;
	if (!transfer_read(out, head, why))
		return false;
	out->persistent = lasts(out, head, bodiless);
	if (bodiless)
		out->body = HTTP_BODY_NONE;
	return true;
}

/* The same length twice means one thing, but says that somebody put it there twice. */
static bool single_length(const struct http_head *head, struct failure *why)
{
	const struct http_field *first = http_head_find(head, "Content-Length", NULL);

	if (!first)
		return true;
	if (http_head_find(head, "Content-Length", first)) {
		fail(why, FAILURE_PROTOCOL, "two Content-Length fields");
		return false;
	}
	if (memchr(first->value, ',', first->value_length))
		return refused(why, "Content-Length", first, "is a list");
	return true;
}

/* Whether a coding other than chunked is what transfer_read() refused. */
static bool other_coding(const struct http_head *head)
{
	const struct http_field *field = NULL;

	while ((field = http_head_find(head, "Transfer-Encoding", field))) {
		const char *element;
		size_t cursor = 0, length;

		while (http_list_next(field->value, field->value_length, &cursor, &element,
				      &length)) {
			if (length != strlen("chunked") || strncasecmp(element, "chunked", length))
				return true;
		}
	}
	return false;
}

static bool request_lasts(const struct http_head *head)
{
	if (head->major != 1)
		return true;
	if (http_head_has_token(head, "Connection", "close"))
		return false;
	return head->minor > 0 || http_head_has_token(head, "Connection", "keep-alive");
}

bool http_framing_of_request(struct http_framing *out, const struct http_request_head *request,
			     int *status, struct failure *why)
{
	const struct http_head *head = &request->head;

	*out = (struct http_framing){ .body = HTTP_BODY_NONE };
	if (!lengths_read(out, head, why) || !single_length(head, why)) {
		*status = 400;
		return false;
	}
	if (out->length_known)
		out->body = HTTP_BODY_LENGTH;
	if (!transfer_read(out, head, why)) {
		const bool served = head->major == 1 && head->minor > 0 && !out->length_known;

		*status = served && other_coding(head) ? 501 : 400;
		return false;
	}
	out->persistent = request_lasts(head);
	return true;
}
