/* SPDX-License-Identifier: MIT */
/* The name that was probably meant by a mistyped one. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/nearest.h>

/* One row of the distance matrix for each of the last three letters of typed: a swap looks two
 * back. */
struct matrix {
	unsigned char rows[3][NEAREST_NAME_MAX + 1];
};

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned char least(unsigned a, unsigned b, unsigned c)
{
	unsigned smaller = a < b ? a : b;

	return (unsigned char)(smaller < c ? smaller : c);
}

/* Optimal string alignment: no piece is edited twice. Both lengths are at most NEAREST_NAME_MAX. */
static unsigned distance(const char *typed, size_t typed_length, const char *name,
			 size_t name_length)
{
	struct matrix m;

	for (size_t j = 0; j <= name_length; j++)
		m.rows[0][j] = (unsigned char)j;
	for (size_t i = 1; i <= typed_length; i++) {
		unsigned char *row = m.rows[i % 3];
		const unsigned char *above = m.rows[(i - 1) % 3];

		row[0] = (unsigned char)i;
		for (size_t j = 1; j <= name_length; j++) {
			unsigned char t = lower(typed[i - 1]);
			unsigned char n = lower(name[j - 1]);

			row[j] = least(above[j] + 1U, row[j - 1] + 1U,
				       above[j - 1] + (t == n ? 0U : 1U));
			if (i > 1 && j > 1 && t == lower(name[j - 2]) && n == lower(typed[i - 2]))
				row[j] = least(row[j], m.rows[(i - 2) % 3][j - 2] + 1U, row[j]);
		}
	}
	return m.rows[typed_length % 3][name_length];
}

/* What is compared: lower is nearer. A beginning lies between the same name and one mistyping. */
struct nearness {
	unsigned edits_twice;
	size_t length;
};

static bool measure(const char *typed, const char *name, struct nearness *out)
{
	size_t typed_length = strlen(typed);
	size_t name_length = strlen(name);
	size_t longer = typed_length > name_length ? typed_length : name_length;

	if (typed_length == 0 || longer > NEAREST_NAME_MAX)
		return false;
	out->length = name_length;
	if (name_length > typed_length && strncasecmp(typed, name, typed_length) == 0) {
		out->edits_twice = 1;
		return true;
	}
	/* Each letter more is an edit at least. */
	if (2 * longer - typed_length - name_length > (longer + 1) / 3)
		return false;
	out->edits_twice = 2 * distance(typed, typed_length, name, name_length);
	return out->edits_twice / 2 <= (longer + 1) / 3;
}

const char *nearest_name(const char *typed, const char *const *names, size_t count)
{
	struct nearness best = { 0 };
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		struct nearness here;

		if (!measure(typed, names[i], &here))
			continue;
		if (!found || here.edits_twice < best.edits_twice ||
		    (here.edits_twice == best.edits_twice && here.length < best.length)) {
			best = here;
			found = names[i];
		}
	}
	return found;
}
