/* SPDX-License-Identifier: MIT */
/* Holds: each kind of option as _arguments takes it; quoting of help texts. */
#include "completion_support.h"

#include <criterion/criterion.h>

Test(completion_zsh, offers)
{
	completion_has("zsh", "#compdef sockutil\n");
	completion_has("zsh",
		       "'(-t --text)'{-t+,--text=}'[a text; it'\\''s \\[quoted\\]\\: so]:TEXT: '");
	completion_has("zsh", "'--color=[one of a few]:WHEN:(auto always never)'");
	completion_has("zsh", "'*'{-v,--verbose}'[counted]'");
	completion_has("zsh", "'*--cert=[files]:F:_files'");
	completion_has("zsh", "'(-W --wait)'{-W+,--wait=-}'[a text that may be missing]::TIME: '");
	completion_has("zsh",
		       "'(-e --exec)'{-e,--exec}'[the rest of the line]:*:CMD:_command_names -e'");
	completion_has("zsh", "'*:command:{_describe command commands}'");
}
