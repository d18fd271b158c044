/* SPDX-License-Identifier: MIT */
/* progress.c - how far transfers are: bars on a terminal, a line now and then elsewhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/cli/progress.h>
#include <sockutil/cli/progress_text.h>

#define ERASE_LINE  "\r\033[K"
#define ERASE_BELOW "\r\033[J"

enum { COLUMNS_UNKNOWN = 80, ROWS_UNKNOWN = 24 };

/* --- rates --------------------------------------------------------------------------- */

static void rate_start(struct progress_rate *r, int64_t now)
{
	*r = (struct progress_rate){ .count = 1 };
	r->samples[0].at_ms = now;
}

static void rate_sample(struct progress_rate *r, uint64_t done, int64_t now)
{
	if (now - r->samples[r->newest].at_ms < PROGRESS_SAMPLE_MS)
		return;
	r->newest = (r->newest + 1) % PROGRESS_SAMPLES;
	r->samples[r->newest].at_ms = now;
	r->samples[r->newest].done = done;
	if (r->count < PROGRESS_SAMPLES)
		r->count++;
}

static uint64_t rate_now(const struct progress_rate *r, uint64_t done, int64_t now)
{
	size_t oldest = (r->newest + PROGRESS_SAMPLES + 1 - r->count) % PROGRESS_SAMPLES;
	int64_t elapsed = now - r->samples[oldest].at_ms;

	if (elapsed <= 0 || done < r->samples[oldest].done)
		return 0;
	return (uint64_t)((double)(done - r->samples[oldest].done) * 1000 / (double)elapsed);
}

/* --- what is shown of one, and of all ------------------------------------------------- */

static struct progress_state state_of(const struct progress *p, struct progress_meter *m,
				      int64_t now, unsigned columns)
{
	bool named = p->several || p->form == PROGRESS_LINE;

	rate_sample(&m->rate, m->moved, now);
	return (struct progress_state){
		.total = m->total,
		.done = m->done,
		.rate = rate_now(&m->rate, m->moved, now),
		.elapsed_ms = now - m->started_ms,
		.columns = columns,
		.name = named ? m->name : NULL,
	};
}

static struct progress_state state_of_all(struct progress *p, int64_t now, unsigned columns,
					  char *name, size_t size)
{
	uint64_t done = p->ended_done, moved = p->ended_moved;

	for (const struct progress_meter *m = p->oldest; m; m = m->newer) {
		done += m->done;
		moved += m->moved;
	}
	rate_sample(&p->rate, moved, now);
	snprintf(name, size, "%u done, %u running", p->ended, p->running);
	return (struct progress_state){
		.done = done,
		.rate = rate_now(&p->rate, moved, now),
		.elapsed_ms = now - p->started_ms,
		.columns = columns,
		.name = name,
	};
}

static bool anything_moved(const struct progress *p)
{
	uint64_t done = p->several ? p->ended_done : 0;

	for (const struct progress_meter *m = p->oldest; m; m = m->newer)
		done += m->done;
	return done > 0;
}

/* --- a terminal ------------------------------------------------------------------------ */

bool progress_can_draw(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static struct winsize terminal_size(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0)
		size = (struct winsize){ 0 };
	if (size.ws_col == 0)
		size.ws_col = COLUMNS_UNKNOWN;
	if (size.ws_row == 0)
		size.ws_row = ROWS_UNKNOWN;
	return size;
}

/* To the first of the drawn lines, and nothing stands from there on. */
static bool add_erasing(struct buffer *out, unsigned drawn)
{
	if (drawn > 1)
		return buffer_format(out, "\033[%uA" ERASE_BELOW, drawn - 1);
	return buffer_add(out, ERASE_LINE, strlen(ERASE_LINE));
}

static void clear(void *data)
{
	struct progress *p = data;
	struct buffer out = { 0 };

	if (p->drawn && add_erasing(&out, p->drawn))
		log_terminal(buffer_bytes(&out), out.length);
	p->drawn = 0;
	buffer_free(&out);
}

static bool add_drawn(struct buffer *out, const struct progress_state *state, bool last)
{
	char text[PROGRESS_TEXT_MAX];
	size_t length = progress_format(text, sizeof text, state);

	return buffer_add(out, text, length) && (last || buffer_add(out, "\r\n", 2));
}

/* The line of all together takes the last row; what has no room is counted there. */
static void draw(struct progress *p, int64_t now)
{
	struct winsize size = terminal_size();
	unsigned room = size.ws_row > 2 ? size.ws_row - 2U : 1, lines = 0;
	struct progress_state state;
	struct buffer out = { 0 };
	char name[64];
	bool good = add_erasing(&out, p->drawn);

	for (struct progress_meter *m = p->oldest; m && lines < room; m = m->newer, lines++) {
		state = state_of(p, m, now, size.ws_col);
		good = good && add_drawn(&out, &state, !p->several);
	}
	if (p->several) {
		state = state_of_all(p, now, size.ws_col, name, sizeof name);
		good = good && add_drawn(&out, &state, true);
		lines++;
	}
	if (good && lines > 0) {
		log_terminal(buffer_bytes(&out), out.length);
		p->drawn = lines;
	}
	buffer_free(&out);
}

