/* SPDX-License-Identifier: MIT */
/* tests/unit/connect/port_list.c
 * Holds: single ports, ranges, lists and names, each port once and in rising order; what is no port
 * is named. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/connect/port_list.h>

static struct port_list list;
static struct failure why;

static void gives(const char *text, const unsigned *ports, size_t count)
{
	unsigned port = 0;

	cr_assert(port_list_parse(&list, text, &why), "%s", why.text);
	cr_assert_eq(list.count, count, "%s: %u", text, list.count);
	for (size_t i = 0; i < count; i++) {
		port = port_list_next(&list, port);
		cr_assert_eq(port, ports[i], "%s: %u", text, port);
	}
	cr_assert_eq(port_list_next(&list, port), 0);
}

#define GIVES(text, ...)                                                                           \
	do {                                                                                       \
		const unsigned ports[] = { __VA_ARGS__ };                                          \
		gives(text, ports, sizeof(ports) / sizeof(ports[0]));                              \
	} while (0)

Test(port_list, what_it_takes)
{
	GIVES("22", 22);
	GIVES("65535", 65535);
	GIVES("1-3", 1, 2, 3);
	GIVES("8080,22,80-81,22", 22, 80, 81, 8080);
	GIVES("63-65,127,128,191", 63, 64, 65, 127, 128, 191);
	GIVES("http,ssh", 22, 80);
}

Test(port_list, all_of_them)
{
	unsigned port = 0, count = 0;

	cr_assert(port_list_parse(&list, "1-65535", &why));
	while ((port = port_list_next(&list, port)) != 0)
		count++;
	cr_assert_eq(count, 65535);
	cr_assert_eq(list.count, 65535);
}

Test(port_list, what_it_does_not)
{
	static const char *const wrong[] = { "",        ",",      "22,",  "0",     "65536",
					     "5-3",     "1-",     "-5",   "1-2-3", "22 80",
					     "no-such", "1-http", "0x16", "22,,80" };

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		cr_assert_not(port_list_parse(&list, wrong[i], &why), "%s", wrong[i]);
		cr_assert_eq(why.class, FAILURE_USAGE);
		cr_assert(strstr(why.text,
				 "is no port to scan; write it as 22, 1-1024 or 22,80,8000-8010"),
			  "%s", why.text);
	}
}
