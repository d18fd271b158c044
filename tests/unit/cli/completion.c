/* SPDX-License-Identifier: MIT */
/*
 * Holds: the three shells and no other; what each kind of option offers; quoting of help texts; the same rows make the same bytes; operands that say COMMAND get
 * the commands.
 */
#include "made_up.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/cli/completion.h>

static const struct mode of_commands = {
	.name = "explain",
	.operands = "[COMMAND]",
	.summary = "explain",
};

static char *print(const char *shell)
{
	static const struct mode *const modes[] = { &made_up_mode, &of_commands, NULL };
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);
	bool known = completion_print(out, shell, modes);

	fclose(out);
	if (known)
		return text;
	cr_assert_str_eq(text, "");
	free(text);
	return NULL;
}

static void expect(const char *shell, const char *piece)
{
	char *text = print(shell);

	cr_assert(strstr(text, piece), "%s\nis not in\n%s", piece, text);
	free(text);
}

Test(completion, shells)
{
	cr_assert_null(print("tcsh"));
	cr_assert_null(print(""));
	for (size_t i = 0; i < 3; i++) {
		static const char *const shells[] = { "bash", "zsh", "fish" };
		char *once = print(shells[i]), *again = print(shells[i]);

		cr_assert_str_eq(once, again);
		free(once);
		free(again);
	}
}

Test(completion, kinds)
{
	static const struct {
		const char *name;
		enum completion_kind kind;
	} rows[] = {
		{ "flag", COMPLETION_NONE },    { "wait", COMPLETION_ATTACHED },
		{ "text", COMPLETION_ANY },     { "file", COMPLETION_FILE },
		{ "cert", COMPLETION_FILE },    { "color", COMPLETION_CHOICE },
		{ "exec", COMPLETION_COMMAND }, { "ttl", COMPLETION_ANY },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_assert_eq(completion_kind_of(option_find(&made_up_mode, rows[i].name)),
			     rows[i].kind, "%s", rows[i].name);
	cr_assert(completion_of_commands(&of_commands));
	cr_assert_not(completion_of_commands(&made_up_mode));
}

Test(completion, bash)
{
	expect("bash", "_sockutil_offer -W 'made explain --help --version' -- \"$current\"");
	expect("bash",
	       "\tmade\\ --responder | made\\ -R)\n"
	       "\t\t_sockutil_offer -W 'echo time greet prefix reverse discard chargen daytime'");
	expect("bash", "\tmade\\ --file | made\\ -o | \\\n\t\tmade\\ --cert)\n\t\t_sockutil_files");
	expect("bash", "\texplain\\ *)\n\t\t_sockutil_offer -W 'made explain' -- \"$current\"");
	expect("bash", "complete -F _sockutil sockutil\n");
}

Test(completion, zsh)
{
	expect("zsh", "#compdef sockutil\n");
	expect("zsh", "'(-t --text)'{-t+,--text=}'[a text; it'\\''s \\[quoted\\]\\: so]:TEXT: '");
	expect("zsh", "'--color=[one of a few]:WHEN:(auto always never)'");
	expect("zsh", "'*'{-v,--verbose}'[counted]'");
	expect("zsh", "'*--cert=[files]:F:_files'");
	expect("zsh", "'(-W --wait)'{-W+,--wait=-}'[a text that may be missing]::TIME: '");
	expect("zsh", "'(-e --exec)'{-e,--exec}'[the rest of the line]:*:CMD:_command_names -e'");
	expect("zsh", "'*:command:{_describe command commands}'");
}

Test(completion, fish)
{
	expect("fish", "complete -c sockutil -n __fish_use_subcommand -a made -d 'be made up'\n");
	expect("fish", "complete -c sockutil -n '__fish_seen_subcommand_from made' -s t -l text -x"
		       " -d 'a text; it\\'s [quoted]: so'\n");
	expect("fish", " -l color -x -a 'auto always never' -d 'one of a few'\n");
	expect("fish", " -l cert -r -F -d 'files'\n");
	expect("fish", " -s W -l wait -d 'a text that may be missing'\n");
	expect("fish", "'__fish_seen_subcommand_from explain' -a 'made explain'\n");
}
