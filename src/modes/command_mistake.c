/* SPDX-License-Identifier: MIT */
/* command_mistake.c - what is said when the first word is no command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/nearest.h>
#include <sockutil/cli/option_hint.h>
#include <sockutil/cli/option_value.h>
#include <sockutil/cli/shell_word.h>
#include <sockutil/modes/command_mistake.h>
#include <sockutil/modes/modes.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/proto/url.h>

enum { LINE_MAX_BYTES = 300, COMMANDS_MAX = 16 };

/* The rest of a URL behind its scheme, or NULL. */
static const char *behind_scheme(const char *url)
{
	static const char *const schemes[] = { "http://", "https://" };

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
			return url + strlen(schemes[i]);
	return NULL;
}

/* A URL without its "user:password@", which is nobody's to read. */
static void add_word(char *out, size_t size, const char *word)
{
	const char *host = behind_scheme(word), *start = host, *end;
	char shown[LINE_MAX_BYTES];

	if (!host) {
		shell_word_add(out, size, word);
		return;
	}
	end = host + strcspn(host, "/?#");
	for (const char *at; (at = memchr(host, '@', (size_t)(end - host))); host = at + 1)
		;
	snprintf(shown, sizeof shown, "%.*s%s", (int)(start - word), word, host);
	shell_word_add(out, size, shown);
}

/* The rest of the line, as it was typed. */
static const char *words_from(char *out, size_t size, int first, int argc, char *const *argv)
{
	out[0] = '\0';
	for (int i = first; i < argc; i++)
		add_word(out, size, argv[i]);
	return out;
}

static bool has_url(int argc, char *const *argv)
{
	for (int i = 1; i < argc; i++)
		if (behind_scheme(argv[i]))
			return true;
	return false;
}

/* netcat's -l, alone or among other letters (-lvp 8080). */
static bool wants_to_listen(int argc, char *const *argv)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (!strcmp(word, "--listen") ||
		    (word[0] == '-' && word[1] != '-' && strchr(word, 'l')))
			return true;
	}
	return false;
}

static void mistake_option(int argc, char *const *argv, struct failure *why)
{
	static const char *const names[] = { "--help", "--version" };
	const char *nearest = nearest_name(argv[1], names, sizeof names / sizeof *names);
	char line[LINE_MAX_BYTES], shown[OPTION_SHOWN_MAX];
	char *const none[] = { NULL };

	option_value_shown(shown, argv[1]);
	if (wants_to_listen(argc, argv))
		fail(why, FAILURE_USAGE, "being a server is a command: sockutil serve %s",
		     option_hint_operands(line, sizeof line, &mode_serve,
					  &(struct option_line){ argc, argv, 1 }, none));
	else if (nearest)
		fail(why, FAILURE_USAGE, "unknown option %s: did you mean %s?", shown, nearest);
	else
		fail(why, FAILURE_USAGE, "options stand behind a command: sockutil %s %s",
		     has_url(argc, argv) ? "get" : "connect",
		     words_from(line, sizeof line, 1, argc, argv));
}

/* A word that is an endpoint by its form, or with the next one. */
static bool is_endpoint(int argc, char *const *argv)
{
	struct endpoint endpoint;
	struct failure unused;

	return endpoint_parse(&endpoint, argv[1], false, &unused) ||
	       (argc > 2 && endpoint_parse_pair(&endpoint, argv[1], argv[2], &unused));
}

/* "www.example.org", "example.org/path": what a browser would take. */
static bool is_site(int argc, char *const *argv)
{
	struct url url;
	struct failure unused;

	return argc == 2 && strchr(argv[1], '.') && url_parse(&url, argv[1], &unused);
}

static const char *nearest_command(const struct mode *const *modes, const char *typed)
{
	const char *names[COMMANDS_MAX];
	size_t count = 0;

	for (; count < COMMANDS_MAX && modes[count]; count++)
		names[count] = modes[count]->name;
	return nearest_name(typed, names, count);
}

static const char *commands_text(char *out, size_t size, const struct mode *const *modes)
{
	out[0] = '\0';
	for (; *modes; modes++)
		shell_word_add(out, size, (*modes)->name);
	return out;
}

void command_mistake(const struct mode *const *modes, int argc, char *const *argv,
		     struct failure *why)
{
	const char *typed = argv[1], *nearest = nearest_command(modes, typed);
	char line[LINE_MAX_BYTES], shown[OPTION_SHOWN_MAX];

	option_value_shown(shown, typed);
	if (typed[0] == '-' && typed[1])
		mistake_option(argc, argv, why);
	else if (nearest)
		fail(why, FAILURE_USAGE, "unknown command %s: did you mean sockutil %s?", shown,
		     nearest);
	else if (*typed && !typed[strspn(typed, "0123456789")])
		fail(why, FAILURE_USAGE, "%s is no command; to be a server: sockutil serve %s",
		     shown, words_from(line, sizeof line, 1, argc, argv));
	else if (behind_scheme(typed) || (!is_endpoint(argc, argv) && is_site(argc, argv)))
		fail(why, FAILURE_USAGE, "URLs are fetched by a command: sockutil get %s",
		     words_from(line, sizeof line, 1, argc, argv));
	else if (is_endpoint(argc, argv))
		fail(why, FAILURE_USAGE, "%s is no command; to be a client: sockutil connect %s",
		     shown, words_from(line, sizeof line, 1, argc, argv));
	else
		fail(why, FAILURE_USAGE, "unknown command \"%s\"; there are: %s", shown,
		     commands_text(line, sizeof line, modes));
}
