/* SPDX-License-Identifier: MIT */
/*
 * Holds: defaults; what is handed on to the stream; levels of the log; versions and
 * keys that do not fit; what needs TLS; a socket option that is none.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/modes/common_options.h>

static const struct option_row *const tables[] = { common_option_rows, common_client_rows, NULL };
static const struct mode mode = {
	.name = "any",
	.operands = "HOST PORT",
	.summary = "any",
	.tables = tables,
	.args_size = sizeof(struct common_options),
};

/* One command line: parsed, applied, freed. */
struct line {
	struct common_options options;
	struct stream_options stream;
	struct failure why;
	char *words; /* the line, cut */
	char *argv[40];
	bool parsed, applied;
};

static void cut(struct line *l, const char *text, int *argc)
{
	l->words = strdup(text);
	for (char *word = strtok(l->words, " "); word; word = strtok(NULL, " "))
		l->argv[(*argc)++] = word;
}

static void open_line(struct line *l, const char *text, bool server)
{
	int argc = 2, help;
	char **operands;
	size_t count;

	*l = (struct line){ .argv = { "sockutil", "any" } };
	cut(l, text, &argc);
	l->parsed = options_parse(&mode, argc, l->argv, 2, &l->options, &operands, &count, &help,
				  &l->why);
	free(operands);
	if (l->parsed)
		l->applied = common_options_apply(&l->options, "any", server, &l->stream, &l->why);
}

static void close_line(struct line *l)
{
	struct failure why = { 0 };

	if (l->applied)
		cr_assert(common_options_free(&l->stream, &why));
	if (l->parsed)
		options_free(&mode, &l->options);
	free(l->words);
}

static void refuse(const char *text, const char *message)
{
	struct line l;

	open_line(&l, text, false);
	cr_assert_not(l.applied, "%s", text);
	cr_assert_eq(l.why.class, FAILURE_USAGE);
	cr_assert_str_eq(l.why.text, message);
	close_line(&l);
}

Test(common_options, defaults)
{
	struct line l;

	open_line(&l, "localhost 80", false);
	cr_assert(l.applied);
	cr_assert_eq(l.stream.timeout_ms, 30000);
	cr_assert_eq(l.options.idle_ms, 0);
	cr_assert_eq(l.stream.net.family, AF_UNSPEC);
	cr_assert_eq(l.stream.net.sockopts.count, 0);
	cr_assert_not(l.stream.tls);
	cr_assert_null(l.stream.tls_options.min);
	cr_assert_null(l.stream.tls_options.max);
	cr_assert_null(l.stream.tls_options.cert);
	cr_assert_null(l.stream.tap);
	cr_assert_eq(l.stream.limit_up, 0);
	cr_assert(log_shows(LOG_LEVEL_NOTICE));
	cr_assert_not(log_shows(LOG_LEVEL_INFO));
	close_line(&l);
}

Test(common_options, handed_on)
{
	struct line l;

	open_line(&l,
		  "-4 -6 --tls --cert a --cert b --key c --key d --tls-min 1.3 --tls-max=1.3 "
		  "--alpn h2"
		  " --source 127.0.0.1 --interface lo --mptcp --fastopen --limit-rate 1K"
		  " --limit-rate-up 2K -w 5s",
		  false);
	cr_assert(l.applied, "%s", l.why.text);
	cr_assert_eq(l.stream.net.family, AF_INET6, "the last wins");
	cr_assert_str_eq(l.stream.net.source, "127.0.0.1");
	cr_assert_str_eq(l.stream.net.interface, "lo");
	cr_assert(l.stream.net.mptcp && l.stream.net.fastopen && l.stream.tls);
	cr_assert_str_eq(l.stream.tls_options.cert[1], "b");
	cr_assert_null(l.stream.tls_options.cert[2]);
	cr_assert_str_eq(l.stream.tls_options.key[0], "c");
	cr_assert_str_eq(l.stream.tls_options.min, "1.3");
	cr_assert_str_eq(l.stream.tls_options.max, "1.3");
	cr_assert_str_eq(l.stream.tls_options.alpn, "h2");
	cr_assert_not_null(l.stream.tls_options.warn);
	cr_assert_eq(l.stream.limit_up, 2048);
	cr_assert_eq(l.stream.limit_down, 1024);
	cr_assert_eq(l.stream.timeout_ms, 5000);
	close_line(&l);
}

