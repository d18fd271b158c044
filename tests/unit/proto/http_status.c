/* SPDX-License-Identifier: MIT */
/* http_status.c - holds: which statuses may pass; Retry-After of a head, none, and nonsense. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/http_status.h>

static int64_t asked(const char *fields)
{
	struct http_head_scan scan = { 0 };
	struct http_head head;
	struct failure why;
	char text[200];

	snprintf(text, sizeof(text), "HTTP/1.1 503 Busy\r\n%s\r\n", fields);
	cr_assert_eq(http_head_parse(&head, &scan, text, strlen(text), &why), IO_DONE);
	return http_status_retry_after(&head, 784111777 - 5);
}

Test(http_status, some_may_pass)
{
	static const int passing[] = { 408, 429, 500, 502, 503, 504 };
	size_t found = 0;

	for (int status = 100; status < 600; status++)
		found += http_status_may_pass(status);
	cr_expect_eq(found, sizeof(passing) / sizeof(passing[0]));
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		cr_expect(http_status_may_pass(passing[i]));
}

Test(http_status, says_when_to_come_back)
{
	cr_expect_eq(asked("Retry-After: 7\r\n"), 7000);
	cr_expect_eq(asked("Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), 5000);
	cr_expect_eq(asked("Retry-After: soon\r\n"), -1);
	cr_expect_eq(asked(""), -1);
}
