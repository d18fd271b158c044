/* SPDX-License-Identifier: MIT */
/* progress_text.c - a transfer's progress in words, and as JSON. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/json.h>
#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/base/utf8.h>
#include <sockutil/cli/progress_text.h>

enum {
	BAR_MIN = 6,
	BAR_MAX = 40,
	NUMBERS_WIDTH = 44, /* what the numbers take at most, so that the bar keeps its width */
	NUMBERS_MAX = 160,
	NAME_WIDTH = 32,
	NAME_MAX_BYTES = 4 * NAME_WIDTH + 8,
};

static unsigned percent_of(const struct progress_state *s)
{
	if (s->done >= s->total)
		return 100;
	return (unsigned)((double)s->done * 100 / (double)s->total);
}

/* Milliseconds until the end; -1: nobody knows. */
static int64_t left_ms(const struct progress_state *s)
{
	double left;

	if (s->total <= s->done || s->rate == 0)
		return -1;
	left = (double)(s->total - s->done) / (double)s->rate * 1000;
	return left < 1e15 ? (int64_t)left : (int64_t)1e15;
}

/* "1.2 GiB of 2.9 GiB  310 MiB/s  5.00s left" */
static void numbers_text(char *out, size_t size, const struct progress_state *s)
{
	char done[32], total[32], rate[32], time[32];
	int64_t left = left_ms(s);

	size_text(done, sizeof done, s->done);
	size_text(total, sizeof total, s->total);
	size_text(rate, sizeof rate, s->rate);
	duration_text(time, sizeof time, left >= 0 ? left : s->elapsed_ms);
	snprintf(out, size, "%s%s%s  %s/s  %s%s", done, s->total ? " of " : "",
		 s->total ? total : "", rate, time, left >= 0 ? " left" : "");
}

/* "[====>     ] ", or nothing when width leaves no room for it. */
static void bar_text(char *out, size_t size, unsigned percent, size_t width)
{
	size_t inside = width > BAR_MAX ? BAR_MAX : width;
	size_t full = inside * percent / 100;

	out[0] = '\0';
	if (inside < BAR_MIN || inside + 4 > size)
		return;
	memset(out, ' ', inside + 3);
	memset(out + 1, '=', full);
	if (full < inside)
		out[1 + full] = '>';
	out[0] = '[';
	out[inside + 1] = ']';
	out[inside + 3] = '\0';
}

/* The longest start of text that is at most width columns wide. */
static size_t fitting(const char *text, size_t width)
{
	size_t length = strlen(text), end = 0;

	while (end < length) {
		size_t step = utf8_decode(text + end, length - end, NULL);

		step = step ? step : 1;
		if (utf8_width(text, end + step) > width)
			break;
		end += step;
	}
	return end;
}

/* "name           " of a third of the columns at most, or "name: " where there are none. */
static void name_text(char out[static NAME_MAX_BYTES], const struct progress_state *s)
{
	size_t width = s->columns / 3 < NAME_WIDTH ? s->columns / 3 : NAME_WIDTH, end, used;
	char masked[PROGRESS_TEXT_MAX];

	out[0] = '\0';
	if (!s->name)
		return;
	log_mask(masked, sizeof masked, s->name, strlen(s->name));
	if (!s->columns) {
		end = fitting(masked, NAME_WIDTH);
		snprintf(out, NAME_MAX_BYTES, "%.*s%s: ", (int)end, masked,
			 masked[end] ? "..." : "");
		return;
	}
	end = fitting(masked, width);
	if (masked[end] && width > 3)
		end = fitting(masked, width - 3);
	used = (size_t)snprintf(out, NAME_MAX_BYTES - NAME_WIDTH, "%.*s%s", (int)end, masked,
				masked[end] && width > 3 ? "..." : "");
	for (size_t columns = utf8_width(out, used); columns < width + 1; columns++)
		out[used++] = ' ';
	out[used] = '\0';
}

size_t progress_format(char *out, size_t size, const struct progress_state *s)
{
	size_t columns = s->columns > 1 ? s->columns - 1 : 0, used, room, most;
	char name[NAME_MAX_BYTES], numbers[NUMBERS_MAX], bar[BAR_MAX + 8] = "", percent[8] = "";

	name_text(name, s);
	numbers_text(numbers, sizeof numbers, s);
	if (s->total) {
		snprintf(percent, sizeof percent, "%3u%% ", percent_of(s));
		used = strlen(numbers) > NUMBERS_WIDTH ? strlen(numbers) : NUMBERS_WIDTH;
		used += utf8_width(name, strlen(name)) + strlen(percent) + strlen("[] ");
		room = columns > used ? columns - used : 0;
		bar_text(bar, sizeof bar, percent_of(s), room);
	}
	/* All but the name is ASCII. */
	most = columns + strlen(name) - utf8_width(name, strlen(name)) + 1;
	if (s->columns && most < size)
		size = most;
	snprintf(out, size, "%s%s%s%s", name, percent + (s->columns ? 0 : strspn(percent, " ")),
		 bar, numbers);
	return strlen(out);
}

static bool member_or_null(struct buffer *out, const char *key, bool known, uint64_t value)
{
	if (known)
		return json_member_integer(out, key, (int64_t)value);
	return json_member(out, key, NULL);
}

bool progress_json(struct buffer *out, const char *event, const char *url, const char *file,
		   const struct progress_state *s)
{
	int64_t left = left_ms(s);

	return buffer_add(out, "{", 1) && json_member(out, "event", event) &&
	       json_member(out, "url", url) && json_member(out, "file", file) &&
	       json_member_integer(out, "done", (int64_t)s->done) &&
	       member_or_null(out, "total", s->total > 0, s->total) &&
	       json_member_integer(out, "rate", (int64_t)s->rate) &&
	       member_or_null(out, "eta", left >= 0, (uint64_t)(left + 999) / 1000) &&
	       buffer_add(out, "}\n", 2);
}
