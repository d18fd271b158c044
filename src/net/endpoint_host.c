/* SPDX-License-Identifier: MIT */
/* What the host and the port of an endpoint may look like. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/number.h>
#include <sockutil/base/utf8.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/net/endpoint_host.h>
#include <sockutil/proto/host_name.h>

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum {
	HOST_MAX = sizeof((struct endpoint *)0)->host - 1,
	SERVICE_MAX = sizeof((struct endpoint *)0)->service - 1,
};

static bool refuse(struct failure *why, const char *reason)
{
	fail(why, FAILURE_USAGE, "%s", reason);
	return false;
}

bool endpoint_host_is_number(const char *text)
{
	return *text != '\0' && text[strspn(text, DIGITS)] == '\0';
}

bool endpoint_host_is_v4(const char *host)
{
	struct in_addr address;

	return inet_pton(AF_INET, host, &address) == 1;
}

bool endpoint_host_is_v6(const char *host)
{
	char literal[INET6_ADDRSTRLEN];
	struct in6_addr address;
	const size_t length = strcspn(host, "%");
	const char *zone = host + length + 1;

	if (length >= sizeof(literal) || (host[length] && !host_name_is_zone(zone, strlen(zone))))
		return false;
	memcpy(literal, host, length);
	literal[length] = '\0';
	return inet_pton(AF_INET6, literal, &address) == 1;
}

static bool check_character(uint32_t point, struct failure *why)
{
	if (host_name_is_control(point))
		return refuse(why, "a control character cannot be part of a host");
	if (point >= 0x80 || strchr(LETTERS DIGITS "-_.", (int)point))
		return true;
	if (point == ' ')
		return refuse(why, "a space cannot be part of a host");
	if (point == '%')
		return refuse(why, "only an IPv6 address has a zone (%)");
	if (point == '[' || point == ']')
		return refuse(why, "brackets are for an IPv6 address: [V6]:PORT");
	fail(why, FAILURE_USAGE, "'%c' cannot be part of a host", (int)point);
	return false;
}

static bool check_characters(const char *host, struct failure *why)
{
	const size_t length = strlen(host);
	uint32_t point = 0;
	size_t step;

	for (size_t i = 0; i < length; i += step) {
		step = utf8_decode(host + i, length - i, &point);
		if (step == 0)
			return refuse(why, "the host is not UTF-8");
		if (!check_character(point, why))
			return false;
	}
	return true;
}

static bool check_labels(const char *host, struct failure *why)
{
	bool numeric = true;

	for (const char *label = host; *label;) {
		const size_t length = strcspn(label, ".");

		if (length == 0)
			return refuse(why, "a host cannot begin with a dot or have two in a row");
		if (length > HOST_NAME_LABEL_MAX && strspn(label, LETTERS DIGITS "-_") >= length)
			return refuse(why, "a part of a host name has at most 63 bytes");
		numeric = numeric && host_name_is_numeric(label, length);
		label += length + (label[length] == '.');
	}
	if (numeric && !endpoint_host_is_v4(host))
		return refuse(why,
			      "an IPv4 address is four numbers from 0 to 255, as in 127.0.0.1");
	return true;
}

bool endpoint_host_check(const char *host, struct failure *why)
{
	if (*host == '\0')
		return refuse(why, "no host");
	if (strlen(host) > HOST_MAX)
		return refuse(why, "a host has at most 253 bytes");
	if (endpoint_host_is_number(host))
		return refuse(why, "digits alone are a port, never a host");
	if (strchr(host, ':')) {
		if (endpoint_host_is_v6(host))
			return true;
		return refuse(why, "not an IPv6 address");
	}
	return check_characters(host, why) && check_labels(host, why);
}

/* As RFC 6335 has them, and the '_' and '+' of older lists. */
static bool is_service_name(const char *service)
{
	const size_t length = strlen(service);

	return length > 0 && length <= SERVICE_MAX && strpbrk(service, LETTERS) &&
	       strchr(LETTERS DIGITS, service[0]) &&
	       strspn(service, LETTERS DIGITS "-_+") == length;
}

bool endpoint_host_check_service(const char *service, int *port, struct failure *why)
{
	uint64_t number = 0;

	*port = -1;
	if (*service == '\0')
		return refuse(why, "no port");
	if (number_parse(service, 65535, &number)) {
		*port = (int)number;
		return true;
	}
	if (endpoint_host_is_number(service))
		return refuse(why, "a port is at most 65535");
	if (!is_service_name(service))
		return refuse(why, "a port is a number from 0 to 65535 or the name of a service");
	return true;
}
