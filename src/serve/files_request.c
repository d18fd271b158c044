/* SPDX-License-Identifier: MIT */
/* What a request asks for, and whether it may. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/proto/websocket_handshake.h>
#include <sockutil/serve/files_parts.h>

/* ------ how ------ */

enum method { METHOD_READ, METHOD_PUT, METHOD_OPTIONS, METHOD_OTHER, METHOD_UNKNOWN };

static enum method method_of(const struct http_request_head *head)
{
	static const char *const others[] = {
		"POST", "PUT", "DELETE", "PATCH", "CONNECT", "TRACE"
	};

	if (http_request_is(head, "GET") || http_request_is(head, "HEAD"))
		return METHOD_READ;
	if (http_request_is(head, "PUT"))
		return METHOD_PUT;
	if (http_request_is(head, "OPTIONS"))
		return METHOD_OPTIONS;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); ++i)
		if (http_request_is(head, others[i]))
			return METHOD_OTHER;
	return METHOD_UNKNOWN;
}

/* ------ what ------ */

static bool has_extension(const struct http_path *path)
{
	const char *slash = strrchr(path->name, '/');

	return strchr(slash ? slash : path->name, '.') && strcmp(path->name, ".") != 0;
}

static const char index_name[] = "index.html";

/* Any path of an application that runs in the browser. */
static bool read_spa(struct files *files, struct http_service_request *request,
		     const struct http_request_head *head, const struct http_path *path)
{
	struct files_entry *entry;

	if (!files->options->spa || has_extension(path) ||
	    files_cache_find(files, index_name, request->started_ms, &entry) != FILES_FILE)
		return false;
	files_send(files, request, head, entry);
	return true;
}

static void read_folder(struct files *files, struct http_service_request *request,
			const struct http_request_head *head, const struct http_path *path)
{
	char name[HTTP_PATH_MAX + sizeof(index_name)];
	struct files_entry *entry;
	enum files_found found;

	if (strcmp(path->name, ".") == 0)
		snprintf(name, sizeof(name), "%s", index_name);
	else
		snprintf(name, sizeof(name), "%s/%s", path->name, index_name);
	found = files_cache_find(files, name, request->started_ms, &entry);
	if (found == FILES_FILE)
		files_send(files, request, head, entry);
	else if (found == FILES_NONE || found == FILES_FOLDER)
		files_list(files, request, path);
	else
		files_say_found(files, request, found);
}

static void read_file(struct files *files, struct http_service_request *request,
		      const struct http_request_head *head, const struct http_path *path)
{
	struct files_entry *entry;
	const enum files_found found =
		files_cache_find(files, path->name, request->started_ms, &entry);

	if (found == FILES_FILE)
		files_send(files, request, head, entry);
	else if (found == FILES_FOLDER)
		files_say_moved(files, request, path);
	else if (found != FILES_NONE || !read_spa(files, request, head, path))
		files_say_found(files, request, found);
}

static void serve_path(struct files *files, struct http_service_request *request,
		       const struct http_request_head *head, enum method method)
{
	struct http_path path;
	const int status = http_path_parse(&path, head->target, head->target_length);

	if (status)
		files_say(files, request, status, NULL);
	else if (path.hidden && !files->options->dotfiles)
		files_say(files, request, 404, NULL);
	else if (method == METHOD_PUT)
		files_upload_begin(files, request, head, &path);
	else if (path.folder)
		read_folder(files, request, head, &path);
	else
		read_file(files, request, head, &path);
}

void files_request_came(void *data, struct http_service_request *request,
			const struct http_request_head *head)
{
	struct files *files = session_data(data);
	const enum method method = method_of(head);

	if (files->upgrade && websocket_request_asks(head) && http_service_take_stream(request))
		return;
	if (log_shows(LOG_LEVEL_INFO))
		files_log_came(files_request_of(request), head);
	/* Browsers ask whether they may ask without saying who they are. */
	if (method == METHOD_OPTIONS)
		files_say_options(files, request);
	else if (method == METHOD_UNKNOWN)
		files_say(files, request, 501, NULL);
	else if (method == METHOD_OTHER || (method == METHOD_PUT && !files->options->upload))
		files_say(files, request, 405, files_allowed(files));
	else if (!login_basic_of(files->options->logins, &head->head, "Authorization"))
		files_say(files, request, 401,
			  "WWW-Authenticate: Basic realm=\"sockutil\", charset=\"UTF-8\"\r\n");
	else
		serve_path(files, request, head, method);
}

void files_request_over(void *data, struct http_service_request *request, const struct failure *why)
{
	struct files_request *state = files_request_of(request);

	/* The client sees a connection that ends early: the log says whose fault that is. */
	if (why && why->class == FAILURE_INPUT)
		log_error("%s: %s", state->file ? state->file->name : "a file", why->text);
	if (state->line)
		files_log_over(data, request);
	files_file_drop(state->file);
	files_upload_free(state->upload);
	free(state->several);
	buffer_free(&state->text);
	free(state->line);
	free(state->agent);
}
