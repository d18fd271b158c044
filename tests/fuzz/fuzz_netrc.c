/* SPDX-License-Identifier: MIT */
/* fuzz_netrc.c - entries of a .netrc: the login that was asked for, every word within its bounds,
 * and the same whatever case the host is in. The first line is host, blank, login. */
#include "fuzz.h"

#include <ctype.h>

#include <sockutil/proto/netrc.h>

static void check(const char *text, size_t length, char *host, const char *login)
{
	static struct netrc_entry entry, again;

	if (!netrc_find(&entry, text, length, host, login))
		return;
	fuzz_check(memchr(entry.login, '\0', sizeof(entry.login)));
	fuzz_check(memchr(entry.password, '\0', sizeof(entry.password)));
	fuzz_check(entry.has_login || !*entry.login);
	fuzz_check(entry.has_password || !*entry.password);
	fuzz_check(!login || !strcmp(entry.login, login));
	fuzz_check(strlen(entry.login) < length && strlen(entry.password) < length);
	for (char *at = host; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	fuzz_check(netrc_find(&again, text, length, host, login));
	fuzz_check(!strcmp(entry.login, again.login) && !strcmp(entry.password, again.password));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words = fuzz_text(data, size);
	const size_t line = strcspn(words, "\n");
	const size_t start = line < size ? line + 1 : size;
	/* of exactly its size, so that a sanitizer sees a step over the end */
	char *text = malloc(size - start ? size - start : 1);
	char *login;

	fuzz_check(text != NULL);
	memcpy(text, words + start, size - start);
	words[line] = '\0';
	login = strchr(words, ' ');
	if (login)
		*login++ = '\0';
	check(text, size - start, words, login);
	check(text, size - start, words, NULL);
	free(text);
	free(words);
	return 0;
}
