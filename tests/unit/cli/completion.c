/* SPDX-License-Identifier: MIT */
/* Holds: the three shells and no other; the same rows make the same bytes; what each kind of row
 * offers; operands that say COMMAND. */
#include "completion_support.h"
#include "made_up.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include <sockutil/cli/completion.h>

Test(completion, shells)
{
	cr_assert_null(completion_script("tcsh"));
	cr_assert_null(completion_script(""));
	for (size_t i = 0; i < 3; i++) {
		static const char *const shells[] = { "bash", "zsh", "fish" };
		char *once = completion_script(shells[i]), *again = completion_script(shells[i]);

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
	cr_assert(completion_of_commands(&completion_of_commands_mode));
	cr_assert_not(completion_of_commands(&made_up_mode));
}
