/* SPDX-License-Identifier: MIT */
/* What every version of a server's HTTP has.
 * Holds: without TLS it is HTTP/1; the date is that of the second; freeing nothing is fine, and
 * freeing a connection ends the request under way. */
#include "http_serving.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

#include <sockutil/proto/http_date.h>

static struct serving s;

Test(service, speaks_http_1_without_tls)
{
	serving_prepare(&s);
	serving_start(&s, NULL, NULL);
	cr_assert_str_eq(s.service->ops->name, "HTTP/1");
	serving_free(&s);
}

Test(service, dates_answers_with_this_second)
{
	const int64_t before = (int64_t)time(NULL);
	int64_t told = 0;
	const char *text;

	serving_prepare(&s);
	text = http_service_date(&s.block);
	cr_assert(http_date_parse(text, strlen(text), &told));
	cr_assert(told >= before && told <= (int64_t)time(NULL));
	s.block.date_second--;
	s.block.date[0] = '?';
	cr_assert_neq(http_service_date(&s.block)[0], '?');
}

Test(service, ends_what_is_under_way_when_freed)
{
	http_service_free(NULL);
	serving_prepare(&s);
	s.when = SERVING_LATER;
	serving_start(&s, NULL, NULL);
	serving_say(&s, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	http_service_free(s.service);
	cr_assert_str_eq(serving_heard(&s), "request GET /\nreceived\n"
					    "over 0, 0 bytes: the connection is over\n");
	s.service = NULL;
	serving_free(&s);
}
