/* SPDX-License-Identifier: MIT */
/* The counters of a server for whoever asks over HTTP. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/http/service.h>
#include <sockutil/net/accept.h>
#include <sockutil/serve/metrics.h>
#include <sockutil/serve/server.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/watch.h>

enum {
	READER_MS = 10000, /* a reader that neither asks nor takes its answer for so long is cut */
	STALL_BYTES = 1024,
};

/* When the listeners rest for want of descriptors, in seconds. */
static const double PAUSE = 1;

static const char text_type[] = "Content-Type: text/plain; charset=utf-8\r\n";
static const char metrics_type[] =
	"Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n";

struct reader {
	struct metrics *metrics;
	struct reader *next, **link;
	struct stream *stream;
	struct http_service *service;
	struct stream_watch watch;
	struct ev_timer timer;
};

struct entrance {
	struct ev_io io;
	struct metrics *metrics;
	const struct listener *listener;
};

struct metrics {
	struct server *server;
	struct http_service_options options;
	struct http_service_block *block; /* made when the first reader comes */
	struct reader *readers;
	unsigned reader_count;
	struct ev_timer pause;
	size_t entrance_count;
	struct entrance entrances[];
};

/* What an answer keeps until it is sent. */
struct page {
	struct buffer text;
	struct http_service_piece piece;
};

/* ------ one request ------ */

static bool path_is(const struct http_request_head *head, const char *path)
{
	const char *query = memchr(head->target, '?', head->target_length);
	const size_t length = query ? (size_t)(query - head->target) : head->target_length;

	return length == strlen(path) && memcmp(head->target, path, length) == 0;
}

static void answer_text(struct http_service_request *request, int status, const char *fields,
			const char *text)
{
	struct page *page = request->state;

	page->piece = (struct http_service_piece){ .bytes = text, .length = strlen(text) };
	http_service_answer(request, &(struct http_answer){
					     .status = status,
					     .fields = fields,
					     .fields_length = strlen(fields),
					     .pieces = &page->piece,
					     .piece_count = 1,
				     });
}

static void reader_asked(void *data, struct http_service_request *request,
			 const struct http_request_head *head)
{
	const struct reader *reader = data;
	const struct server *server = reader->metrics->server;
	struct page *page = request->state;

	if (!http_request_is(head, "GET") && !http_request_is(head, "HEAD"))
		answer_text(request, 405,
			    "Allow: GET, HEAD\r\nContent-Type: text/plain; charset=utf-8\r\n",
			    "Metrics are there to be read.\n");
	else if (!path_is(head, "/metrics") && !path_is(head, "/"))
		answer_text(request, 404, text_type, "Metrics are at /metrics.\n");
	else if (metrics_text(&page->text, server->all_totals, server->options->workers,
			      server->started))
		answer_text(request, 200, metrics_type, buffer_text(&page->text));
	else
		answer_text(request, 503, text_type, "Out of memory.\n");
}

static size_t reader_body(void *data, struct http_service_request *request, const char *bytes,
			  size_t length)
{
	(void)data;
	(void)request;
	(void)bytes;
	return length;
}

static void reader_received(void *data, struct http_service_request *request)
{
	(void)data;
	(void)request;
}

static void reader_answered(void *data, struct http_service_request *request,
			    const struct failure *why)
{
	struct page *page = request->state;

	(void)data;
	(void)why;
	buffer_free(&page->text);
}

static const struct http_service_events reader_events = {
	.request = reader_asked,
	.body = reader_body,
	.received = reader_received,
	.over = reader_answered,
};

/* ------ one reader ------ */

static void reader_free(struct reader *reader)
{
	struct metrics *metrics = reader->metrics;

	ev_timer_stop(metrics->server->loop, &reader->timer);
	stream_watch_stop(&reader->watch);
	http_service_free(reader->service);
	stream_free(reader->stream);
	if (reader->next)
		reader->next->link = reader->link;
	*reader->link = reader->next;
	metrics->reader_count--;
	free(reader);
}

/* What the service wants next. A reader's close needs no lingering: nothing of it is unread. */
static void reader_go_on(struct reader *reader, enum io r)
{
	struct failure why = { 0 };
	int64_t left;

	if (r != IO_AGAIN) {
		if (r == IO_DONE)
			(void)stream_end(reader->stream, &why);
		reader_free(reader);
		return;
	}
	stream_watch_for(&reader->watch, reader->service->wait);
	left = reader->service->deadline_ms - clock_ms();
	ev_timer_stop(reader->metrics->server->loop, &reader->timer);
	ev_timer_set(&reader->timer, (double)(left > 1 ? left : 1) / 1000, 0);
	if (reader->service->deadline_ms > 0)
		ev_timer_start(reader->metrics->server->loop, &reader->timer);
}

