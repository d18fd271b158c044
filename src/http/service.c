/* SPDX-License-Identifier: MIT */
/* The server's side of HTTP: which version speaks, and what every version needs. */
#include <string.h>
#include <time.h>

#include <sockutil/http/service.h>
#include <sockutil/http/service1.h>
#include <sockutil/http/service2.h>
#include <sockutil/stream/tls.h>

/* What ALPN chose. */
static bool chose_http2(struct stream *stream)
{
	struct stream *tls = stream_find(stream, "tls");
	struct tls_info info;
	struct failure why;

	if (!tls)
		return false;
	tls_load(&why)->info(tls, &info);
	return strcmp(info.alpn, "h2") == 0;
}

struct http_service *http_service_new(struct stream *stream,
				      const struct http_service_options *options,
				      const struct http_service_events *events, void *data,
				      const char *early, size_t early_length, struct failure *why)
{
	if (chose_http2(stream))
		return http_service2_new(stream, options, events, data, early, early_length, why);
	return http_service1_new(stream, options, events, data, early, early_length);
}

static enum io change_over(struct http_service *service, struct failure *why)
{
	struct buffer early;

	http_service1_leave(service, &early);
	if (!http_service2_become(service, &early, why))
		return IO_FAILED;
	return service->ops->run(service, 0, why);
}

enum io http_service_run(struct http_service *service, unsigned sides, struct failure *why)
{
	const enum io r = service->ops->run(service, sides, why);

	return r == IO_DONE && service->preface ? change_over(service, why) : r;
}

enum io http_service_expired(struct http_service *service, struct failure *why)
{
	return service->ops->expired(service, why);
}

void http_service_answer(struct http_service_request *request, const struct http_answer *answer)
{
	request->service->ops->answer(request, answer);
}

void http_service_resume(struct http_service_request *request)
{
	request->service->ops->resume(request);
}

void http_service_drain(struct http_service *service)
{
	service->ops->drain(service);
}

bool http_service_take_stream(struct http_service_request *request)
{
	return request->service->ops->take_stream(request);
}

size_t http_service_unread(const struct http_service *service, const char **bytes)
{
	return service->ops->unread(service, bytes);
}

void http_service_free(struct http_service *service)
{
	if (service)
		service->ops->free(service);
}

const char *http_service_date(struct http_service_block *block)
{
	const int64_t now = (int64_t)time(NULL);

	if (now != block->date_second || !block->date[0]) {
		block->date_second = now;
		http_date_text(block->date, now);
	}
	return block->date;
}
