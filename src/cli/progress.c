/* SPDX-License-Identifier: MIT */
/* progress.c - how far a transfer is: a bar on a terminal, a line now and then elsewhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/cli/progress.h>

#define ERASE_LINE "\r\033[K"

enum {
	LINE_MAX_BYTES = 256,
	BAR_MIN = 6,
	BAR_MAX = 40,
	NUMBERS_WIDTH = 44, /* what the numbers take at most, so that the bar keeps its width */
	COLUMNS_UNKNOWN = 80,
};

static unsigned percent_of(const struct progress_state *s)
{
	if (s->done >= s->total)
		return 100;
	return (unsigned)((double)s->done * 100 / (double)s->total);
}

/* "1.2 GiB of 2.9 GiB  310 MiB/s  5.00s left" */
static void numbers_text(char *out, size_t size, const struct progress_state *s)
{
	char done[32], total[32], rate[32], time[32];
	bool left = s->total > s->done && s->rate > 0;

	size_text(done, sizeof done, s->done);
	size_text(total, sizeof total, s->total);
	size_text(rate, sizeof rate, s->rate);
	duration_text(time, sizeof time,
		      left ? (int64_t)((double)(s->total - s->done) / (double)s->rate * 1000)
			   : s->elapsed_ms);
	snprintf(out, size, "%s%s%s  %s/s  %s%s", done, s->total ? " of " : "",
		 s->total ? total : "", rate, time, left ? " left" : "");
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

size_t progress_format(char *out, size_t size, const struct progress_state *s)
{
	size_t columns = s->columns > 1 ? s->columns - 1 : 0, used, room;
	char numbers[LINE_MAX_BYTES], bar[BAR_MAX + 8] = "", percent[8] = "";

	numbers_text(numbers, sizeof numbers, s);
	if (s->total) {
		snprintf(percent, sizeof percent, "%3u%% ", percent_of(s));
		used = strlen(numbers) > NUMBERS_WIDTH ? strlen(numbers) : NUMBERS_WIDTH;
		used += strlen(percent) + strlen("[] ");
		room = columns > used ? columns - used : 0;
		bar_text(bar, sizeof bar, percent_of(s), room);
	}
	if (s->columns && columns + 1 < size)
		size = columns + 1;
	snprintf(out, size, "%s%s%s", percent, bar, numbers);
	return strlen(out);
}

static unsigned terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return COLUMNS_UNKNOWN;
	return size.ws_col;
}

static bool can_erase(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static void clear(void *data)
{
	struct progress *p = data;

	if (p->drawn)
		log_terminal(ERASE_LINE, strlen(ERASE_LINE));
	p->drawn = false;
}

void progress_start(struct progress *p, uint64_t total)
{
	int64_t now = clock_ms();

	*p = (struct progress){
		.total = total,
		.started_ms = now,
		.shown_ms = now,
		.terminal = can_erase(),
		.sample_count = 1,
	};
	p->samples[0].at_ms = now;
	if (p->terminal)
		log_before_message(clear, p);
}

static void sample(struct progress *p, uint64_t done, int64_t now)
{
	if (now - p->samples[p->newest].at_ms < PROGRESS_SAMPLE_MS)
		return;
	p->newest = (p->newest + 1) % PROGRESS_SAMPLES;
	p->samples[p->newest].at_ms = now;
	p->samples[p->newest].done = done;
	if (p->sample_count < PROGRESS_SAMPLES)
		p->sample_count++;
}

static uint64_t rate_of(const struct progress *p, uint64_t done, int64_t now)
{
	size_t oldest = (p->newest + PROGRESS_SAMPLES + 1 - p->sample_count) % PROGRESS_SAMPLES;
	int64_t elapsed = now - p->samples[oldest].at_ms;

	if (elapsed <= 0 || done < p->samples[oldest].done)
		return 0;
	return (uint64_t)((double)(done - p->samples[oldest].done) * 1000 / (double)elapsed);
}

static void draw(struct progress *p, const char *text, size_t length)
{
	char line[LINE_MAX_BYTES + sizeof ERASE_LINE];
	int used = snprintf(line, sizeof line, ERASE_LINE "%.*s", (int)length, text);

	log_terminal(line, (size_t)used);
	p->drawn = true;
}

static void write_line(const struct progress_state *s, const char *text)
{
	const struct log_field fields[] = {
		{ .key = "bytes", .kind = LOG_FIELD_INTEGER, .integer = (int64_t)s->done },
		{ .key = "total", .kind = LOG_FIELD_INTEGER, .integer = (int64_t)s->total },
		{ .key = "rate", .kind = LOG_FIELD_INTEGER, .integer = (int64_t)s->rate },
	};

	log_event(LOG_LEVEL_NOTICE, "progress", fields, sizeof fields / sizeof *fields, "%s",
		  text + strspn(text, " "));
}

void progress_show(struct progress *p, uint64_t done)
{
	int64_t now = clock_ms();
	struct progress_state state;
	char text[LINE_MAX_BYTES];
	size_t length;

	sample(p, done, now);
	if (now - p->shown_ms < (p->terminal ? PROGRESS_DRAW_MS : PROGRESS_LINE_MS))
		return;
	p->shown_ms = now;
	state = (struct progress_state){
		.total = p->total,
		.done = done,
		.rate = rate_of(p, done, now),
		.elapsed_ms = now - p->started_ms,
		.columns = p->terminal ? terminal_columns() : 0,
	};
	length = progress_format(text, sizeof text, &state);
	if (p->terminal)
		draw(p, text, length);
	else
		write_line(&state, text);
}

void progress_end(struct progress *p)
{
	clear(p);
	if (p->terminal)
		log_before_message(NULL, NULL);
	p->terminal = false;
}
