/* SPDX-License-Identifier: MIT */
/* Where to connect or listen: the forms that are one word, and their texts. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/base/utf8.h>
#include <sockutil/net/address.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/net/endpoint_host.h>

struct scheme {
	const char *name;
	const char *port;
};

static const struct scheme schemes[] = {
	[ENDPOINT_PLAIN] = { .name = "", .port = NULL },
	[ENDPOINT_TCP] = { .name = "tcp", .port = NULL },
	[ENDPOINT_TLS] = { .name = "tls", .port = NULL },
	[ENDPOINT_WS] = { .name = "ws", .port = "80" },
	[ENDPOINT_WSS] = { .name = "wss", .port = "443" },
	[ENDPOINT_UDP] = { .name = "udp", .port = NULL },
	[ENDPOINT_DTLS] = { .name = "dtls", .port = NULL },
};

enum { SCHEMES = sizeof(schemes) / sizeof(schemes[0]) };

/* The functions that parse a part leave the reason alone in why; endpoint_parse() puts the whole
 * text in front. */
__attribute__((format(printf, 2, 3))) static bool refuse(struct failure *why, const char *format,
							 ...)
{
	char reason[sizeof(why->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	fail(why, FAILURE_USAGE, "%s", reason);
	return false;
}

/* The same with the text the user wrote in front, cut so that the reason stays whole. */
static bool refuse_text(const char *text, struct failure *why)
{
	enum { SHOWN = 200 };
	const size_t length = strlen(text);
	const size_t shown = utf8_cut(text, length, SHOWN);

	fail(why, FAILURE_USAGE, "\"%.*s%s\": %s", (int)shown, text, shown < length ? "..." : "",
	     why->text);
	return false;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static bool set_host(struct endpoint *out, const char *host, size_t length, struct failure *why)
{
	if (length >= sizeof(out->host))
		return refuse(why, "a host has at most 253 bytes");
	memcpy(out->host, host, length);
	out->host[length] = '\0';
	return endpoint_host_check(out->host, why);
}

static bool set_service(struct endpoint *out, const char *service, struct failure *why)
{
	if (!endpoint_host_check_service(service, &out->port, why))
		return false;
	if (out->port >= 0) /* "080" is written "80" from here on */
		snprintf(out->service, sizeof(out->service), "%d", out->port);
	else
		snprintf(out->service, sizeof(out->service), "%s", service);
	return true;
}

/* Only a scheme may bring a port of its own. */
static bool set_default_service(struct endpoint *out, struct failure *why)
{
	const struct scheme *scheme = &schemes[out->scheme];

	if (scheme->port)
		return set_service(out, scheme->port, why);
	if (out->scheme != ENDPOINT_PLAIN)
		return refuse(why, "no port: %s://HOST:PORT", scheme->name);
	if (strchr(out->host, ':'))
		return refuse(why, "no port: [%s]:PORT", out->host);
	return refuse(why, "no port: HOST PORT or HOST:PORT");
}

static bool parse_bracketed(struct endpoint *out, const char *text, struct failure *why)
{
	const char *end = strchr(text, ']');

	if (!end)
		return refuse(why, "no closing bracket: [V6]:PORT");
	if (!set_host(out, text + 1, (size_t)(end - text - 1), why))
		return false;
	if (!endpoint_host_is_v6(out->host))
		return refuse(why, "brackets are for an IPv6 address: [V6]:PORT");
	if (end[1] == '\0')
		return set_default_service(out, why);
	if (end[1] != ':')
		return refuse(why, "behind the bracket comes a port: [V6]:PORT");
	return set_service(out, end + 2, why);
}

/* More than one colon and no brackets: says how it has to be written. */
static bool refuse_colons(struct endpoint *out, const char *text, struct failure *why)
{
	const char *last = strrchr(text, ':');
	struct failure ignored;
	int port;

	if (set_host(out, text, (size_t)(last - text), &ignored) &&
	    endpoint_host_check_service(last + 1, &port, &ignored))
		return refuse(why, "an IPv6 address with a port needs brackets: [%s]:%s", out->host,
			      last + 1);
	if (!set_host(out, text, strlen(text), &ignored))
		return refuse(why, "more than one colon: HOST:PORT or [V6]:PORT");
	if (schemes[out->scheme].port)
		return refuse(why, "an IPv6 address needs brackets: [%s]", out->host);
	return refuse(why, "no port: [%s]:PORT", out->host);
}

/* A word without a colon: when listening a port, otherwise a host that may have the port of its
 * scheme. */
static bool parse_word(struct endpoint *out, const char *text, bool listening, struct failure *why)
{
	const bool number = endpoint_host_is_number(text);

	if (listening && (number || (!strchr(text, '.') && out->scheme == ENDPOINT_PLAIN)))
		return set_service(out, text, why);
	if (number)
		return refuse(why, "no host: digits alone are a port; HOST PORT or HOST:PORT");
	return set_host(out, text, strlen(text), why) && set_default_service(out, why);
}

static bool parse_authority(struct endpoint *out, const char *text, bool listening,
			    struct failure *why)
{
	const char *colon = strchr(text, ':');

	out->kind = ENDPOINT_INTERNET;
	if (*text == '[')
		return parse_bracketed(out, text, why);
	if (*text == '\0')
		return refuse(why, "no host: HOST:PORT");
	if (!colon)
		return parse_word(out, text, listening, why);
	if (strchr(colon + 1, ':'))
		return refuse_colons(out, text, why);
	if (colon == text && !listening)
		return refuse(why, "no host: HOST:PORT");
	if (colon > text && !set_host(out, text, (size_t)(colon - text), why))
		return false;
	return set_service(out, colon + 1, why);
}

/* RFC 6455, 3: path and query, no fragment. Others take a lone slash, as programs that print
 * URLs write it. */
static bool set_target(struct endpoint *out, const char *target, struct failure *why)
{
	const size_t slash = *target == '/' ? 0 : 1;
	const size_t length = strlen(target);

	if (out->scheme != ENDPOINT_WS && out->scheme != ENDPOINT_WSS) {
		if (*target == '\0' || strcmp(target, "/") == 0)
			return true;
		return refuse(why, "only ws:// and wss:// take a path");
	}
	for (const char *at = target; *at; at++) {
		if (*at == '#')
			return refuse(why, "a WebSocket address has no fragment (#)");
		if (*at <= 0x20 || *at >= 0x7f || *at == '\\')
			return refuse(why, "spaces, backslashes, control and non-ASCII characters "
					   "of a path are written as %%XX");
	}
	if (slash + length >= sizeof(out->target))
		return refuse(why, "a path has at most %zu bytes", sizeof(out->target) - 1);
	out->target[0] = '/';
	memcpy(out->target + slash, target, length);
	return true;
}

static bool parse_url(struct endpoint *out, const char *text, bool listening, struct failure *why)
{
	char authority[sizeof(out->host) + sizeof(out->service) + 8];
	const size_t name = strcspn(text, ":");
	const char *begin = text + name + 3;
	const size_t length = strcspn(begin, "/?#");

	for (unsigned i = ENDPOINT_TCP; i < SCHEMES; i++)
		if (strlen(schemes[i].name) == name && !strncasecmp(text, schemes[i].name, name))
			out->scheme = (enum endpoint_scheme)i;
	if (out->scheme == ENDPOINT_PLAIN)
		return refuse(why, "unknown scheme \"%.*s\": tcp, tls, ws, wss, udp or dtls",
			      name < 40 ? (int)name : 40, text);
	if (length >= sizeof(authority))
		return refuse(why, "a host has at most 253 bytes");
	memcpy(authority, begin, length);
	authority[length] = '\0';
	return parse_authority(out, authority, listening, why) &&
	       set_target(out, begin + length, why);
}

static bool parse_unix(struct endpoint *out, const char *path, bool listening, struct failure *why)
{
	(void)listening;
	out->kind = ENDPOINT_UNIX;
	if (*path == '\0')
		return refuse(why, "no path: unix:PATH");
	if (strcmp(path, "@") == 0)
		return refuse(why, "no name: unix:@NAME");
	if (*path == '@' && !address_has_abstract())
		return refuse(why, "this system has no abstract Unix sockets: unix:PATH");
	if (strlen(path) > ADDRESS_UNIX_PATH_MAX)
		return refuse(why, "the path of a Unix socket has at most %d bytes, this has %zu",
			      ADDRESS_UNIX_PATH_MAX, strlen(path));
	if (has_control(path))
		return refuse(why, "a control character in the path");
	snprintf(out->path, sizeof(out->path), "%s", path);
	return true;
}

static bool parse_vsock(struct endpoint *out, const char *text, bool listening, struct failure *why)
{
	const size_t length = strcspn(text, ":");
	uint64_t cid = UINT_MAX, port = 0;
	const bool any = length == 0 || (length == 1 && *text == '*');

	out->kind = ENDPOINT_VSOCK;
	if (!address_has_vsock())
		return refuse(why, "this system has no vsock");
	if (text[length] == '\0')
		return refuse(why, "no port: vsock:CID:PORT");
	if (any && !listening)
		return refuse(why, "no CID: vsock:CID:PORT");
	if (!any && !number_parse_bytes(text, length, UINT_MAX - 1, &cid))
		return refuse(why, "a CID is a number: vsock:CID:PORT");
	if (!number_parse(text + length + 1, UINT_MAX - 1, &port))
		return refuse(why, "a vsock port is a number: vsock:CID:PORT");
	out->vsock_cid = (unsigned)cid;
	out->vsock_port = (unsigned)port;
	return true;
}

static bool parse_descriptor(struct endpoint *out, const char *text, bool listening,
			     struct failure *why)
{
	uint64_t number = 0;

	(void)listening;
	out->kind = ENDPOINT_DESCRIPTOR;
	if (!number_parse(text, INT_MAX, &number))
		return refuse(why, "a descriptor is a number: fd:N");
	out->descriptor = (int)number;
	return true;
}

/* sd_listen_fds_with_names(3): printable ASCII without a colon, at most 255 characters. */
static bool parse_systemd(struct endpoint *out, const char *name, bool listening,
			  struct failure *why)
{
	(void)listening;
	out->kind = ENDPOINT_SYSTEMD;
	if (strlen(name) >= sizeof(out->name))
		return refuse(why, "a socket's name has at most 255 characters");
	for (const char *at = name; *at; at++)
		if (*at < 0x20 || *at >= 0x7f || *at == ':')
			return refuse(why, "a socket's name is printable ASCII without a colon");
	snprintf(out->name, sizeof(out->name), "%s", name);
	return true;
}

static const struct kind {
	const char *prefix;
	bool (*parse)(struct endpoint *out, const char *text, bool listening, struct failure *why);
} kinds[] = {
	{ .prefix = "unix:", .parse = parse_unix },
	{ .prefix = "vsock:", .parse = parse_vsock },
	{ .prefix = "fd:", .parse = parse_descriptor },
	{ .prefix = "systemd:", .parse = parse_systemd },
};

static const struct kind *find_kind(const char *text)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strncasecmp(text, kinds[i].prefix, strlen(kinds[i].prefix)))
			return &kinds[i];
	return NULL;
}

static bool is_url(const char *text)
{
	return strncmp(text + strcspn(text, ":"), "://", 3) == 0;
}

static bool parse(struct endpoint *out, const char *text, bool listening, struct failure *why)
{
	const struct kind *kind = find_kind(text);

	if (*text == '\0')
		return refuse(why, "empty: HOST:PORT");
	if (kind)
		return kind->parse(out, text + strlen(kind->prefix), listening, why);
	if (is_url(text) ? !parse_url(out, text, listening, why)
			 : !parse_authority(out, text, listening, why))
		return false;
	if (out->port == 0 && !listening)
		return refuse(why, "port 0 is for listening");
	return true;
}

bool endpoint_parse(struct endpoint *out, const char *text, bool listening, struct failure *why)
{
	memset(out, 0, sizeof(*out));
	if (parse(out, text, listening, why))
		return true;
	return refuse_text(text, why);
}

bool endpoint_parse_pair(struct endpoint *out, const char *host, const char *service,
			 struct failure *why)
{
	const size_t length = strlen(host);
	const bool bracketed = length >= 2 && host[0] == '[' && host[length - 1] == ']';

	memset(out, 0, sizeof(*out));
	out->kind = ENDPOINT_INTERNET;
	if (!(bracketed ? set_host(out, host + 1, length - 2, why)
			: set_host(out, host, length, why)))
		return refuse_text(host, why);
	if (bracketed && !endpoint_host_is_v6(out->host)) {
		refuse(why, "brackets are for an IPv6 address");
		return refuse_text(host, why);
	}
	return set_service(out, service, why) || refuse_text(service, why);
}

bool endpoint_is_host(const char *operand)
{
	const char *colon = strchr(operand, ':');

	if (find_kind(operand) || is_url(operand) || endpoint_host_is_number(operand))
		return false;
	if (*operand == '[')
		return operand[strlen(operand) - 1] == ']';
	return !colon || strchr(colon + 1, ':');
}

static void internet_text(char *out, size_t size, const struct endpoint *endpoint)
{
	const struct scheme *scheme = &schemes[endpoint->scheme];
	const bool v6 = strchr(endpoint->host, ':') != NULL;

	snprintf(out, size, "%s%s%s%s%s:%s%s", scheme->name, *scheme->name ? "://" : "",
		 v6 ? "[" : "", endpoint->host, v6 ? "]" : "", endpoint->service,
		 strcmp(endpoint->target, "/") == 0 ? "" : endpoint->target);
}

const char *endpoint_text(char out[static ENDPOINT_TEXT_MAX], const struct endpoint *endpoint)
{
	const size_t size = ENDPOINT_TEXT_MAX;

	switch (endpoint->kind) {
	case ENDPOINT_INTERNET:
		internet_text(out, size, endpoint);
		break;
	case ENDPOINT_UNIX:
		snprintf(out, size, "unix:%s", endpoint->path);
		break;
	case ENDPOINT_VSOCK:
		if (endpoint->vsock_cid == UINT_MAX)
			snprintf(out, size, "vsock:*:%u", endpoint->vsock_port);
		else
			snprintf(out, size, "vsock:%u:%u", endpoint->vsock_cid,
				 endpoint->vsock_port);
		break;
	case ENDPOINT_DESCRIPTOR:
		snprintf(out, size, "fd:%d", endpoint->descriptor);
		break;
	case ENDPOINT_SYSTEMD:
		snprintf(out, size, "systemd:%s", endpoint->name);
		break;
	}
	return out;
}
