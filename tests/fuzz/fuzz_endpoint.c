/* SPDX-License-Identifier: MIT */
/* fuzz_endpoint.c - endpoints: what is accepted says the same when written again, and means the
 * same to everyone who reads it. */
#include "fuzz.h"

#include <arpa/inet.h>

#include <sockutil/base/utf8.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/net/endpoint_host.h>

enum { OPERANDS = 8 };

static void check_printable(const char *text)
{
	for (; *text; text++)
		fuzz_check((unsigned char)*text >= 0x20 && *text != 0x7f);
}

/* C1 controls and overrides of direction would steer a terminal from inside a name. */
static void check_host(const char *host)
{
	struct in_addr numbers;
	const size_t length = strlen(host);
	uint32_t point = 0;

	for (size_t i = 0, step; i < length; i += step) {
		step = utf8_decode(host + i, length - i, &point);
		fuzz_check(step > 0);
		fuzz_check(point < 0x7f || point >= 0xa0);
		fuzz_check(point < 0x202a || point > 0x202e);
		fuzz_check(point >= 0x80 || !strchr(" @/\\", (int)point));
	}
	/* getaddrinfo(3) must not see an address where no dotted quad is written. */
	fuzz_check(!inet_aton(host, &numbers) || endpoint_host_is_v4(host));
}

static void check_endpoint(const struct endpoint *e, bool listening)
{
	char text[ENDPOINT_TEXT_MAX];

	check_printable(endpoint_text(text, e));
	fuzz_check(strlen(text) + 1 < sizeof(text));
	if (e->kind != ENDPOINT_INTERNET) {
		fuzz_check(e->scheme == ENDPOINT_PLAIN && !*e->host && !*e->service);
		return;
	}
	check_host(e->host);
	fuzz_check(e->port >= -1 && e->port <= 65535 && *e->service);
	fuzz_check(listening || (*e->host && e->port != 0));
	fuzz_check((e->scheme == ENDPOINT_WS || e->scheme == ENDPOINT_WSS) == (*e->target == '/'));
}

static void check_refusal(const struct failure *why)
{
	fuzz_check(why->class == FAILURE_USAGE && *why->text);
}

static void check_one(const char *text, bool listening)
{
	struct endpoint first, again;
	struct failure why = { 0 };
	char written[ENDPOINT_TEXT_MAX];

	if (!endpoint_parse(&first, text, listening, &why)) {
		check_refusal(&why);
		return;
	}
	check_endpoint(&first, listening);
	fuzz_check(endpoint_parse(&again, endpoint_text(written, &first), listening, &why));
	fuzz_check(!memcmp(&first, &again, sizeof(first)));
}

/* A line an operand. */
static void check_operands(char *text, bool listening)
{
	struct endpoint *list = NULL;
	struct failure why = { 0 };
	char *operands[OPERANDS];
	size_t given = 0, count = 0;

	for (char *line; given < OPERANDS && (line = strsep(&text, "\n"));)
		operands[given++] = line;
	if (!endpoints_from_operands(&list, &count, operands, given, listening, &why)) {
		check_refusal(&why);
		fuzz_check(!list && !count);
		return;
	}
	fuzz_check(count >= 1 && count <= given && (listening || count == 1));
	for (size_t i = 0; i < count; i++)
		check_endpoint(&list[i], listening);
	free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	for (int listening = 0; listening < 2; listening++) {
		char *copy = fuzz_text(data, size);

		check_one(text, listening);
		check_operands(copy, listening);
		free(copy);
	}
	free(text);
	return 0;
}
