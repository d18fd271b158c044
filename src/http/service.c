/* SPDX-License-Identifier: MIT */
/* The server's side of HTTP: which version speaks, and what every version needs. */
#include <string.h>
#include <time.h>

#include <sockutil/http/service.h>
#include <sockutil/http/service1.h>

struct http_service *http_service_new(struct stream *stream,
				      const struct http_service_options *options,
				      const struct http_service_events *events, void *data,
				      const char *early, size_t early_length, struct failure *why)
{
	(void)why;
	return http_service1_new(stream, options, events, data, early, early_length);
}

enum io http_service_run(struct http_service *service, unsigned sides, struct failure *why)
{
	return service->ops->run(service, sides, why);
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