/* --- elsewhere ------------------------------------------------------------------------- */

static void write_notice(const struct progress *p, struct progress_meter *m, const char *outcome,
			 int64_t now)
{
	struct progress_state s = state_of(p, m, now, 0);
	const struct log_field fields[] = {
		{ .key = "url", .kind = LOG_FIELD_TEXT, .text = m->url },
		{ .key = "file", .kind = LOG_FIELD_TEXT, .text = m->file },
		{ .key = "bytes", .kind = LOG_FIELD_INTEGER, .integer = (int64_t)s.done },
		{ .key = "total", .kind = LOG_FIELD_INTEGER, .integer = (int64_t)s.total },
		{ .key = "rate", .kind = LOG_FIELD_INTEGER, .integer = (int64_t)s.rate },
	};
	char text[PROGRESS_TEXT_MAX];

	progress_format(text, sizeof text, &s);
	log_event(LOG_LEVEL_NOTICE, outcome ? outcome : "progress", fields,
		  sizeof fields / sizeof *fields, "%s%s%s", text, outcome ? "  " : "",
		  outcome ? outcome : "");
}

static void write_object(const struct progress *p, struct progress_meter *m, const char *outcome,
			 int64_t now)
{
	struct progress_state state = state_of(p, m, now, 0);
	struct buffer out = { 0 };

	if (progress_json(&out, outcome ? outcome : "progress", m->url, m->file, &state))
		log_terminal(buffer_bytes(&out), out.length);
	buffer_free(&out);
}

static void tell(const struct progress *p, struct progress_meter *m, const char *outcome,
		 int64_t now)
{
	if (p->form == PROGRESS_JSON)
		write_object(p, m, outcome, now);
	else if (p->form == PROGRESS_LINE)
		write_notice(p, m, outcome, now);
}

/* --- what the others call --------------------------------------------------------------- */

void progress_start(struct progress *p, enum progress_form form, bool several)
{
	int64_t now = clock_ms();

	if (form == PROGRESS_BAR && !progress_can_draw())
		form = PROGRESS_LINE;
	*p = (struct progress){
		.form = form,
		.several = several,
		.started_ms = now,
		.shown_ms = now,
	};
	rate_start(&p->rate, now);
	if (form == PROGRESS_BAR)
		log_before_message(clear, p);
}

void progress_join(struct progress *p, struct progress_meter *m)
{
	int64_t now = clock_ms();

	m->done = m->moved = m->total = 0;
	m->started_ms = now;
	rate_start(&m->rate, now);
	m->newer = NULL;
	m->older = p->newest;
	if (p->newest)
		p->newest->newer = m;
	else
		p->oldest = m;
	p->newest = m;
	p->running++;
}

void progress_update(struct progress_meter *m, uint64_t done, uint64_t moved, uint64_t total)
{
	m->done = done;
	m->moved = moved;
	m->total = total;
}

void progress_show(struct progress *p)
{
	static const int64_t between[] = {
		[PROGRESS_BAR] = PROGRESS_DRAW_MS,
		[PROGRESS_LINE] = PROGRESS_LINE_MS,
		[PROGRESS_JSON] = PROGRESS_JSON_MS,
	};
	int64_t now = clock_ms();

	if (p->form == PROGRESS_NONE || now - p->shown_ms < between[p->form] || !anything_moved(p))
		return;
	p->shown_ms = now;
	if (p->form == PROGRESS_BAR)
		draw(p, now);
	else
		for (struct progress_meter *m = p->oldest; m; m = m->newer)
			tell(p, m, NULL, now);
}

void progress_hide(struct progress *p)
{
	clear(p);
}

void progress_leave(struct progress *p, struct progress_meter *m, const char *outcome)
{
	if (outcome)
		tell(p, m, outcome, clock_ms());
	if (m->older)
		m->older->newer = m->newer;
	else
		p->oldest = m->newer;
	if (m->newer)
		m->newer->older = m->older;
	else
		p->newest = m->older;
	p->running--;
	p->ended++;
	p->ended_done += m->done;
	p->ended_moved += m->moved;
	/* A single bar stands for nothing any more. */
	if (!p->several)
		clear(p);
}

void progress_end(struct progress *p)
{
	clear(p);
	if (p->form == PROGRESS_BAR)
		log_before_message(NULL, NULL);
	*p = (struct progress){ 0 };
}