static void reader_ready(void *data, unsigned sides)
{
	struct reader *reader = data;
	struct failure why = { 0 };

	reader_go_on(reader, http_service_run(reader->service, sides, &why));
}

static void reader_expired(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct reader *reader = timer->data;
	struct failure why = { 0 };

	(void)loop;
	(void)events;
	reader_go_on(reader, http_service_expired(reader->service, &why));
}

static void reader_new(struct metrics *metrics, int fd)
{
	struct reader *reader = memory_zeroed(1, sizeof(*reader));
	struct failure why = { 0 };

	if (!metrics->block)
		metrics->block = memory_zeroed(1, sizeof(*metrics->block));
	metrics->options.block = metrics->block;
	reader->metrics = metrics;
	reader->stream = layer_socket_new(fd, true);
	stream_watch_init(&reader->watch, metrics->server->loop, reader->stream, reader_ready,
			  reader);
	ev_timer_init(&reader->timer, reader_expired, 0, 0);
	reader->timer.data = reader;
	reader->next = metrics->readers;
	reader->link = &metrics->readers;
	if (reader->next)
		reader->next->link = &reader->next;
	metrics->readers = reader;
	metrics->reader_count++;
	reader->service = http_service_new(reader->stream, &metrics->options, &reader_events,
					   reader, NULL, 0, &why);
	if (reader->service)
		reader_go_on(reader, http_service_run(reader->service, 0, &why));
	else
		reader_free(reader);
}

/* ------ the listeners ------ */

static void metrics_listen(struct metrics *metrics, bool on)
{
	for (size_t i = 0; i < metrics->entrance_count; ++i)
		if (on)
			ev_io_start(metrics->server->loop, &metrics->entrances[i].io);
		else
			ev_io_stop(metrics->server->loop, &metrics->entrances[i].io);
}

static void metrics_pause(struct metrics *metrics)
{
	metrics_listen(metrics, false);
	ev_timer_again(metrics->server->loop, &metrics->pause);
}

static void metrics_rested(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct metrics *metrics = timer->data;

	(void)events;
	ev_timer_stop(loop, timer);
	metrics_listen(metrics, true);
}

static void metrics_asked(struct ev_loop *loop, struct ev_io *io, int events)
{
	const struct entrance *entrance = io->data;
	struct metrics *metrics = entrance->metrics;
	struct address peer;
	struct failure why = { 0 };
	int fd = -1;

	(void)loop;
	(void)events;
	if (metrics->reader_count >= METRICS_READERS) {
		metrics_pause(metrics);
		return;
	}
	switch (accept_one(entrance->listener, &fd, &peer, &why)) {
	case IO_DONE:
		reader_new(metrics, fd);
		break;
	case IO_FAILED:
		log_warning("--metrics: %s", why.text);
		metrics_pause(metrics);
		break;
	default:
		break;
	}
}

struct metrics *metrics_new(struct server *server, const struct listener *listeners, size_t count)
{
	struct metrics *metrics;

	if (count == 0)
		return NULL;
	metrics = memory_zeroed(1, sizeof(*metrics) + count * sizeof(struct entrance));
	metrics->server = server;
	metrics->options = (struct http_service_options){
		.request_size = sizeof(struct page),
		.head_ms = READER_MS,
		.idle_ms = READER_MS,
		.stall_ms = READER_MS,
		.stall_bytes = STALL_BYTES,
	};
	ev_timer_init(&metrics->pause, metrics_rested, 0, PAUSE);
	metrics->pause.data = metrics;
	metrics->entrance_count = count;
	for (size_t i = 0; i < count; ++i) {
		struct entrance *entrance = &metrics->entrances[i];

		entrance->metrics = metrics;
		entrance->listener = &listeners[i];
		ev_io_init(&entrance->io, metrics_asked, listeners[i].fd, EV_READ);
		entrance->io.data = entrance;
	}
	metrics_listen(metrics, true);
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	for (struct reader *reader = metrics->readers, *next; reader; reader = next) {
		next = reader->next;
		reader_free(reader);
	}
	metrics_listen(metrics, false);
	ev_timer_stop(metrics->server->loop, &metrics->pause);
	free(metrics->block);
	free(metrics);
}
