/* SPDX-License-Identifier: MIT */
/* fuzz_proxy_header.c - PROXY headers: how much has come does not change what they say, what they
 * say is written again as the same, and nothing behind them is looked at. */
#include "fuzz.h"

#include <sys/un.h>

#include <sockutil/proto/proxy_header.h>

static void check_address(const struct sockaddr_storage *address, socklen_t length)
{
	fuzz_check(length <= sizeof(struct sockaddr_un));
	fuzz_check(address->ss_family == AF_INET || address->ss_family == AF_INET6 ||
		   address->ss_family == AF_UNIX);
}

static void check_again(const struct proxy_header *header, int version)
{
	struct proxy_header again;
	struct failure why = { 0 };
	char out[PROXY_HEADER_WRITTEN_MAX];
	const size_t length = proxy_header_write(out, version, (const void *)&header->source,
						 (const void *)&header->destination);

	fuzz_check(length <= sizeof out);
	fuzz_check(proxy_header_starts(out, length) == PROXY_HEADER_YES);
	fuzz_check(proxy_header_parse(&again, out, length, &why) == IO_DONE);
	fuzz_check(again.length == length);
	/* mapped addresses come back as IPv4, what cannot be said as unknown */
	if (!again.known || again.source.ss_family != header->source.ss_family)
		return;
	fuzz_check(!memcmp(&again.source, &header->source, sizeof again.source));
	fuzz_check(!memcmp(&again.destination, &header->destination, sizeof again.destination));
}

static void check_taken(const struct proxy_header *header, size_t size)
{
	fuzz_check(header->length > 0 && header->length <= size);
	fuzz_check(header->length <= PROXY_HEADER_MAX);
	if (!header->known)
		return;
	check_address(&header->source, header->source_length);
	check_address(&header->destination, header->destination_length);
	check_again(header, 1);
	check_again(header, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_header first = { 0 }, header;
	enum proxy_header_start before = PROXY_HEADER_MAYBE;
	enum io end = IO_AGAIN;

	for (size_t have = 0; have <= size; have += have < 60 ? 1 : have < 300 ? 11 : 997) {
		char *text = fuzz_text(data, have);
		struct failure why = { 0 };
		const enum proxy_header_start now = proxy_header_starts(text, have);
		const enum io r = proxy_header_parse(&header, text, have, &why);

		fuzz_check(before == PROXY_HEADER_MAYBE || now == before);
		fuzz_check((now == PROXY_HEADER_MAYBE) <= (r == IO_AGAIN));
		fuzz_check((now == PROXY_HEADER_NO) <= (r == IO_FAILED));
		fuzz_check((r == IO_FAILED) == (why.class == FAILURE_PROTOCOL));
		fuzz_check(end == IO_AGAIN || r == end);
		if (r == IO_DONE && end != IO_DONE)
			first = header;
		if (r == IO_DONE) {
			fuzz_check(!memcmp(&first, &header, sizeof header));
			check_taken(&header, have);
		}
		before = now;
		end = r;
		free(text);
	}
	return 0;
}
