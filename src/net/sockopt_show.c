/* SPDX-License-Identifier: MIT */
/* Every readable option of a socket as the kernel reports it. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/net/sockopt.h>
#include <sockutil/net/sockopt_table.h>

/* The order levels are shown in; others follow. */
static int rank(int level)
{
	static const int order[] = { SOL_SOCKET, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_TCP };
	int i = 0;

	while (i < (int)(sizeof(order) / sizeof(order[0])) && order[i] != level)
		i++;
	return i;
}

static int by_level_and_name(const void *left, const void *right)
{
	const struct sockopt_row *const *a = left;
	const struct sockopt_row *const *b = right;
	int ranks = rank((*a)->level) - rank((*b)->level);

	return ranks ? ranks : strcmp((*a)->name, (*b)->name);
}

/* What this kernel does not have for this socket leaves no line. False: memory is short. */
static bool show_row(int fd, const struct sockopt_row *row, struct buffer *out)
{
	_Alignas(8) unsigned char bytes[SOCKOPT_READ_MAX] = { 0 };
	socklen_t length = sizeof(bytes);
	struct buffer value = { 0 };
	bool shown, added;

	if (row->kind->print_of)
		shown = row->kind->print_of(fd, &value);
	else
		shown = getsockopt(fd, row->level, row->constant, bytes, &length) == 0 &&
			row->kind->print(row, bytes, length, &value);
	added = !shown || buffer_format(out, "%s = %.*s\n", row->name, (int)value.length,
					buffer_bytes(&value));
	buffer_free(&value);
	return added;
}

bool sockopt_show(int fd, struct buffer *out)
{
	const struct sockopt_row *rows[SOCKOPT_ROWS_MAX];
	size_t count = sockopt_rows(rows);
	unsigned families = sockopt_families_of(fd);

	if (families == 0)
		return false;
	qsort(rows, count, sizeof(rows[0]), by_level_and_name);
	for (size_t i = 0; i < count; i++) {
		if (!(rows[i]->access & SOCKOPT_READ) || !(rows[i]->families & families))
			continue;
		if (!show_row(fd, rows[i], out))
			return false;
	}
	return true;
}
