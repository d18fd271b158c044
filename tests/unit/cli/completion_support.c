/* SPDX-License-Identifier: MIT */
/* completion_support.c - the scripts for the made-up mode and one whose operands are commands. */
#include "completion_support.h"

#include "made_up.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/cli/completion.h>

const struct mode completion_of_commands_mode = {
	.name = "explain",
	.operands = "[COMMAND]",
	.summary = "explain",
};

char *completion_script(const char *shell)
{
	static const struct mode *const modes[] = { &made_up_mode, &completion_of_commands_mode,
						    NULL };
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

void completion_has(const char *shell, const char *piece)
{
	char *text = completion_script(shell);

	cr_assert(strstr(text, piece), "%s\nis not in\n%s", piece, text);
	free(text);
}
