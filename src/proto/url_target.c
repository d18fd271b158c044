/* SPDX-License-Identifier: MIT */
/* url_target.c - path and query of a URL: encoding, dot segments, the last segment. */
#include <stdint.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/proto/url.h>
#include <sockutil/proto/url_parts.h>

#define UNRESERVED                                                                                 \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~" /* RFC 3986, 2.3 */

/* RFC 3986, 3.3 and 3.4; a percent sign stays as it is. */
static const char path_bytes[] = UNRESERVED "!$&'()*+,;=:@/%";
static const char query_bytes[] = UNRESERVED "!$&'()*+,;=:@/?%";

static const char hexadecimal[] = "0123456789ABCDEF";

/* Appends to the target with everything encoded that is not in allowed. */
static bool add(struct url *out, size_t *at, const char *allowed, const char *text, size_t length,
		struct failure *why)
{
	for (size_t i = 0; i < length; i++) {
		const unsigned char byte = (unsigned char)text[i];
		const bool plain = byte && strchr(allowed, byte);

		if (*at + (plain ? 1 : 3) >= sizeof(out->target))
			return url_refuse(why, "path and query have more than %zu bytes",
					  sizeof(out->target) - 1);
		if (!plain) {
			out->target[(*at)++] = '%';
			out->target[(*at)++] = hexadecimal[byte >> 4];
		}
		out->target[(*at)++] = plain ? (char)byte : hexadecimal[byte & 15];
	}
	out->target[*at] = '\0';
	return true;
}

/* Bytes before the first mark, or all. */
static size_t until(const char *text, size_t length, char mark)
{
	const char *found = memchr(text, mark, length);

	return found ? (size_t)(found - text) : length;
}

/* Bytes before the last slash of length bytes that start with one. */
static size_t parent(const char *path, size_t length)
{
	while (length > 0 && path[--length] != '/')
		;
	return length;
}

/* RFC 3986, 5.2.4, in place: what is written never overtakes what is read. Returns the length. */
static size_t remove_dot_segments(char *path, size_t length)
{
	size_t written = 0, segment;

	for (size_t at = 0; at < length; at += 1 + segment) {
		const char *name = path + at + 1;

		segment = until(name, length - at - 1, '/');
		if (segment == 2 && memcmp(name, "..", 2) == 0) {
			written = parent(path, written);
		} else if (segment != 1 || *name != '.') {
			memmove(path + written, path + at, 1 + segment);
			written += 1 + segment;
			continue;
		}
		if (at + 1 + segment == length)
			path[written++] = '/';
	}
	return written;
}

/* The path of the reference, merged with that of base unless it is absolute (RFC 3986, 5.2.3). */
static bool set_path(struct url *out, const struct url *base, const char *text, size_t length,
		     struct failure *why)
{
	size_t at = 0, end;

	if (length == 0 || *text != '/') {
		if (base)
			at = parent(base->target, base->path_length);
		if (at > 0)
			memcpy(out->target, base->target, at);
		out->target[at++] = '/';
	}
	if (!add(out, &at, path_bytes, text, length, why))
		return false;
	end = remove_dot_segments(out->target, at);
	memset(out->target + end, 0, at - end);
	out->path_length = end;
	return true;
}

bool url_set_target(struct url *out, const struct url *base, const char *text, size_t length,
		    struct failure *why)
{
	const size_t end = until(text, length, '#');
	const size_t path = until(text, end, '?');
	size_t at;

	if (base && path == 0) {
		memcpy(out->target, base->target, base->path_length);
		out->path_length = base->path_length;
		if (end == 0)
			memcpy(out->target, base->target, sizeof(out->target));
	} else if (!set_path(out, base, text, path, why)) {
		return false;
	}
	at = out->path_length;
	return path == end || add(out, &at, query_bytes, text + path, end - path, why);
}

bool url_add_query(struct url *url, const char *query, size_t length, struct failure *why)
{
	const char *mark = url->target[url->path_length] ? "&" : "?";
	size_t at = strlen(url->target);

	return add(url, &at, query_bytes, mark, 1, why) &&
	       add(url, &at, query_bytes, query, length, why);
}

static int digit_value(char digit)
{
	const char *found = NULL;

	if (digit >= 'a' && digit <= 'f')
		digit = (char)(digit - 'a' + 'A');
	if (digit)
		found = strchr(hexadecimal, digit);
	return found ? (int)(found - hexadecimal) : -1;
}

/* The byte that %XX at the start of length bytes stands for; -1: it is no %XX. */
static int escaped(const char *text, size_t length)
{
	const int high = length >= 3 && *text == '%' ? digit_value(text[1]) : -1;
	const int low = high >= 0 ? digit_value(text[2]) : -1;

	return low >= 0 ? high << 4 | low : -1;
}

bool url_decode(char *out, size_t size, size_t *decoded, const char *text, size_t length,
		bool loose)
{
	*decoded = 0;
	for (size_t i = 0; i < length; i++) {
		const int byte = escaped(text + i, length - i);

		if (byte < 0 && text[i] == '%' && !loose)
			return false;
		if (*decoded == size)
			return ++*decoded, false;
		out[(*decoded)++] = byte < 0 ? text[i] : (char)byte;
		i += byte < 0 ? 0 : 2;
	}
	return true;
}

bool url_last_segment(char *out, size_t size, const struct url *url)
{
	const size_t start = parent(url->target, url->path_length) + 1;
	size_t decoded = 0;

	if (size == 0 || !url_decode(out, size - 1, &decoded, url->target + start,
				     url->path_length - start, true))
		return false;
	out[decoded] = '\0';
	return !memchr(out, '\0', decoded);
}

bool url_encode(struct buffer *out, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const unsigned char byte = (unsigned char)bytes[i];
		const char code[] = { '%', hexadecimal[byte >> 4], hexadecimal[byte & 15] };
		const bool plain = byte && strchr(UNRESERVED, byte);

		if (!buffer_add(out, plain ? bytes + i : code, plain ? 1 : sizeof(code)))
			return false;
	}
	return true;
}
