/* SPDX-License-Identifier: MIT */
/* The name of the file a connection is saved to. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/serve/save.h>

bool save_pattern_check(const char *pattern, struct failure *why)
{
	if (*pattern == '\0') {
		fail(why, FAILURE_USAGE, "--save: an empty name; write it as client-%%n");
		return false;
	}
	for (const char *at = strchr(pattern, '%'); at; at = strchr(at + 2, '%')) {
		if (at[1] != '\0' && strchr("ptn%", at[1]))
			continue;
		fail(why, FAILURE_USAGE,
		     "--save %s: %%%.1s means nothing; %%p is the peer, %%t the time, %%n a "
		     "number, "
		     "%%%% a percent sign",
		     pattern, at + 1);
		return false;
	}
	return true;
}

/* "127.0.0.1_4711": nothing that is a path, an option or an escape. */
static void peer_name(char out[static ADDRESS_TEXT_MAX], const struct address *peer)
{
	char host[ADDRESS_TEXT_MAX];

	address_host(host, peer);
	if (peer->any.sa_family == AF_UNIX || host[0] == '\0')
		snprintf(out, ADDRESS_TEXT_MAX, "%s",
			 peer->any.sa_family == AF_UNIX ? "unix" : "peer");
	else
		snprintf(out, ADDRESS_TEXT_MAX, "%.100s_%u", host, address_port(peer));
	for (char *c = out; *c; ++c)
		if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-",
			    *c))
			*c = '_';
}

bool save_name_make(char out[static SAVE_NAME_MAX], const char *pattern,
		    const struct save_name *name)
{
	char peer[ADDRESS_TEXT_MAX], number[24], suffix[24] = "";
	struct buffer text = { 0 };
	bool made = true;

	peer_name(peer, name->peer);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)name->number);
	if (name->attempt > 1)
		snprintf(suffix, sizeof(suffix), "-%llu", (unsigned long long)name->attempt);
	for (const char *at = pattern; *at && made; ++at) {
		if (*at != '%')
			made = buffer_add(&text, at, 1);
		else if (*++at == 'p')
			made = buffer_add(&text, peer, strlen(peer));
		else if (*at == 't')
			made = buffer_add(&text, name->time, strlen(name->time));
		else if (*at == 'n')
			made = buffer_add(&text, number, strlen(number));
		else
			made = buffer_add(&text, "%", 1);
	}
	made = made && buffer_add(&text, suffix, strlen(suffix)) && text.length < SAVE_NAME_MAX;
	if (made)
		snprintf(out, SAVE_NAME_MAX, "%s", buffer_text(&text));
	buffer_free(&text);
	return made;
}
