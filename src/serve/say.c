/* SPDX-License-Identifier: MIT */
/* One text to each client, then the end. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sockutil/base/clock.h>
#include <sockutil/serve/say.h>
#include <sockutil/serve/session.h>

/* Out of copyright long since; each is below the 512 characters of RFC 865. */
static const char *const quotes[] = {
	"The unexamined life is not worth living. (Socrates, in Plato's Apology)\r\n",
	"Brevity is the soul of wit. (Shakespeare, Hamlet)\r\n",
	"Little by little does the trick. (Aesop)\r\n",
	"To err is human, to forgive divine. (Alexander Pope, An Essay on Criticism)\r\n",
	"If you wish to be a writer, write. (Epictetus, Discourses)\r\n",
	"A journey of a thousand miles begins with a single step. (Laozi, Daodejing)\r\n",
	"What is now proved was once only imagined. (William Blake)\r\n",
	"Learning without thought is labour lost. (Confucius, Analects)\r\n",
};

enum { QUOTES = sizeof(quotes) / sizeof(quotes[0]) };

static size_t say_a_quote(uint64_t number, const char **text)
{
	*text = quotes[(number - 1) % QUOTES];
	return strlen(*text);
}

/* A text a second, not one a client. */
static size_t say_the_time(uint64_t number, const char **text)
{
	static char line[32];
	static time_t made;
	const time_t now = time(NULL);
	char ctime_text[25];

	(void)number;
	if (now != made) {
		snprintf(line, sizeof(line), "%s\r\n", clock_ctime(ctime_text));
		made = now;
	}
	*text = line;
	return 26;
}

const struct say_options say_daytime = { .say = say_the_time };
const struct say_options say_quote = { .say = say_a_quote };

static void *say_prepare(const void *options, struct failure *why)
{
	(void)why;
	return (void *)(uintptr_t)options;
}

static void say_start(struct session *session)
{
	const struct say_options *options = session_data(session);
	const char *text;
	const size_t length = options->say(session->number, &text);

	session_say_last(session, text, length, "answered");
}

const struct handler say_handler = {
	.name = "say",
	.prepare = say_prepare,
	.start = say_start,
};
