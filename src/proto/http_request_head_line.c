/* SPDX-License-Identifier: MIT */
/* http_request_head_line.c - a request line, and the Host field that goes with it. */
#include <string.h>

#include <sockutil/proto/http_head_line.h>
#include <sockutil/proto/http_request_head_parts.h>

static bool refused(int *status, int answer, struct failure *why, const char *text, size_t length,
		    const char *reason)
{
	char shown[HTTP_HEAD_SHOWN_MAX];

	*status = answer;
	fail(why, FAILURE_PROTOCOL, "\"%s\": %s", http_head_shown(shown, text, length), reason);
	return false;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.1": one digit each side (RFC 9112, 2.3). */
static bool version_take(struct http_head *head, const char *text, size_t length, int *status,
			 struct failure *why)
{
	const size_t name = strlen("HTTP/");

	if (length != name + 3 || memcmp(text, "HTTP/", name) || !digit(text[name]) ||
	    text[name + 1] != '.' || !digit(text[name + 2]))
		return refused(status, 400, why, text, length, "not a version of HTTP");
	head->major = text[name] - '0';
	head->minor = text[name + 2] - '0';
	if (head->major != 1 || head->minor > 1)
		return refused(status, 505, why, text, length, "neither HTTP/1.0 nor HTTP/1.1");
	return true;
}

/* What may stand in a target: neither blanks nor controls nor bytes beyond ASCII. */
static bool target_bytes_valid(const char *target, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (target[i] <= ' ' || target[i] >= 0x7f)
			return false;
	}
	return true;
}

static bool target_take(struct http_request_head *request, const char *target, size_t length,
			int *status, struct failure *why)
{
	request->target = target;
	request->target_length = length;
	if (!length)
		return refused(status, 400, why, target, length, "no target in the request line");
	if (!target_bytes_valid(target, length))
		return refused(status, 400, why, target, length,
			       "a blank, a control character or a byte beyond ASCII in the target");
	return http_request_head_form(request, status, why);
}

bool http_request_head_line(struct http_request_head *request, const char *line, size_t length,
			    int *status, struct failure *why)
{
	const char *first = memchr(line, ' ', length),
		   *last = http_request_head_last(line, length, ' ');

	if (!first || first == last)
		return refused(status, 400, why, line, length, "not a request line");
	request->method = line;
	request->method_length = (size_t)(first - line);
	request->head.status = 0;
	request->head.reason = line + length;
	request->head.reason_length = 0;
	if (!http_token_valid(line, request->method_length))
		return refused(status, 400, why, line, length, "not a method");
	if (!version_take(&request->head, last + 1, (size_t)(line + length - last - 1), status,
			  why))
		return false;
	return target_take(request, first + 1, (size_t)(last - first - 1), status, why);
}

bool http_request_head_host(const struct http_request_head *request, int *status,
			    struct failure *why)
{
	const struct http_head *head = &request->head;
	const struct http_field *host = http_head_find(head, "Host", NULL);

	if (!host && head->major == 1 && head->minor == 0)
		return true;
	if (!host || http_head_find(head, "Host", host)) {
		*status = 400;
		fail(why, FAILURE_PROTOCOL, host ? "two Host fields" : "no Host field");
		return false;
	}
	/* Empty for what has no authority (RFC 9110, 7.2). */
	if (host->value_length && !http_authority_valid(host->value, host->value_length, false))
		return refused(status, 400, why, host->value, host->value_length, "names no host");
	return true;
}
