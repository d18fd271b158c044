/* SPDX-License-Identifier: MIT */
/* src/modes/get_display.c - how far the transfers are, and what is said when they end. */
#include <string.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/get/report.h>
#include <sockutil/modes/get.h>

enum { TICK_MS = 100 };

/* --- how far they are ------------------------------------------------------------------ */

/* Whether something comes on standard output while bars are drawn. Heads come before bodies, so
 * they disturb only the bars of others. */
static bool disturbs(const struct get_args *a, bool to_stdout)
{
	bool traced = a->trace && !strcmp(a->trace, "-");
	bool heads = a->include || (a->dump_header && !strcmp(a->dump_header, "-"));

	return a->head ||
	       ((to_stdout || traced || (heads && a->parallel)) && isatty(STDOUT_FILENO));
}

static enum progress_form form_of(const struct get_args *a, bool to_stdout)
{
	switch ((enum get_progress)a->progress) {
	case GET_PROGRESS_AUTO:
		if (a->common.quiet || !progress_can_draw() || disturbs(a, to_stdout))
			return PROGRESS_NONE;
		return PROGRESS_BAR;
	case GET_PROGRESS_BAR:
		return PROGRESS_BAR;
	case GET_PROGRESS_LINE:
		return PROGRESS_LINE;
	case GET_PROGRESS_JSON:
		return PROGRESS_JSON;
	case GET_PROGRESS_NONE:
		break;
	}
	return PROGRESS_NONE;
}

/* What of it this run has brought; the rest was there. */
static uint64_t moved_of(const struct transfer_report *r)
{
	return r->done > r->resumed ? r->done - r->resumed : 0;
}

static void update(struct get_item *item, const struct transfer_report *r)
{
	item->meter.file = r->file;
	if (r->file && item->output.naming != OUTPUT_STDOUT)
		item->meter.name = strrchr(r->file, '/') ? strrchr(r->file, '/') + 1 : r->file;
	progress_update(&item->meter, r->done, moved_of(r), r->total_known ? r->total : 0);
}

static void visit(void *data, const struct batch_item *b, struct transfer *t)
{
	struct get_item *item = b->data;

	(void)data;
	if (item->metered)
		update(item, transfer_report(t));
}

static void on_tick(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct get_display *d = timer->data;

	(void)loop;
	(void)events;
	batch_visit(d->batch, visit, d);
	progress_show(&d->progress);
}

void get_display_start(struct get_display *d, struct ev_loop *loop, const struct get_args *a,
		       bool several, bool to_stdout)
{
	enum progress_form form = form_of(a, to_stdout);

	d->args = a;
	ev_timer_init(&d->tick, on_tick, (double)TICK_MS / 1000, (double)TICK_MS / 1000);
	d->tick.data = d;
	progress_start(&d->progress, form, several && a->parallel);
	if (form != PROGRESS_NONE)
		ev_timer_start(loop, &d->tick);
}

void get_display_started(struct get_display *d, struct get_item *item)
{
	item->meter = (struct progress_meter){ .name = item->shown, .url = item->shown };
	item->metered = d->progress.form != PROGRESS_NONE;
	if (item->metered)
		progress_join(&d->progress, &item->meter);
}

/* --- how it went ------------------------------------------------------------------------ */

/* The user could not know the name: the server chose it, or another one was taken. */
static bool name_is_news(const struct get_item *item)
{
	return item->output.naming == OUTPUT_DISPOSITION || item->output.no_clobber;
}

static void tell_sentence(const struct get_item *item, const struct transfer_report *r)
{
	struct buffer text = { 0 };

	if (r->failure.class != FAILURE_NONE) {
		log_failure(&r->failure);
	} else if (name_is_news(item) && r->file) {
		log_notice("%s: saved as %s", item->shown, r->file);
	} else if (log_shows(LOG_LEVEL_INFO) && report_sentence(&text, r)) {
		log_info("%s", buffer_text(&text));
	}
	buffer_free(&text);
}

static void tell_kept(const struct transfer_report *r)
{
	struct buffer text = { 0 };

	if (r->kept && report_kept(&text, r))
		log_notice("%s", buffer_text(&text));
	buffer_free(&text);
}

static void tell_details(struct get_display *d, const struct transfer_report *r)
{
	const struct get_args *a = d->args;
	struct buffer text = { 0 };

	if (a->timing && report_timing(&text, r))
		log_block(buffer_bytes(&text), text.length);
	buffer_free(&text);
	/* An object of its own, with --log-json too; every string in it is escaped already. */
	if (a->info == GET_INFO_JSON && report_transfer_json(&text, r, a->checksum)) {
		progress_hide(&d->progress);
		log_terminal(buffer_bytes(&text), text.length);
	}
	buffer_free(&text);
}

void get_display_ended(struct get_display *d, struct get_item *item,
		       const struct transfer_report *r, bool quiet)
{
	bool failed = r->failure.class != FAILURE_NONE;

	if (item->metered) {
		update(item, r);
		progress_leave(&d->progress, &item->meter,
			       quiet    ? NULL
			       : failed ? "failed"
					: "done");
	}
	if (!quiet) {
		tell_sentence(item, r);
		tell_details(d, r);
	}
	tell_kept(r);
}

void get_display_end(struct get_display *d, struct ev_loop *loop)
{
	ev_timer_stop(loop, &d->tick);
	progress_end(&d->progress);
}
