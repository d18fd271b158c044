/* SPDX-License-Identifier: MIT */
/* fuzz_tls_tofu.c - a file of known keys with anything in it: the answer is what its lines say,
 * only a new peer is added, and what was in the file stays. */
#include "fuzz.h"

#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#include <sockutil/stream/tls/tofu.h>

static const char ours[] = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

static const struct {
	const char *host, *port, *peer;
} peers[] = {
	{ "example.org", "443", "example.org:443" },
	{ "Example.ORG.", "443", "example.org:443" },
	{ "2001:db8::1", "8443", "[2001:db8::1]:8443" },
	{ "127.0.0.1", "https", "127.0.0.1:https" },
};

static char path[40];

static void remove_file(void)
{
	unlink(path);
}

static void put(const uint8_t *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	fuzz_check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

static size_t get(char *bytes, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t count = fd >= 0 ? read(fd, bytes, size) : -1;

	fuzz_check(count >= 0);
	close(fd);
	return (size_t)count;
}

/* What one line says of the peer; it ends at a NUL too. */
static enum tofu_answer line_says(const char *line, const char *peer)
{
	static const char blank[] = " \t\r";
	size_t name_length, key_length;
	const char *key;

	if (*line == '#')
		return TOFU_UNKNOWN;
	line += strspn(line, blank);
	name_length = strcspn(line, blank);
	key = line + name_length + strspn(line + name_length, blank);
	key_length = strcspn(key, blank);
	if (!key_length || name_length != strlen(peer) || strncasecmp(line, peer, name_length) != 0)
		return TOFU_UNKNOWN;
	return key_length == strlen(ours) && !memcmp(key, ours, key_length) ? TOFU_KNOWN
									    : TOFU_DIFFERS;
}

static enum tofu_answer expected(const uint8_t *data, size_t size, const char *peer)
{
	enum tofu_answer answer = TOFU_UNKNOWN;

	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t length = end ? (size_t)(end - data) : size;
		char *line = fuzz_text(data, length);
		enum tofu_answer says = line_says(line, peer);

		if (says == TOFU_KNOWN || (says == TOFU_DIFFERS && answer == TOFU_UNKNOWN))
			answer = says;
		free(line);
		data += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
	}
	return answer;
}

/* The old bytes, and behind them the new line alone when the peer was new. */
static void check_file(const uint8_t *data, size_t size, bool is_new, const char *peer)
{
	static char bytes[1 << 16];
	size_t count = get(bytes, sizeof(bytes));
	char line[200];

	fuzz_check(count >= size && !memcmp(bytes, data, size));
	snprintf(line, sizeof(line), "%s%s %s\n", size && data[size - 1] != '\n' ? "\n" : "", peer,
		 ours);
	fuzz_check(count - size == (is_new ? strlen(line) : 0));
	fuzz_check(!is_new || !memcmp(bytes + size, line, strlen(line)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t which = fuzz_byte(&data, &size) % 4;
	const char *host = peers[which].host, *port = peers[which].port, *peer = peers[which].peer;
	enum tofu_answer answer = expected(data, size, peer);
	struct failure why = { 0 };

	if (!*path) {
		snprintf(path, sizeof(path), "/tmp/sockutil-fuzz-XXXXXX");
		close(mkstemp(path));
		fuzz_check(!atexit(remove_file));
	}
	put(data, size);
	fuzz_check(tofu_ask(path, host, port, ours, &why) == answer);
	fuzz_check((why.class == FAILURE_PIN) == (answer == TOFU_DIFFERS) || answer == TOFU_KNOWN);
	fuzz_check(tofu_add(path, host, port, ours, &why) ==
		   (answer == TOFU_DIFFERS ? TOFU_DIFFERS : TOFU_KNOWN));
	check_file(data, size, answer == TOFU_UNKNOWN, peer);
	if (answer != TOFU_DIFFERS)
		fuzz_check(tofu_ask(path, host, port, ours, &why) == TOFU_KNOWN);
	return 0;
}
