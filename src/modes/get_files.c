/* SPDX-License-Identifier: MIT */
/* src/modes/get_files.c - two things that are written to one file: the last would be all that is
 * left of both. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/get.h>

enum { NAMED = 4 };

/* Something that is written, and the option that says where. */
struct written {
	const char *option, *file;
	bool there; /* with this identity */
	struct stat st;
};

static bool same(const struct written *a, const struct written *b)
{
	if (a->there && b->there)
		return S_ISREG(a->st.st_mode) && a->st.st_dev == b->st.st_dev &&
		       a->st.st_ino == b->st.st_ino;
	return !a->there && !b->there && strcmp(a->file, b->file) == 0;
}

/* False: nothing of the kind is written. */
static bool take(struct written *w, const char *option, const char *file)
{
	if (!file || !*file || strcmp(file, "-") == 0)
		return false;
	w->option = option;
	w->file = file;
	w->there = stat(file, &w->st) == 0;
	return true;
}

static bool check_pair(const struct written *a, const struct written *b, struct failure *why)
{
	if (!same(a, b))
		return true;
	fail(why, FAILURE_USAGE, "%s and %s: %.150s would be written by both", a->option, b->option,
	     a->file);
	return false;
}

/* The first count of list, and one more, against one another. */
static bool check_last(const struct written *list, size_t count, struct failure *why)
{
	for (size_t i = 0; i < count; i++)
		if (!check_pair(&list[i], &list[count], why))
			return false;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A device or a FIFO takes any number of bodies. */
static bool takes_one(const char *file)
{
	struct stat st;

	return strcmp(file, "-") != 0 && (stat(file, &st) < 0 || S_ISREG(st.st_mode));
}

/* A list may be long: names that are the same lie beside each other. */
static bool check_outputs(const struct option_list *given, struct failure *why)
{
	const char **names = memory_zeroed(given->count + 1, sizeof *names);
	bool good = true;

	for (size_t i = 0; i < given->count; i++)
		names[i] = given->items[i];
	qsort(names, given->count, sizeof *names, by_name);
	for (size_t i = 1; good && i < given->count; i++) {
		good = strcmp(names[i - 1], names[i]) != 0 || !takes_one(names[i]);
		if (!good)
			fail(why, FAILURE_USAGE, "--output: %.150s would be written by two URLs",
			     names[i]);
	}
	free(names);
	return good;
}

bool get_files_check(const struct get_args *a, struct failure *why)
{
	const struct {
		const char *option, *file;
	} named[NAMED] = {
		{ "--dump-header", a->dump_header },
		{ "--trace", a->trace },
		{ "--cookie-jar", a->cookie_jar },
		{ "--etag", a->etag },
	};
	struct written list[NAMED + 1] = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < NAMED; i++)
		if (take(&list[count], named[i].option, named[i].file) &&
		    !check_last(list, count++, why))
			return false;
	for (size_t i = 0; count && i < a->output.count && !a->directory; i++)
		if (take(&list[count], "--output", a->output.items[i]) &&
		    !check_last(list, count, why))
			return false;
	return check_outputs(&a->output, why);
}