Test(common_options, levels_of_the_log)
{
	static const struct {
		const char *text;
		enum log_level shown;
	} levels[] = {
		{ "-q", LOG_LEVEL_ERROR },
		{ "-v", LOG_LEVEL_INFO },
		{ "-vv", LOG_LEVEL_DEBUG },
		{ "-vvv", LOG_LEVEL_DEBUG },
	};

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
		struct line l;

		open_line(&l, levels[i].text, false);
		cr_assert(log_shows(levels[i].shown));
		if (levels[i].shown < LOG_LEVEL_DEBUG)
			cr_assert_not(log_shows(levels[i].shown + 1));
		close_line(&l);
	}
	refuse("-q -v", "--quiet cannot be given together with --verbose");
}

Test(common_options, versions_and_keys_that_do_not_fit)
{
	refuse("--tls --tls-min 1.3 --tls-max 1.2", "--tls-min 1.3 is above --tls-max 1.2");
	refuse("--tls --secret f --tls-max 1.2",
	       "--secret needs TLS 1.3: it cannot be given together with --tls-max 1.2");
	refuse("--tls --cert a --cert b --key c",
	       "--cert was given 2 times and --key 1 times: one --key for each --cert, in order");
	refuse("--tls --key c", "--key needs --cert");
	refuse("--tls --secret f --cert c", "--cert cannot be given together with --secret");
	refuse("--tls --secret f --insecure", "--insecure cannot be given together with --secret");
	refuse("--tls --secret f --pin p", "--pin cannot be given together with --secret");
}

Test(common_options, a_log_that_cannot_be_opened)
{
	struct line l;

	open_line(&l, "--log-file /nonexistent/folder/log", false);
	cr_assert_not(l.applied);
	cr_assert_eq(l.why.class, FAILURE_OUTPUT);
	close_line(&l);
}

Test(common_options, a_tap_that_cannot_be_opened)
{
	struct line l;

	open_line(&l, "--nodelay --record /nonexistent/folder/x.pcapng", false);
	cr_assert_not(l.applied);
	cr_assert_eq(l.why.class, FAILURE_OUTPUT);
	cr_assert_null(l.stream.net.sockopts.items, "nothing is left to free");
	close_line(&l);
}

Test(common_options, what_needs_tls)
{
	static const char *const words[] = {
		"--insecure",    "--ca f",      "--cert f",   "--servername n", "--verify-name n",
		"--pin p",       "--tofu f",    "--crl f",    "--alpn h2",      "--tls-min 1.2",
		"--tls-max 1.3", "--ciphers c", "--groups g", "--keylog f",     "--secret f",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct failure why = { 0 };
		struct line l;
		char message[100];

		open_line(&l, words[i], false);
		cr_assert(l.applied, "%s", l.why.text);
		cr_assert(common_options_check_tls(&l.options, true, &why));
		cr_assert_not(common_options_check_tls(&l.options, false, &why), "%s", words[i]);
		cr_assert_eq(why.class, FAILURE_USAGE);
		snprintf(message, sizeof message, "%.*s needs --tls or a tls:// endpoint",
			 (int)strcspn(words[i], " "), words[i]);
		cr_assert_str_eq(why.text, message);
		close_line(&l);
	}
}

Test(common_options, plain_without_tls_options)
{
	struct failure why = { 0 };
	struct line l;

	open_line(&l, "--nodelay", true);
	cr_assert(common_options_check_tls(&l.options, false, &why));
	close_line(&l);
}
