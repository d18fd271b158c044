/* SPDX-License-Identifier: MIT */
/* fuzz_source.c - --source and the addresses in it: what is accepted says the same when written
 * again. */
#include "fuzz.h"

#include <sockutil/net/dial_source.h>

static bool is_mapped(const struct address *a)
{
	return a->any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr);
}

static void check_internet(const char *text, const struct dial_source *source,
			   const struct endpoint *endpoint)
{
	const struct address *a = &source->address;
	char written[ADDRESS_TEXT_MAX];
	struct dial_source again;
	struct failure why = { 0 };

	fuzz_check(source->port <= 65535);
	if (a->any.sa_family == AF_UNSPEC) {
		fuzz_check(*text == ':');
		return;
	}
	fuzz_check(a->any.sa_family == AF_INET || a->any.sa_family == AF_INET6);
	fuzz_check(address_port(a) == source->port);
	if (is_mapped(a)) /* shown as the IPv4 address that it holds */
		return;
	fuzz_check(dial_source_parse(&again, address_text(written, a), endpoint, &why));
	fuzz_check(again.port == source->port && again.address.length == a->length);
	fuzz_check(!memcmp(&again.address.storage, &a->storage, a->length));
}

static void check_unix(const char *text, const struct dial_source *source)
{
	const struct sockaddr_un *local = &source->address.local;
	const char *path = strncmp(text, "unix:", 5) ? text : text + 5;

	fuzz_check(local->sun_family == AF_UNIX && *path);
	fuzz_check(source->address.length <= sizeof(*local));
	if (*path == '@')
		fuzz_check(!local->sun_path[0] &&
			   !strncmp(local->sun_path + 1, path + 1, strlen(path) - 1));
	else
		fuzz_check(!strcmp(local->sun_path, path));
}

static void check_ip(const char *text)
{
	struct address first, again;
	char written[ADDRESS_TEXT_MAX];

	if (!address_parse_ip(text, 4711, &first))
		return;
	fuzz_check(address_port(&first) == 4711);
	fuzz_check(strspn(text, "0123456789.") == strlen(text) || strchr(text, ':'));
	fuzz_check(address_parse_ip(address_host(written, &first), 4711, &again));
	fuzz_check(is_mapped(&first) || !memcmp(&first.storage, &again.storage, first.length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct endpoint endpoints[] = {
		{ .kind = ENDPOINT_INTERNET, .host = "localhost", .port = 80 },
		{ .kind = ENDPOINT_UNIX },
	};
	char *text = fuzz_text(data, size);

	for (size_t i = 0; i < 2; i++) {
		struct dial_source source;
		struct failure why = { 0 };

		if (!dial_source_parse(&source, text, &endpoints[i], &why))
			fuzz_check(why.class == FAILURE_USAGE && !strncmp(why.text, "source", 6));
		else if (endpoints[i].kind == ENDPOINT_UNIX)
			check_unix(text, &source);
		else
			check_internet(text, &source, &endpoints[i]);
	}
	check_ip(text);
	free(text);
	return 0;
}
