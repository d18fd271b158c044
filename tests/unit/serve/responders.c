/* SPDX-License-Identifier: MIT */
/* Holds: every name has a handler; those that answer messages have a template that compiles; the
 * templates of the tutorials' servers. */
#include <criterion/criterion.h>

#include <sockutil/proto/reply_template.h>
#include <sockutil/serve/reply.h>
#include <sockutil/serve/responders.h>

Test(responders, are_whole)
{
	for (int i = 0; i < RESPONDERS; i++) {
		struct failure why = { 0 };
		struct reply_template *template;

		cr_assert(responder_names[i] && responders[i].handler, "row %d", i);
		cr_assert(responders[i].reply || responders[i].handler != &reply_handler, "row %d",
			  i);
		if (!responders[i].reply)
			continue;
		template = reply_template_compile(responders[i].reply, &why);
		cr_assert(template, "%s: %s", responder_names[i], why.text);
		reply_template_free(template);
	}
	cr_assert_null(responder_names[RESPONDERS]);
}

Test(responders, greet_as_the_tutorial_does)
{
	const struct responder *greet = &responders[RESPONDER_GREET];

	cr_assert_str_eq(responder_names[RESPONDER_GREET], "greet");
	cr_assert_str_eq(greet->banner, "Welcome!");
	cr_assert_str_eq(greet->reply, "Hello, {message}!");
	cr_assert_str_eq(greet->quit, "exit");
	cr_assert_eq(greet->delay_ms, 1000);
}
