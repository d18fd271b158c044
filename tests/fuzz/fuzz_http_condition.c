/* SPDX-License-Identifier: MIT */
/* fuzz_http_condition.c - conditions, a line a field: what is not there cannot be the same, who
 * reads is never told 412 by a tag he wants none of, and codings are told once each. */
#include "fuzz.h"

#include <sockutil/proto/http_accept.h>
#include <sockutil/proto/http_condition.h>

static void take_lines(struct http_head *head, char *text)
{
	static const char *const names[] = { "If-Match",        "If-None-Match",
					     "If-Range",        "If-Modified-Since",
					     "Accept-Encoding", "If-Unmodified-Since" };

	head->field_count = 0;
	for (char *line; head->field_count < 20 && (line = strsep(&text, "\n"));) {
		const char *name = names[(unsigned char)*line % 6];

		if (!*line)
			continue;
		head->fields[head->field_count++] =
			(struct http_field){ name, line + 1, strlen(name), strlen(line + 1) };
	}
}

static void check_condition(const struct http_head *head, const struct http_validators *now)
{
	const enum http_condition reads = http_condition_check(head, true, now);
	const enum http_condition writes = http_condition_check(head, false, now);
	const bool guarded = http_head_find(head, "If-Match", NULL) ||
			     http_head_find(head, "If-Unmodified-Since", NULL);

	fuzz_check(writes != HTTP_CONDITION_NOT_MODIFIED);
	fuzz_check(guarded || reads != HTTP_CONDITION_FAILED);
	fuzz_check(now->exists || reads != HTTP_CONDITION_NOT_MODIFIED);
	fuzz_check(!http_head_find(head, "If-None-Match", NULL) ||
		   (reads == HTTP_CONDITION_GO) == (writes == HTTP_CONDITION_GO));
	if (http_head_find(head, "If-Range", NULL) && !now->exists)
		fuzz_check(!http_condition_if_range(head, now, 784111778));
}

static void check_accept(const struct http_head *head)
{
	enum http_accept_coding codings[HTTP_ACCEPT_CODINGS];
	const size_t count = http_accept_codings(codings, head);
	unsigned seen = 0;

	fuzz_check(count >= 1 && count <= HTTP_ACCEPT_CODINGS);
	for (size_t i = 0; i < count; i++) {
		fuzz_check(codings[i] < HTTP_ACCEPT_CODINGS && !(seen & 1u << codings[i]));
		seen |= 1u << codings[i];
	}
	fuzz_check(http_head_find(head, "Accept-Encoding", NULL) ||
		   (count == 1 && codings[0] == HTTP_ACCEPT_IDENTITY));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head head;
	char *text = fuzz_text(data, size);

	take_lines(&head, text);
	check_condition(&head, &(struct http_validators){ true, "\"abc\"", 784111777 });
	check_condition(&head, &(struct http_validators){ true, "W/\"abc\"", 784111777 });
	check_condition(&head, &(struct http_validators){ true, NULL, HTTP_MODIFIED_UNKNOWN });
	check_condition(&head, &(struct http_validators){ false, NULL, HTTP_MODIFIED_UNKNOWN });
	check_accept(&head);
	free(text);
	return 0;
}
