/* SPDX-License-Identifier: MIT */
/* websocket_handshake.c - the opening handshake of WebSocket, both sides (RFC 6455, 4). */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/base64.h>
#include <sockutil/base/digest.h>
#include <sockutil/proto/http_framing.h>
#include <sockutil/proto/http_status.h>
#include <sockutil/proto/websocket_handshake.h>

enum { KEY_LENGTH = WEBSOCKET_KEY_MAX - 1, HEADER_MAX = 16 * 1024 };

static bool refuse(struct failure *why, enum failure_class class, const char *what)
{
	fail(why, class, "%s", what);
	return false;
}

/* ------ key and accept ------ */

static const char *base64_text(char *out, size_t size, const void *bytes, size_t length)
{
	struct buffer text = { 0 };
	const char *made = base64_add(&text, bytes, length) ? buffer_text(&text) : NULL;

	out[0] = '\0';
	if (made && text.length < size)
		memcpy(out, made, text.length + 1);
	buffer_free(&text);
	return out;
}

const char *websocket_key(char out[static WEBSOCKET_KEY_MAX],
			  const uint8_t nonce[static WEBSOCKET_NONCE_BYTES])
{
	return base64_text(out, WEBSOCKET_KEY_MAX, nonce, WEBSOCKET_NONCE_BYTES);
}

const char *websocket_accept(char out[static WEBSOCKET_ACCEPT_MAX], const char *key, size_t length)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455, 1.3 */
	uint8_t bytes[DIGEST_BYTES_MAX];
	struct digest digest;
	size_t count;

	digest_start(&digest, digest_find("sha1", 4));
	digest_add(&digest, key, length);
	digest_add(&digest, guid, sizeof(guid) - 1);
	count = digest_finish(&digest, bytes);
	return base64_text(out, WEBSOCKET_ACCEPT_MAX, bytes, count);
}

