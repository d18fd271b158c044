/* SPDX-License-Identifier: MIT */
/* fuzz_reply_template.c - a template and, behind a NUL, a message. Doubled braces give any text
 * back. */
#include "fuzz.h"

#include <sockutil/base/utf8.h>
#include <sockutil/proto/reply_template.h>

static void check_refusal(const char *text, const struct failure *why)
{
	fuzz_check(why->class == FAILURE_USAGE && *why->text);
	fuzz_check(strpbrk(text, "{}") != NULL);
	fuzz_check(!utf8_valid(text, strlen(text)) || utf8_valid(why->text, strlen(why->text)));
}

static void check_expansion(const struct reply_template *t, const char *text,
			    const struct reply_values *values)
{
	struct buffer once = { 0 }, twice = { 0 };

	fuzz_check(reply_template_expand(t, values, &once));
	fuzz_check(reply_template_expand(t, values, &twice));
	fuzz_check(reply_template_expand(t, values, &twice));
	fuzz_check(twice.length == 2 * once.length);
	fuzz_check(!once.length ||
		   !memcmp(buffer_bytes(&twice) + once.length, buffer_bytes(&once), once.length));
	if (!strpbrk(text, "{}"))
		fuzz_check(!strcmp(buffer_text(&once), text));
	buffer_free(&once);
	buffer_free(&twice);
}

static void check_doubled(const char *text, const struct reply_values *values)
{
	char *doubled = malloc(2 * strlen(text) + 1), *to = doubled;
	struct buffer out = { 0 };
	struct failure why = { 0 };
	struct reply_template *t;

	fuzz_check(doubled != NULL);
	for (const char *from = text; *from; from++) {
		*to++ = *from;
		if (*from == '{' || *from == '}')
			*to++ = *from;
	}
	*to = '\0';
	t = reply_template_compile(doubled, &why);
	fuzz_check(t && reply_template_expand(t, values, &out));
	fuzz_check(!strcmp(buffer_text(&out), text));
	reply_template_free(t);
	buffer_free(&out);
	free(doubled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	size_t length = strlen(text);
	struct reply_values values = {
		.message = length < size ? text + length + 1 : NULL,
		.message_length = length < size ? size - length - 1 : 0,
		.time = "Sat Nov 21 09:00:00 2026",
		.peer = "127.0.0.1:4711",
		.local = "unix:/run/{peer}",
		.count = size,
	};
	struct failure why = { 0 };
	struct reply_template *t = reply_template_compile(text, &why);

	if (t)
		check_expansion(t, text, &values);
	else
		check_refusal(text, &why);
	check_doubled(text, &values);
	reply_template_free(t);
	free(text);
	return 0;
}
