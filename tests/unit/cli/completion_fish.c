/* SPDX-License-Identifier: MIT */
/* Holds: each kind of option as complete takes it; quoting of help texts. */
#include "completion_support.h"

#include <criterion/criterion.h>

Test(completion_fish, offers)
{
	completion_has("fish",
		       "complete -c sockutil -n __fish_use_subcommand -a made -d 'be made up'\n");
	completion_has("fish",
		       "complete -c sockutil -n '__fish_seen_subcommand_from made' -s t -l text -x"
		       " -d 'a text; it\\'s [quoted]: so'\n");
	completion_has("fish", " -l color -x -a 'auto always never' -d 'one of a few'\n");
	completion_has("fish", " -l cert -r -F -d 'files'\n");
	completion_has("fish", " -s W -l wait -d 'a text that may be missing'\n");
	completion_has("fish", "'__fish_seen_subcommand_from explain' -a 'made explain'\n");
}
