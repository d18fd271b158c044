/* SPDX-License-Identifier: MIT */
/* Holds: commands first; choices, files by their option; operands. */
#include "completion_support.h"

#include <criterion/criterion.h>

Test(completion_bash, offers)
{
	completion_has("bash",
		       "_sockutil_offer -W 'made explain --help --version' -- \"$current\"");
	completion_has(
		"bash",
		"\tmade\\ --responder | made\\ -R)\n"
		"\t\t_sockutil_offer -W 'echo time greet prefix reverse discard chargen daytime'");
	completion_has("bash",
		       "\tmade\\ --file | made\\ -o | \\\n\t\tmade\\ --cert)\n\t\t_sockutil_files");
	completion_has("bash",
		       "\texplain\\ *)\n\t\t_sockutil_offer -W 'made explain' -- \"$current\"");
	completion_has("bash", "complete -F _sockutil sockutil\n");
}
