/* SPDX-License-Identifier: MIT */
/* src/modes/get_login.c - who the user is: -u, --bearer, --netrc. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/get.h>
#include <sockutil/modes/password_prompt.h>
#include <sockutil/modes/text_input.h>
#include <sockutil/proto/http_head.h>

enum { LOGIN_MAX = 1024 };

static bool clean(const char *option, const char *text, struct failure *why)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f) {
			fail(why, FAILURE_USAGE, "%s: control characters have no place there",
			     option);
			return false;
		}
	return true;
}

static bool ask(char *password, size_t size, const char *user, struct failure *why)
{
	char prompt[120];

	snprintf(prompt, sizeof prompt, "password of %.80s: ", user);
	if (password_prompt(password, size, prompt, why))
		return true;
	fail_at(why, "--user without a password");
	return false;
}

static bool add_user(struct get_setup *s, const char *given, struct failure *why)
{
	size_t length = strlen(given);
	char *colon;

	if (length > LOGIN_MAX) {
		fail(why, FAILURE_USAGE, "--user: longer than %d bytes", LOGIN_MAX);
		return false;
	}
	if (!clean("--user", given, why))
		return false;
	s->user = memory_zeroed(1, GET_LOGIN_ROOM);
	memcpy(s->user, given, length);
	s->options.user = s->user;
	colon = strchr(s->user, ':');
	if (colon) {
		*colon = '\0';
		s->options.password = colon + 1;
		return true;
	}
	s->options.password = s->user + length + 1;
	return ask(s->user + length + 1, LOGIN_MAX, s->user, why) &&
	       clean("--user", s->options.password, why);
}

static bool add_bearer(struct get_setup *s, const char *given, struct failure *why)
{
	const char *text;
	size_t length;

	if (*given == '@' ? !text_input_secret(&s->token, "--bearer", given + 1, why)
			  : !buffer_add(&s->token, given, strlen(given)))
		return false;
	length = s->token.length;
	while (length > 0 && strchr("\r\n", buffer_bytes(&s->token)[length - 1]))
		length--;
	s->token.length = length;
	text = buffer_text(&s->token);
	if (!text || !length || !http_value_valid(text, length)) {
		fail(why, FAILURE_USAGE, "--bearer: %s",
		     length ? "control characters have no place in a token" : "no token");
		return false;
	}
	s->options.bearer = text;
	return true;
}

static bool add_netrc(struct get_setup *s, const char *file, struct failure *why)
{
	const char *home = getenv("HOME");
	char path[4096];

	if (!*file && (!home || !*home)) {
		fail(why, FAILURE_USAGE, "--netrc: HOME is not set; --netrc=FILE names the file");
		return false;
	}
	if (!*file && (size_t)snprintf(path, sizeof path, "%s/.netrc", home) < sizeof path)
		file = path;
	if (!text_input_secret(&s->netrc, "--netrc", file, why))
		return false;
	s->options.netrc = buffer_text(&s->netrc);
	s->options.netrc_length = s->netrc.length;
	return s->options.netrc != NULL;
}

bool get_login_add(struct get_setup *s, const struct get_args *a, struct failure *why)
{
	if (a->user && !add_user(s, a->user, why))
		return false;
	if (a->bearer && !add_bearer(s, a->bearer, why))
		return false;
	return !a->netrc || add_netrc(s, a->netrc, why);
}
