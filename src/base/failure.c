/* SPDX-License-Identifier: MIT */
/* failure.c - what went wrong, as a value; the classes and their exit statuses. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/failure.h>
#include <sockutil/base/utf8.h>

static const struct {
	const char *name;
	const char *meaning;
	int status;
} classes[FAILURE_CLASSES] = {
#define FAILURE(id, number, sentence)                                                              \
	[FAILURE_##id] = {                                                                         \
		.name = #id,                                                                       \
		.meaning = sentence,                                                               \
		.status = number,                                                                  \
	},
#include <sockutil/base/failure.def>
#undef FAILURE
};

/* Three bytes more than are kept, so that a character at the cut is seen whole. */
#define DRAFT (sizeof((struct failure *)0)->text + 3)

/* The arguments of a failure may point into why->text, so its text is made elsewhere first. */
__attribute__((format(printf, 5, 0))) static enum io fill(struct failure *why,
							  enum failure_class class, int error,
							  const char *reason, const char *format,
							  va_list arguments)
{
	size_t reason_length = strlen(reason);
	size_t limit = sizeof why->text - 1 - reason_length;
	char draft[DRAFT];
	size_t length;

	if (vsnprintf(draft, sizeof draft, format, arguments) < 0)
		draft[0] = '\0';
	/* The reason says most: it is the text in front of it that gives way. */
	length = utf8_cut(draft, strlen(draft), limit);
	why->class = class;
	why->error = error;
	memcpy(why->text, draft, length);
	memcpy(why->text + length, reason, reason_length + 1);
	return IO_FAILED;
}

enum io fail(struct failure *why, enum failure_class class, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fill(why, class, 0, "", format, arguments);
	va_end(arguments);
	return IO_FAILED;
}

enum io fail_errno(struct failure *why, enum failure_class class, int error, const char *format,
		   ...)
{
	char reason[128];
	va_list arguments;

	snprintf(reason, sizeof reason, ": %s", strerror(error));
	va_start(arguments, format);
	fill(why, class, error, reason, format, arguments);
	va_end(arguments);
	return IO_FAILED;
}

void fail_at(struct failure *why, const char *where)
{
	struct failure inner = *why;

	if (why->class == FAILURE_NONE)
		return;
	fail(why, inner.class, "%s: %s", where, inner.text);
	why->error = inner.error;
}

static enum failure_class known(enum failure_class class)
{
	return (unsigned)class < FAILURE_CLASSES ? class : FAILURE_OTHER;
}

int failure_status(enum failure_class class)
{
	return classes[known(class)].status;
}

const char *failure_meaning(enum failure_class class)
{
	return classes[known(class)].meaning;
}

const char *failure_name(enum failure_class class)
{
	/* The table spells them as the enum does; the same bytes come out whoever fills this first.
	 */
	static char names[FAILURE_CLASSES][16];
	char *lower = names[known(class)];
	const char *upper = classes[known(class)].name;

	for (size_t i = 0; i < sizeof names[0] - 1 && upper[i]; i++)
		lower[i] = upper[i] == '_' ? '_' : (char)(upper[i] - 'A' + 'a');
	return lower;
}