/* Base64 of 16 bytes: 22 characters and "==". */
static bool key_valid(const struct http_field *key)
{
	if (key->value_length != KEY_LENGTH || memcmp(key->value + KEY_LENGTH - 2, "==", 2) != 0)
		return false;
	for (size_t i = 0; i < KEY_LENGTH - 2; i++) {
		const char c = key->value[i];
		const char lower = (char)(c | 0x20);

		if (!(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9') && c != '+' &&
		    c != '/')
			return false;
	}
	return true;
}

/* ------ lists of subprotocols ------ */

static bool list_has(const char *list, size_t list_length, const char *name, size_t length)
{
	const char *element;
	size_t cursor = 0, element_length;

	while (http_list_next(list, list_length, &cursor, &element, &element_length))
		if (element_length == length && memcmp(element, name, length) == 0)
			return true;
	return false;
}

bool websocket_subprotocols_check(const char *text, struct failure *why)
{
	const size_t all = strlen(text);
	size_t cursor = 0, length, found = 0;
	const char *name;

	while (http_list_next(text, all, &cursor, &name, &length)) {
		if (!http_token_valid(name, length) || length >= WEBSOCKET_SUBPROTOCOL_MAX ||
		    list_has(text, (size_t)(name - text), name, length)) {
			fail(why, FAILURE_USAGE, "%s: not a list of subprotocols (a, b)", text);
			return false;
		}
		found++;
	}
	return found > 0 || refuse(why, FAILURE_USAGE, "a list of subprotocols names at least one");
}

static void subprotocol_set(struct websocket_agreement *out, const char *name, size_t length)
{
	if (length >= sizeof(out->subprotocol))
		return;
	memcpy(out->subprotocol, name, length);
	out->subprotocol[length] = '\0';
}

/* ------ a client ------ */

/* Whether a header may be given by the user; *is_host: it replaces ours. */
static bool header_check(const char *line, bool *is_host, struct failure *why)
{
	static const char *const ours[] = { "Upgrade", "Connection", "Content-Length",
					    "Transfer-Encoding" };
	const char *colon = strchr(line, ':');
	const size_t name = colon ? (size_t)(colon - line) : 0;
	const char *value = colon ? colon + 1 : "";

	value += strspn(value, " \t");
	if (!http_name_valid(line, name) || !http_value_valid(value, strlen(value)) ||
	    strlen(line) > HEADER_MAX) {
		fail(why, FAILURE_USAGE, "%.200s: not a header; write it as 'Name: value'", line);
		return false;
	}
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if ((strlen(ours[i]) == name && strncasecmp(line, ours[i], name) == 0) ||
		    (name > 13 && strncasecmp(line, "Sec-WebSocket", 13) == 0)) {
			fail(why, FAILURE_USAGE, "%.200s: belongs to the handshake itself", line);
			return false;
		}
	*is_host = *is_host || (name == 4 && strncasecmp(line, "Host", 4) == 0);
	return true;
}

static bool headers_check(const char *const *headers, bool *has_host, struct failure *why)
{
	for (; headers && *headers; headers++)
		if (!header_check(*headers, has_host, why))
			return false;
	return true;
}

static bool request_write(struct buffer *out, const struct websocket_request *r, bool has_host)
{
	bool added = buffer_format(out, "GET %s HTTP/1.1\r\n", r->target);

	if (!has_host)
		added = added && buffer_format(out, "Host: %s\r\n", r->authority);
	added = added && buffer_format(out,
				       "Upgrade: websocket\r\nConnection: Upgrade\r\n"
				       "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n",
				       r->key);
	if (r->offer.subprotocols)
		added = added &&
			buffer_format(out, "Sec-WebSocket-Protocol: %s\r\n", r->offer.subprotocols);
	if (r->offer.deflate)
		added = added && buffer_format(out, "Sec-WebSocket-Extensions: permessage-deflate; "
						    "client_max_window_bits\r\n");
	for (const char *const *h = r->headers; h && *h; h++)
		added = added && buffer_format(out, "%s\r\n", *h);
	return added && buffer_add(out, "\r\n", 2);
}

bool websocket_request_add(struct buffer *out, const struct websocket_request *request,
			   struct failure *why)
{
	bool has_host = false;

	if (!headers_check(request->headers, &has_host, why) ||
	    (request->offer.subprotocols &&
	     !websocket_subprotocols_check(request->offer.subprotocols, why)))
		return false;
	return request_write(out, request, has_host) || refuse(why, FAILURE_OTHER, "out of memory");
}

static bool answer_status_check(const struct http_head *answer, struct failure *why)
{
	if (answer->status == 101)
		return true;
	fail(why, FAILURE_PROTOCOL, "no WebSocket there: the answer is %d%s%.*s", answer->status,
	     answer->reason_length > 0 ? " " : "",
	     answer->reason_length < 100 ? (int)answer->reason_length : 100, answer->reason);
	if (http_status_may_pass(answer->status))
		why->error = EHOSTUNREACH;
	return false;
}

static bool answer_accept_check(const struct http_head *answer, const char *key,
				struct failure *why)
{
	char given[WEBSOCKET_ACCEPT_MAX], right[WEBSOCKET_ACCEPT_MAX];

	if (http_head_text(answer, "Sec-WebSocket-Accept", given, sizeof(given)) &&
	    strcmp(given, websocket_accept(right, key, strlen(key))) == 0)
		return true;
	return refuse(why, FAILURE_PROTOCOL,
		      "the answer does not prove that WebSocket was understood "
		      "(Sec-WebSocket-Accept)");
}

static bool answer_subprotocol(struct websocket_agreement *out, const struct http_head *answer,
			       const char *offered, struct failure *why)
{
	const struct http_field *chosen = http_head_find(answer, "Sec-WebSocket-Protocol", NULL);

	if (!chosen)
		return true;
	if (!offered || http_head_find(answer, "Sec-WebSocket-Protocol", chosen) ||
	    !list_has(offered, strlen(offered), chosen->value, chosen->value_length)) {
		fail(why, FAILURE_PROTOCOL, "the server chose a subprotocol not offered: %.*s",
		     chosen->value_length < 200 ? (int)chosen->value_length : 200, chosen->value);
		return false;
	}
	subprotocol_set(out, chosen->value, chosen->value_length);
	return true;
}

bool websocket_answer_check(struct websocket_agreement *out,
			    const struct websocket_request *request, const struct http_head *answer,
			    struct failure *why)
{
	*out = (struct websocket_agreement){ 0 };
	if (!answer_status_check(answer, why))
		return false;
	if (!http_head_has_token(answer, "Upgrade", "websocket") ||
	    !http_head_has_token(answer, "Connection", "upgrade"))
		return refuse(why, FAILURE_PROTOCOL, "the answer is 101 for something else");
	return answer_accept_check(answer, request->key, why) &&
	       answer_subprotocol(out, answer, request->offer.subprotocols, why) &&
	       websocket_handshake_agreed(&out->deflate, answer, request->offer.deflate, why);
}

/* ------ a server ------ */

bool websocket_request_asks(const struct http_request_head *request)
{
	return http_head_has_token(&request->head, "Upgrade", "websocket");
}

static bool wrong(int *status, int answer, struct failure *why, const char *what)
{
	*status = answer;
	return refuse(why, FAILURE_PROTOCOL, what);
}

static const struct http_field *only_field(const struct http_head *head, const char *name)
{
	const struct http_field *first = http_head_find(head, name, NULL);

	return first && !http_head_find(head, name, first) ? first : NULL;
}

static bool version_valid(const struct http_head *head)
{
	const struct http_field *version = only_field(head, "Sec-WebSocket-Version");

	return version && version->value_length == 2 && memcmp(version->value, "13", 2) == 0;
}

/* RFC 6455, 4.2.1. */
static bool request_valid(const struct http_request_head *request, int *status, struct failure *why)
{
	const struct http_head *head = &request->head;
	const struct http_field *key = only_field(head, "Sec-WebSocket-Key");
	struct http_framing body;

	if (!websocket_request_asks(request))
		return wrong(status, 426, why, "not a WebSocket request");
	if (!http_request_is(request, "GET") || request->form != HTTP_TARGET_ORIGIN ||
	    head->major != 1 || head->minor < 1)
		return wrong(status, 400, why, "WebSocket is opened by GET /PATH HTTP/1.1");
	if (!http_head_has_token(head, "Connection", "upgrade"))
		return wrong(status, 400, why, "Connection: Upgrade is missing");
	if (!version_valid(head))
		return wrong(status, 426, why, "not version 13 of WebSocket");
	if (!key || !key_valid(key))
		return wrong(status, 400, why, "Sec-WebSocket-Key is missing or malformed");
	if (!http_framing_of_request(&body, request, status, why))
		return false;
	return body.body == HTTP_BODY_NONE || (body.body == HTTP_BODY_LENGTH && body.length == 0) ||
	       wrong(status, 400, why, "a WebSocket request has no body");
}

/* In the order of the client's preference. False: no list of tokens. */
static bool request_subprotocol(struct websocket_agreement *out, const struct http_head *head,
				const char *ours)
{
	const size_t ours_length = ours ? strlen(ours) : 0;
	const struct http_field *f = NULL;

	while ((f = http_head_find(head, "Sec-WebSocket-Protocol", f))) {
		size_t cursor = 0, length;
		const char *name;

		while (http_list_next(f->value, f->value_length, &cursor, &name, &length)) {
			if (!http_token_valid(name, length))
				return false;
			if (!*out->subprotocol && list_has(ours, ours_length, name, length))
				subprotocol_set(out, name, length);
		}
	}
	return true;
}

bool websocket_request_check(struct websocket_agreement *out, const struct websocket_offer *offer,
			     const struct http_request_head *request, int *status,
			     struct failure *why)
{
	*out = (struct websocket_agreement){ 0 };
	if (!request_valid(request, status, why))
		return false;
	if (!request_subprotocol(out, &request->head, offer->subprotocols))
		return wrong(status, 400, why, "Sec-WebSocket-Protocol is malformed");
	if (!websocket_handshake_choose(&out->deflate, &request->head))
		return wrong(status, 400, why, "Sec-WebSocket-Extensions is malformed");
	out->deflate.agreed = out->deflate.agreed && offer->deflate;
	return true;
}

bool websocket_answer_add(struct buffer *out, const struct websocket_agreement *agreement,
			  const struct http_request_head *request)
{
	const struct http_field *key = http_head_find(&request->head, "Sec-WebSocket-Key", NULL);
	char accept[WEBSOCKET_ACCEPT_MAX];

	websocket_accept(accept, key->value, key->value_length);
	return buffer_format(out,
			     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
			     "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n",
			     accept) &&
	       (!*agreement->subprotocol ||
		buffer_format(out, "Sec-WebSocket-Protocol: %s\r\n", agreement->subprotocol)) &&
	       websocket_handshake_answer(out, &agreement->deflate) && buffer_add(out, "\r\n", 2);
}
