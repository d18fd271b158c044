/* SPDX-License-Identifier: MIT */
/* Answers without a file: errors, redirects, what is possible here. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/log.h>
#include <sockutil/serve/files_parts.h>

#define TEXT_FIELDS                                                                                \
	"Content-Type: text/plain; charset=utf-8\r\n"                                              \
	"X-Content-Type-Options: nosniff\r\n"
#define CORS_ORIGIN "Access-Control-Allow-Origin: *\r\n"
#define CORS_FIELDS                                                                                \
	CORS_ORIGIN                                                                                \
	"Access-Control-Expose-Headers: Accept-Ranges, Content-Encoding, Content-Range, ETag\r\n"

const char *files_cors(const struct files *files)
{
	return files->options->cors ? CORS_FIELDS : "";
}

const char *files_allowed(const struct files *files)
{
	return files->options->upload ? "Allow: GET, HEAD, OPTIONS, PUT\r\n"
				      : "Allow: GET, HEAD, OPTIONS\r\n";
}

void files_say(struct files *files, struct http_service_request *request, int status,
	       const char *fields)
{
	struct files_request *state = files_request_of(request);
	struct buffer lines = { 0 };
	bool whole = buffer_format(&state->text, "%d %s\n", status, http_service_reason(status));

	whole = whole && buffer_format(&lines, "%s%s%s",
				       http_service_status_has_body(status) ? TEXT_FIELDS : "",
				       files_cors(files), fields ? fields : "");
	state->one = (struct http_service_piece){
		.bytes = buffer_bytes(&state->text),
		.length = state->text.length,
	};
	http_service_answer(request, &(struct http_answer){
					     .status = status,
					     .fields = buffer_bytes(&lines),
					     .fields_length = lines.length,
					     .pieces = &state->one,
					     .piece_count = whole ? 1 : 0,
				     });
	buffer_free(&lines);
}

void files_say_found(struct files *files, struct http_service_request *request,
		     enum files_found found)
{
	switch (found) {
	case FILES_DENIED:
		files_say(files, request, 403, NULL);
		break;
	case FILES_BUSY:
		files_say(files, request, 503, "Retry-After: 1\r\n");
		break;
	case FILES_BROKEN:
		log_error("%s: %s", files->options->folder, strerror(errno));
		files_say(files, request, 500, NULL);
		break;
	default:
		files_say(files, request, 404, NULL);
	}
}

void files_say_options(struct files *files, struct http_service_request *request)
{
	static const char preflight[] =
		"Access-Control-Allow-Methods: GET, HEAD, OPTIONS, PUT\r\n"
		"Access-Control-Allow-Headers: Authorization, Content-Type, Range, If-Match, "
		"If-None-Match, If-Modified-Since, If-Unmodified-Since, If-Range\r\n"
		"Access-Control-Max-Age: 86400\r\n";
	char fields[1024];
	const int length = snprintf(fields, sizeof(fields), "%s%s%s", files_allowed(files),
				    files_cors(files), files->options->cors ? preflight : "");

	http_service_answer(request, &(struct http_answer){
					     .status = 204,
					     .fields = fields,
					     .fields_length = (size_t)length,
				     });
}

void files_say_moved(struct files *files, struct http_service_request *request,
		     const struct http_path *path)
{
	struct buffer fields = { 0 };
	bool whole = buffer_format(&fields, "Location: ") && http_path_write(&fields, path, true);

	if (whole && path->query)
		whole = buffer_add(&fields, "?", 1) &&
			buffer_add(&fields, path->query, path->query_length);
	whole = whole && buffer_add(&fields, "\r\n", 2) && buffer_text(&fields);
	files_say(files, request, whole ? 301 : 503, whole ? buffer_bytes(&fields) : NULL);
	buffer_free(&fields);
}
