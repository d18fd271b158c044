/* SPDX-License-Identifier: MIT */
/* What every version knows of answers: their statuses, and the bytes of their pieces. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/http/service.h>

/* Of those a server of files says (RFC 9110, 15). */
static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 426, "Upgrade Required" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
};

const char *http_service_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); ++i)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

bool http_service_status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

uint64_t http_answer_length(const struct http_answer *answer)
{
	uint64_t length = 0;

	for (size_t i = 0; i < answer->piece_count; ++i)
		length += answer->pieces[i].length;
	return length;
}

static bool piece_read(const struct http_service_piece *piece, uint64_t at, char *out, size_t size,
		       struct failure *why)
{
	if (piece->bytes) {
		memcpy(out, piece->bytes + at, size);
		return true;
	}
	for (size_t got = 0; got < size;) {
		const ssize_t n =
			pread(piece->fd, out + got, size - got, (off_t)(piece->offset + at + got));

		if (n > 0) {
			got += (size_t)n;
		} else if (n == 0) {
			fail(why, FAILURE_INPUT, "the file became shorter while it was sent");
			return false;
		} else if (errno != EINTR) {
			fail_errno(why, FAILURE_INPUT, errno, "the file cannot be read");
			return false;
		}
	}
	return true;
}

bool http_answer_read(const struct http_answer *answer, uint64_t at, char *out, size_t size,
		      size_t *got, struct failure *why)
{
	*got = 0;
	for (size_t i = 0; i < answer->piece_count && *got < size; ++i) {
		const struct http_service_piece *piece = &answer->pieces[i];
		size_t part = size - *got;

		if (at >= piece->length) {
			at -= piece->length;
			continue;
		}
		if (part > piece->length - at)
			part = (size_t)(piece->length - at);
		if (!piece_read(piece, at, out + *got, part, why))
			return false;
		*got += part;
		at = 0;
	}
	return true;
}
