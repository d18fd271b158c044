/* SPDX-License-Identifier: MIT */
/* completion.c - what the completion scripts of all shells share. */
#include <string.h>

#include <sockutil/cli/completion.h>

enum completion_kind completion_kind_of(const struct option_row *row)
{
	if (!row->arg)
		return COMPLETION_NONE;
	if (row->arg_optional)
		return COMPLETION_ATTACHED;
	if (row->type == OPTION_CHOICE)
		return COMPLETION_CHOICE;
	if (row->type == OPTION_FILE || row->type == OPTION_FILE_LIST)
		return COMPLETION_FILE;
	return row->type == OPTION_REST ? COMPLETION_COMMAND : COMPLETION_ANY;
}

bool completion_of_commands(const struct mode *mode)
{
	return strstr(mode->operands, "COMMAND");
}

bool completion_print(FILE *out, const char *shell, const struct mode *const *modes)
{
	static const struct {
		const char *shell;
		void (*print)(FILE *out, const struct mode *const *modes);
	} printers[] = {
		{ "bash", completion_bash },
		{ "zsh", completion_zsh },
		{ "fish", completion_fish },
	};

	for (size_t i = 0; i < sizeof printers / sizeof *printers; i++)
		if (!strcmp(printers[i].shell, shell)) {
			printers[i].print(out, modes);
			return true;
		}
	return false;
}
