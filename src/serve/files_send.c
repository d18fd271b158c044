/* SPDX-License-Identifier: MIT */
/* A file as an answer: all of it, one part, several, or that the client has it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/proto/http_range_set.h>
#include <sockutil/serve/files_parts.h>

enum { BOUNDARY = 24, PART_FIELDS_MAX = 256 };

/* What every answer with this file goes by. */
struct sending {
	struct files *files;
	struct http_service_request *request;
	const struct http_request_head *head;
	struct files_file *file;
	bool varied;
};

/* The file's own lines up to an end of theirs. */
static const char *lines_of(const struct sending *s, size_t end, size_t *length)
{
	const size_t start = s->varied ? 0 : s->file->vary_length;

	*length = end - start;
	return s->file->fields + start;
}

static struct http_service_piece slice(const struct files_file *file, uint64_t first, uint64_t last)
{
	return (struct http_service_piece){
		.fd = file->fd,
		.offset = first,
		.length = last - first + 1,
	};
}

static void send_whole(const struct sending *s)
{
	struct files_request *state = files_request_of(s->request);
	struct http_answer answer = { .status = 200, .pieces = &state->one, .piece_count = 1 };

	state->one = (struct http_service_piece){ .fd = s->file->fd, .length = s->file->size };
	answer.fields = lines_of(s, s->file->length, &answer.fields_length);
	http_service_answer(s->request, &answer);
}

static void send_not_modified(const struct sending *s)
{
	struct http_answer answer = { .status = 304 };

	answer.fields = lines_of(s, s->file->short_length, &answer.fields_length);
	http_service_answer(s->request, &answer);
}

static void send_unsatisfiable(const struct sending *s)
{
	char field[64];

	snprintf(field, sizeof(field), "Content-Range: bytes */%llu\r\n",
		 (unsigned long long)s->file->size);
	files_say(s->files, s->request, 416, field);
}

/* With the lines of the file up to end, and others behind them. */
static void send_parts(const struct sending *s, size_t end, const char *more,
		       const struct http_service_piece *pieces, size_t count)
{
	struct http_answer answer = { .status = 206, .pieces = pieces, .piece_count = count };
	struct buffer fields = { 0 };
	size_t length;
	const char *lines = lines_of(s, end, &length);

	if (!buffer_add(&fields, lines, length) || !buffer_add(&fields, more, strlen(more))) {
		buffer_free(&fields);
		files_say(s->files, s->request, 503, NULL);
		return;
	}
	answer.fields = buffer_bytes(&fields);
	answer.fields_length = fields.length;
	http_service_answer(s->request, &answer);
	buffer_free(&fields);
}

static int content_range(char *out, size_t size, const struct sending *s,
			 const struct http_range_part *part)
{
	return snprintf(out, size, "Content-Range: bytes %llu-%llu/%llu\r\n",
			(unsigned long long)part->first, (unsigned long long)part->last,
			(unsigned long long)s->file->size);
}

static void send_one(const struct sending *s, const struct http_range_part *part)
{
	struct files_request *state = files_request_of(s->request);
	char field[96];

	content_range(field, sizeof(field), s, part);
	state->one = slice(s->file, part->first, part->last);
	send_parts(s, s->file->length, field, &state->one, 1);
}

/* The text in front of each part, one behind another; ends[i]: where the i-th is over. */
static bool part_texts(const struct sending *s, const struct http_range_set *set,
		       const char *boundary, size_t ends[static HTTP_RANGE_SET_MAX + 1])
{
	struct buffer *text = &files_request_of(s->request)->text;
	char range[96];

	for (size_t i = 0; i < set->count; ++i) {
		content_range(range, sizeof(range), s, &set->parts[i]);
		if (!buffer_format(text, "%s--%s\r\nContent-Type: %s\r\n%s\r\n", i ? "\r\n" : "",
				   boundary, s->file->type, range))
			return false;
		ends[i] = text->length;
	}
	if (!buffer_format(text, "\r\n--%s--\r\n", boundary))
		return false;
	ends[set->count] = text->length;
	return true;
}

/* multipart/byteranges (RFC 9110, 14.6). */
static void send_several(const struct sending *s, const struct http_range_set *set)
{
	struct files_request *state = files_request_of(s->request);
	size_t ends[HTTP_RANGE_SET_MAX + 1], start = 0;
	char boundary[BOUNDARY + 1], type[PART_FIELDS_MAX];

	random_text(boundary, BOUNDARY);
	if (!part_texts(s, set, boundary, ends)) {
		buffer_free(&state->text);
		files_say(s->files, s->request, 503, NULL);
		return;
	}
	state->several = memory_zeroed(2 * set->count + 1, sizeof(*state->several));
	for (size_t i = 0; i <= set->count; ++i) {
		state->several[2 * i] = (struct http_service_piece){
			.bytes = buffer_bytes(&state->text) + start,
			.length = ends[i] - start,
		};
		start = ends[i];
		if (i < set->count)
			state->several[2 * i + 1] =
				slice(s->file, set->parts[i].first, set->parts[i].last);
	}
	snprintf(type, sizeof(type), "Content-Type: multipart/byteranges; boundary=%s\r\n",
		 boundary);
	send_parts(s, s->file->common_length, type, state->several, 2 * set->count + 1);
}

static void send_ranges(const struct sending *s, const struct http_validators *now)
{
	struct http_range_set set = { .count = 0 };

	if (!http_head_find(&s->head->head, "Range", NULL) || !http_request_is(s->head, "GET") ||
	    !http_condition_if_range(&s->head->head, now, (int64_t)time(NULL))) {
		send_whole(s);
		return;
	}
	switch (http_range_set_of(&set, &s->head->head, s->file->size)) {
	case HTTP_RANGE_UNSATISFIABLE:
		send_unsatisfiable(s);
		break;
	case HTTP_RANGE_PARTS:
		if (set.count == 1)
			send_one(s, &set.parts[0]);
		else
			send_several(s, &set);
		break;
	default:
		send_whole(s);
	}
}

/* The form the client likes best of those that are there. */
static struct files_file *choose(const struct files_entry *entry, const struct http_head *head)
{
	enum http_accept_coding codings[HTTP_ACCEPT_CODINGS];
	size_t count;

	if (!entry->varied)
		return entry->files[HTTP_ACCEPT_IDENTITY];
	count = http_accept_codings(codings, head);
	for (size_t i = 0; i < count; ++i)
		if (entry->files[codings[i]])
			return entry->files[codings[i]];
	return entry->files[HTTP_ACCEPT_IDENTITY];
}

void files_send(struct files *files, struct http_service_request *request,
		const struct http_request_head *head, struct files_entry *entry)
{
	const struct sending s = {
		.files = files,
		.request = request,
		.head = head,
		.file = files_file_hold(choose(entry, &head->head)),
		.varied = entry->varied,
	};
	const struct http_validators now = {
		.exists = true,
		.etag = s.file->etag,
		.modified = s.file->modified,
	};

	files_request_of(request)->file = s.file;
	switch (http_condition_check(&head->head, true, &now)) {
	case HTTP_CONDITION_NOT_MODIFIED:
		send_not_modified(&s);
		break;
	case HTTP_CONDITION_FAILED:
		files_say(files, request, 412, NULL);
		break;
	default:
		send_ranges(&s, &now);
	}
}
