/* SPDX-License-Identifier: MIT */
/* url_host.c - what the host of a URL may look like. Nothing it accepts means to getaddrinfo(3)
 * another address than to the reader, as "127.1", "0x7f.1" or "017700000001" would. */
#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/proto/host_name.h>
#include <sockutil/proto/url.h>
#include <sockutil/proto/url_parts.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool check_character(uint32_t point, struct failure *why)
{
	if (host_name_is_control(point))
		return url_refuse(why, "U+%04X, which nobody sees, cannot be part of a host",
				  (unsigned)point);
	if (point >= 0x80 || strchr(LETTERS DIGITS "-_.", (int)point))
		return true;
	if (point == '%')
		return url_refuse(why, "a host is written without %%, only an IPv6 address has a "
				       "zone: [fe80::1%%25eth0]");
	return url_refuse(why, "'%c' cannot be part of a host", (int)point);
}

static bool check_characters(const char *host, struct failure *why)
{
	const size_t length = strlen(host);
	uint32_t point = 0;

	for (size_t i = 0, step; i < length; i += step) {
		step = utf8_decode(host + i, length - i, &point);
		if (step == 0)
			return url_refuse(why, "the host is not UTF-8");
		if (!check_character(point, why))
			return false;
	}
	return true;
}

static bool is_quad(const struct url *url)
{
	struct in_addr address;

	return inet_pton(AF_INET, url->host, &address) == 1 && !url->rooted;
}

static bool check_labels(const struct url *url, struct failure *why)
{
	bool numeric = true;
	size_t length = 0;

	for (const char *label = url->host;; label += length + 1) {
		length = strcspn(label, ".");
		if (length == 0)
			return url_refuse(why,
					  "a host has no dot at its start and no two in a row");
		if (length > HOST_NAME_LABEL_MAX && strspn(label, LETTERS DIGITS "-_") >= length)
			return url_refuse(why, "a part of a host name has at most %d bytes",
					  HOST_NAME_LABEL_MAX);
		numeric = numeric && host_name_is_numeric(label, length);
		if (!label[length])
			break;
	}
	if (numeric && !is_quad(url))
		return url_refuse(why, "an IPv4 address is a dotted quad, four numbers from 0 to "
				       "255, as in 127.0.0.1");
	return true;
}

/* tolower(3) depends on the locale. */
static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

bool url_set_host(struct url *out, const char *text, size_t length, struct failure *why)
{
	if (length > 1 && text[length - 1] == '.') {
		out->rooted = true;
		length--;
	}
	if (length >= sizeof(out->host))
		return url_refuse(why, "a host has at most %zu bytes", sizeof(out->host) - 1);
	for (size_t i = 0; i < length; i++)
		out->host[i] = lower(text[i]);
	return check_characters(out->host, why) && check_labels(out, why);
}

/* RFC 6874: "%25" comes before a zone in a URL; everybody writes '%' too. */
static bool set_zone(struct url *out, const char *text, size_t length, struct failure *why)
{
	const size_t skip = length > 3 && memcmp(text, "%25", 3) == 0 ? 3 : 1;
	const size_t address = strlen(out->host);
	char *zone = out->host + address;

	text += skip;
	length -= skip;
	if (length == 0 || length >= IF_NAMESIZE)
		return url_refuse(why, "a zone has 1 to %d bytes: [fe80::1%%25eth0]",
				  IF_NAMESIZE - 1);
	if (!host_name_is_zone(text, length))
		return url_refuse(why, "not the name of an interface behind the %% of the "
				       "IPv6 address");
	zone[0] = '%';
	memcpy(zone + 1, text, length);
	return true;
}

bool url_set_literal(struct url *out, const char *text, size_t length, struct failure *why)
{
	const char *zone = memchr(text, '%', length);
	const size_t digits = zone ? (size_t)(zone - text) : length;
	char literal[INET6_ADDRSTRLEN] = { 0 };
	struct in6_addr address;

	if (digits < sizeof(literal))
		memcpy(literal, text, digits);
	if (digits >= sizeof(literal) || inet_pton(AF_INET6, literal, &address) != 1)
		return url_refuse(why, "brackets are for an IPv6 address, as in [::1]");
	out->bracketed = true;
	inet_ntop(AF_INET6, &address, out->host, sizeof(out->host));
	return !zone || set_zone(out, zone, length - digits, why);
}
