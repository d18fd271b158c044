/* SPDX-License-Identifier: MIT */
/* fuzz_sockopt.c - NAME=VALUE of socket options, and bytes of a kernel shown as text. Makes no
 * socket. */
#include "fuzz.h"

#include <sockutil/net/sockopt.h>
#include <sockutil/net/sockopt_table.h>

/* A value that was taken fits the kernel's call and has the same bytes by the option's whole name.
 */
static void check_value(const char *name, const char *value)
{
	const struct sockopt_row *found[2], *again[2];
	struct sockopt_value first = { 0 }, second = { 0 };
	struct failure why = { 0 };

	fuzz_check(sockopt_find(name, found, &why));
	fuzz_check(found[0]->access & SOCKOPT_SET);
	fuzz_check(found[0]->kind->parse(found[0], value, &first));
	fuzz_check(first.length > 0 && first.length <= SOCKOPT_VALUE_MAX);
	if (found[1])
		return;
	fuzz_check(sockopt_find(found[0]->name, again, &why) && again[0] == found[0]);
	fuzz_check(again[0]->kind->parse(again[0], value, &second));
	fuzz_check(first.length == second.length &&
		   !memcmp(first.bytes, second.bytes, first.length));
}

static void check_setting(char *text)
{
	struct sockopt_list list = { 0 };
	struct failure why = { 0 };
	char *equals = strchr(text, '=');

	if (sockopt_add(&list, text, &why)) {
		fuzz_check(list.count == 1 && equals);
		*equals = '\0';
		check_value(text, equals + 1);
	} else {
		fuzz_check(list.count == 0 && why.class == FAILURE_USAGE && *why.text);
	}
	sockopt_list_free(&list);
}

/* The first byte chooses the row. */
static void check_shown(const uint8_t *data, size_t size)
{
	const struct sockopt_row *rows[SOCKOPT_ROWS_MAX];
	const size_t count = sockopt_rows(rows);
	const struct sockopt_row *row = rows[fuzz_byte(&data, &size) % count];
	_Alignas(8) unsigned char bytes[SOCKOPT_READ_MAX];
	const size_t length = size < sizeof(bytes) ? size : sizeof(bytes);
	struct buffer out = { 0 };

	if (length)
		memcpy(bytes, data, length);
	if (!row->kind->print_of && row->kind->print(row, bytes, (socklen_t)length, &out))
		fuzz_check(out.length > 0);
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check_setting(text);
	free(text);
	check_shown(data, size);
	return 0;
}
