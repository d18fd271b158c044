/* SPDX-License-Identifier: MIT */
/* Heads as a proxy sends them on. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/serve/gateway_heads.h>

/* What Connection names. */
struct named {
	struct {
		const char *name;
		size_t length;
	} items[GATEWAY_HEADS_NAMED_MAX];
	size_t count;
};

static const char *const hop_fields[] = {
	"Connection",
	"Keep-Alive",
	"Proxy-Connection",
	"TE",
	"Trailer",
	"Transfer-Encoding",
	"Upgrade",
	"HTTP2-Settings",
	"Proxy-Authorization",
	"Proxy-Authenticate",
	"Proxy-Authentication-Info",
	/* written anew */
	"Content-Length",
	"Host",
	NULL,
};

static bool is_text(const char *a, size_t length, const char *text)
{
	return strlen(text) == length && strncasecmp(a, text, length) == 0;
}

static bool field_is(const struct http_field *field, const char *name)
{
	return is_text(field->name, field->name_length, name);
}

static bool named_collect(struct named *named, const struct http_head *head)
{
	const struct http_field *field = NULL;

	named->count = 0;
	while ((field = http_head_find(head, "Connection", field))) {
		size_t cursor = 0, length;
		const char *name;

		while (http_list_next(field->value, field->value_length, &cursor, &name, &length)) {
			if (named->count == GATEWAY_HEADS_NAMED_MAX)
				return false;
			named->items[named->count].name = name;
			named->items[named->count++].length = length;
		}
	}
	return true;
}

static bool is_of_hop(const struct http_field *field, const struct named *named)
{
	for (size_t i = 0; hop_fields[i]; ++i)
		if (field_is(field, hop_fields[i]))
			return true;
	for (size_t i = 0; i < named->count; ++i)
		if (named->items[i].length == field->name_length &&
		    strncasecmp(named->items[i].name, field->name, field->name_length) == 0)
			return true;
	return false;
}

static bool add_field(struct buffer *out, const struct http_field *field)
{
	return buffer_add(out, field->name, field->name_length) && buffer_add(out, ": ", 2) &&
	       buffer_add(out, field->value, field->value_length) && buffer_add(out, "\r\n", 2);
}

static bool add_via(struct buffer *out, const struct http_head *head, const char *via)
{
	return buffer_format(out, "Via: %d.%d %s\r\n", head->major, head->minor, via);
}

static bool add_framing(struct buffer *out, const struct http_framing *framing, bool plain)
{
	if (framing->body == HTTP_BODY_CHUNKED)
		return plain || buffer_format(out, "Transfer-Encoding: chunked\r\n");
	if (framing->length_known)
		return buffer_format(out, "Content-Length: %" PRIu64 "\r\n", framing->length);
	return true;
}

/* ------ requests ------ */

/* "OPTIONS http://host HTTP/1.1" is for the server as a whole (RFC 9112, 3.2.4). */
static bool is_for_server(const struct http_request_head *request)
{
	const char *slashes = memchr(request->target, ':', request->target_length);
	size_t at = slashes ? (size_t)(slashes - request->target) + 3 : 0;

	if (!http_request_is(request, "OPTIONS") || !slashes)
		return false;
	while (at < request->target_length && request->target[at] != '/' &&
	       request->target[at] != '?')
		++at;
	return at >= request->target_length;
}

static bool max_forwards(const struct http_head *head, uint64_t *out)
{
	char text[24];

	return http_head_text(head, "Max-Forwards", text, sizeof(text)) &&
	       number_parse(text, UINT64_MAX, out);
}

bool gateway_heads_last(const struct http_head *head)
{
	uint64_t left;

	return max_forwards(head, &left) && left == 0;
}

static bool add_max_forwards(struct buffer *out, const struct http_head *head)
{
	uint64_t left;

	return !max_forwards(head, &left) || left == 0 ||
	       buffer_format(out, "Max-Forwards: %" PRIu64 "\r\n", left - 1);
}

/* HTTP/1.0 knows no interim responses: nobody waits for one. */
static bool is_dropped(const struct http_request_head *request, const struct http_field *field)
{
	return (field_is(field, "Expect") && request->head.minor == 0) ||
	       (field_is(field, "Max-Forwards") && http_request_is(request, "OPTIONS"));
}

bool gateway_heads_request(struct buffer *out, const struct http_request_head *request,
			   const struct http_framing *framing, const struct url *url,
			   const char *via)
{
	const struct http_head *head = &request->head;
	char authority[URL_AUTHORITY_MAX];
	struct named named;
	bool ok;

	if (!named_collect(&named, head))
		return false;
	ok = buffer_add(out, request->method, request->method_length) &&
	     buffer_format(out, " %s HTTP/1.1\r\nHost: %s\r\n",
			   is_for_server(request) ? "*" : url->target,
			   url_authority(authority, url, url->host));
	for (size_t i = 0; ok && i < head->field_count; ++i)
		if (!is_of_hop(&head->fields[i], &named) && !is_dropped(request, &head->fields[i]))
			ok = add_field(out, &head->fields[i]);
	if (ok && http_request_is(request, "OPTIONS"))
		ok = add_max_forwards(out, head);
	return ok && add_framing(out, framing, false) && add_via(out, head, via) &&
	       buffer_format(out, "Connection: close\r\n\r\n");
}

/* ------ responses ------ */

bool gateway_heads_response(struct buffer *out, const struct http_head *head,
			    const struct http_framing *framing, const char *via, bool plain)
{
	const bool reason = http_value_valid(head->reason, head->reason_length);
	struct named named;
	bool ok;

	if (!named_collect(&named, head))
		return false;
	ok = buffer_format(out, "HTTP/1.1 %03d ", head->status) &&
	     (!reason || buffer_add(out, head->reason, head->reason_length)) &&
	     buffer_add(out, "\r\n", 2);
	for (size_t i = 0; ok && i < head->field_count; ++i)
		if (!is_of_hop(&head->fields[i], &named))
			ok = add_field(out, &head->fields[i]);
	ok = ok && add_framing(out, framing, plain) && add_via(out, head, via);
	if (ok && head->status >= 200)
		ok = buffer_format(out, "Connection: close\r\n");
	return ok && buffer_add(out, "\r\n", 2);
}

/* ------ loops ------ */

/* "1.1 name", "HTTP/1.1 name (comment)". */
static bool via_is(const char *element, size_t length, const char *via)
{
	const char *blank = memchr(element, ' ', length);
	const char *name = blank ? blank + 1 : element;
	const size_t left = length - (size_t)(name - element), own = strlen(via);

	return left >= own && strncasecmp(name, via, own) == 0 &&
	       (left == own || name[own] == ' ' || name[own] == ',');
}

bool gateway_heads_looped(const struct http_head *head, const char *via)
{
	const struct http_field *field = NULL;

	while ((field = http_head_find(head, "Via", field))) {
		size_t cursor = 0, length;
		const char *element;

		while (http_list_next(field->value, field->value_length, &cursor, &element,
				      &length))
			if (via_is(element, length, via))
				return true;
	}
	return false;
}
