/* SPDX-License-Identifier: MIT */
/* src/proto/http_status.c - answers that another try may not meet. */
#include <sockutil/proto/http_date.h>
#include <sockutil/proto/http_status.h>

bool http_status_may_pass(int status)
{
	switch (status) {
	case 408:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
		return true;
	default:
		return false;
	}
}

int64_t http_status_retry_after(const struct http_head *head, int64_t now)
{
	const struct http_field *f = http_head_find(head, "Retry-After", NULL);
	int64_t wait;

	return f && http_retry_after(f->value, f->value_length, now, &wait) ? wait : -1;
}
