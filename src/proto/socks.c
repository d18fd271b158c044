/* SPDX-License-Identifier: MIT */
/* What replies mean, and datagrams. */
#include <string.h>

#include <sockutil/proto/socks_address.h>

enum { DATAGRAM_FRONT = 3 /* reserved (2), fragment number */ };

const char *socks_reply_text(int reply)
{
	static const char *const texts[] = {
		[SOCKS_GRANTED] = "granted",
		[SOCKS_FAILED] = "general failure",
		[SOCKS_NOT_ALLOWED] = "not allowed by its rules",
		[SOCKS_NETWORK_UNREACHABLE] = "network unreachable",
		[SOCKS_HOST_UNREACHABLE] = "host unreachable",
		[SOCKS_REFUSED] = "connection refused",
		[SOCKS_TTL_EXPIRED] = "TTL expired",
		[SOCKS_COMMAND_UNKNOWN] = "command not supported",
		[SOCKS_ADDRESS_UNKNOWN] = "address type not supported",
	};

	if (reply < 0 || (size_t)reply >= sizeof(texts) / sizeof(texts[0]))
		return "unknown reply";
	return texts[reply];
}

bool socks5_parse_datagram(const char *bytes, size_t length, struct socks_address *to, size_t *used)
{
	static const char front[DATAGRAM_FRONT];
	bool known;
	size_t address;

	if (length < DATAGRAM_FRONT || memcmp(bytes, front, DATAGRAM_FRONT) != 0)
		return false;
	if (socks_address_parse(bytes + DATAGRAM_FRONT, length - DATAGRAM_FRONT, to, &address,
				&known) != IO_DONE)
		return false;
	*used = DATAGRAM_FRONT + address;
	return true;
}

size_t socks5_write_datagram(char out[static SOCKS_MESSAGE_MAX], const struct socks_address *from)
{
	const size_t length = socks_address_write(out + DATAGRAM_FRONT, from);

	memset(out, 0, DATAGRAM_FRONT);
	return length > 0 ? DATAGRAM_FRONT + length : 0;
}
