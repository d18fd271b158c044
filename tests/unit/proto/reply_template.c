/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/reply_template.c
 * Holds: each name is replaced by its value, as often as it stands there; double braces are braces;
 * text goes through as it is; reversing goes by character; it appends and keeps what was there; bad
 * names suggest the nearest or list all; open and stray braces are said; freeing NULL is fine.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/reply_template.h>

static const struct reply_values values = {
	.message = "a\xc3\xb1"
		   "b",
	.message_length = 4,
	.time = "Sat Nov 21 09:00:00 2026",
	.peer = "127.0.0.1:4711",
	.local = "[::1]:80",
	.count = UINT64_MAX,
};

static void assert_expands(const char *text, const char *expected)
{
	struct failure why = { 0 };
	struct reply_template *t = reply_template_compile(text, &why);
	struct buffer out = { 0 };

	cr_assert_not_null(t, "%s: %s", text, why.text);
	cr_assert(reply_template_expand(t, &values, &out));
	cr_assert_str_eq(buffer_text(&out), expected);
	buffer_free(&out);
	reply_template_free(t);
}

static void assert_refused(const char *text, const char *message)
{
	struct failure why = { 0 };

	cr_assert_null(reply_template_compile(text, &why), "%s", text);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, message);
}

Test(reply_template, replaces_each_name)
{
	assert_expands("{message}", "a\xc3\xb1"
				    "b");
	assert_expands("{reversed}", "b\xc3\xb1"
				     "a");
	assert_expands("{time}", "Sat Nov 21 09:00:00 2026");
	assert_expands("{peer}", "127.0.0.1:4711");
	assert_expands("{local}", "[::1]:80");
	assert_expands("{count}", "18446744073709551615");
}

Test(reply_template, text_goes_through)
{
	assert_expands("", "");
	assert_expands("plain", "plain");
	assert_expands("[{time}] {local}\n%s\\n", "[Sat Nov 21 09:00:00 2026] [::1]:80\n%s\\n");
	assert_expands("{peer}{peer} {peer}", "127.0.0.1:4711127.0.0.1:4711 127.0.0.1:4711");
}

Test(reply_template, double_braces_are_braces)
{
	assert_expands("{{", "{");
	assert_expands("}}", "}");
	assert_expands("{{peer}}", "{peer}");
	assert_expands("{{{peer}}}", "{127.0.0.1:4711}");
	assert_expands("a{{b}}c{{{{", "a{b}c{{");
}

Test(reply_template, an_empty_message_is_one_too)
{
	struct reply_values none = values;
	struct failure why = { 0 };
	struct reply_template *t = reply_template_compile("<{message}{reversed}>", &why);
	struct buffer out = { 0 };

	none.message = NULL;
	none.message_length = 0;
	buffer_add(&out, "before ", 7);
	cr_assert(reply_template_expand(t, &none, &out));
	cr_assert_str_eq(buffer_text(&out), "before <>");
	buffer_free(&out);
	reply_template_free(t);
}

Test(reply_template, short_memory_leaves_what_was_there)
{
	struct reply_values much = values;
	struct failure why = { 0 };
	struct reply_template *t = reply_template_compile("text {message}", &why);
	struct buffer out = { 0 };

	much.message_length = SIZE_MAX / 4; /* refused before a byte of it is read */
	buffer_add(&out, "before", 6);
	cr_assert_not(reply_template_expand(t, &much, &out));
	cr_assert_str_eq(buffer_text(&out), "before");
	buffer_free(&out);
	reply_template_free(t);
}

Test(reply_template, a_wrong_name_suggests_the_nearest)
{
	assert_refused("{mesage}", "unknown name {mesage} in the reply; did you mean {message}?");
	assert_refused("x {Time}", "unknown name {Time} in the reply; did you mean {time}?");
	assert_refused("{loc}", "unknown name {loc} in the reply; did you mean {local}?");
}

Test(reply_template, a_far_name_lists_all)
{
	assert_refused("{}", "unknown name {} in the reply; there are {message} {reversed} {time} "
			     "{peer} {local} {count}, and {{ for a brace");
	assert_refused("{ }", "unknown name { } in the reply; there are {message} {reversed} "
			      "{time} {peer} {local} {count}, and {{ for a brace");
	assert_refused(
		"{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}",
		"unknown name {xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx} "
		"in the reply; there are {message} {reversed} {time} {peer} {local} {count}, "
		"and {{ for a brace");
}

Test(reply_template, open_and_stray_braces_are_said)
{
	assert_refused("hello {peer", "open brace in the reply: {peer; {{ is a brace itself");
	assert_refused("{", "open brace in the reply: {; {{ is a brace itself");
	assert_refused("{pe{er}", "open brace in the reply: {pe{er}; {{ is a brace itself");
	assert_refused("a } b", "closing brace without an opening one in the reply; }} is a brace "
				"itself");
	assert_refused("{peer}}",
		       "closing brace without an opening one in the reply; }} is a brace "
		       "itself");
}

Test(reply_template, freeing_none_is_fine)
{
	reply_template_free(NULL);
}
