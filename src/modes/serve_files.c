/* SPDX-License-Identifier: MIT */
/* src/modes/serve_files.c - a folder over HTTP: --files and its kin. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/http/connection.h>
#include <sockutil/modes/serve_files.h>
#include <sockutil/modes/serve_run.h>
#include <sockutil/modes/text_input.h>
#include <sockutil/proto/http_basic.h>
#include <sockutil/serve/files.h>

#define AT(field) offsetof(struct serve_args, files.field)

enum {
	IDLE_MS = 60 * 1000,  /* between two requests of a client */
	STALL_MS = 30 * 1000, /* in which a client has to move STALL_BYTES */
	STALL_BYTES = 8 * 1024,
	USERS_MAX = 10000,
};

const struct option_row serve_files_rows[] = {
	{
		.name = "files",
		.arg = "DIR",
		.type = OPTION_FILE,
		.at = AT(folder),
		.group = "files over HTTP",
		.help = "serve the files of DIR over HTTP",
		.example = "8080 --files .",
		.common = true,
	},
	{
		.name = "upload",
		.type = OPTION_FLAG,
		.at = AT(upload),
		.group = "files over HTTP",
		.help = "take files by PUT: whole ones, or nothing",
		.example = "8080 --files in --upload --auth me:secret",
		.needs = "files",
	},
	{
		.name = "max-size",
		.arg = "SIZE",
		.type = OPTION_SIZE,
		.at = AT(max_size),
		.given_at = AT(max_size_given),
		.min = 1,
		.fallback = "1G",
		.unit = "bytes",
		.group = "files over HTTP",
		.help = "the largest file that --upload takes",
		.example = "8080 --files in --upload --max-size 20M",
		.needs = "upload",
	},
	{
		.name = "auth",
		.arg = "USER:PASSWORD|@FILE",
		.type = OPTION_LIST,
		.at = AT(auth),
		.group = "files over HTTP",
		.help = "only for these users; a file has one a line",
		.example = "--tls 8443 --files . --auth me:secret",
		.needs = "files",
		.secret = true,
	},
	{
		.name = "spa",
		.type = OPTION_FLAG,
		.at = AT(spa),
		.group = "files over HTTP",
		.help = "index.html for paths that are not there and have no extension",
		.example = "8080 --files dist --spa",
		.needs = "files",
	},
	{
		.name = "cors",
		.type = OPTION_FLAG,
		.at = AT(cors),
		.group = "files over HTTP",
		.help = "let pages of any origin read the files",
		.example = "8080 --files . --cors",
		.needs = "files",
	},
	{
		.name = "no-listing",
		.type = OPTION_FLAG,
		.at = AT(no_listing),
		.group = "files over HTTP",
		.help = "do not show what is in folders without index.html",
		.example = "8080 --files . --no-listing",
		.needs = "files",
	},
	{
		.name = "dotfiles",
		.type = OPTION_FLAG,
		.at = AT(dotfiles),
		.group = "files over HTTP",
		.help = "serve names with a leading dot too",
		.example = "8080 --files . --dotfiles",
		.needs = "files",
	},
	{
		.name = "follow-symlinks",
		.type = OPTION_FLAG,
		.at = AT(follow),
		.group = "files over HTTP",
		.help = "follow symbolic links that stay inside DIR",
		.example = "8080 --files . --follow-symlinks",
		.needs = "files",
	},
	{ 0 },
};

/* --- users ------------------------------------------------------------------ */

struct users {
	struct files_user *list;
	size_t count, room;
};

/* struct serve_run.handler_options of --files. */
struct files_setup {
	struct files_options options; /* first: what the handler is given */
	struct users users;
};

static void wipe_string(const char *text)
{
	char *own = (char *)(uintptr_t)text;

	memory_wipe(own, strlen(own));
	free(own);
}

static void users_free(struct users *users)
{
	for (size_t i = 0; i < users->count; ++i) {
		wipe_string(users->list[i].name);
		wipe_string(users->list[i].password);
	}
	free(users->list);
}

static bool user_refused(const char *where, const char *what, struct failure *why)
{
	fail(why, FAILURE_USAGE, "--auth%s%s: %s", *where ? " @" : "", where, what);
	return false;
}

static bool has_controls(const char *text)
{
	for (; *text; ++text)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static char *copied(const char *text, size_t length)
{
	char *copy = memory_zeroed(1, length + 1);

	memcpy(copy, text, length);
	return copy;
}

/* where: the file, "" on the command line. */
static bool users_add(struct users *users, const char *text, const char *where, struct failure *why)
{
	const char *colon = strchr(text, ':');

	if (!colon || colon == text)
		return user_refused(where, "not USER:PASSWORD", why);
	if ((size_t)(colon - text) >= HTTP_BASIC_MAX || strlen(colon + 1) >= HTTP_BASIC_MAX)
		return user_refused(where, "a name or password of more than 255 bytes", why);
	if (has_controls(text))
		return user_refused(where, "control characters have no place there", why);
	if (users->count == USERS_MAX)
		return user_refused(where, "more than 10000 users", why);
	if (users->count == users->room) {
		const size_t room = users->room ? users->room * 2 : 8;
		struct files_user *more = memory_zeroed(room, sizeof(*more));

		if (users->count > 0)
			memcpy(more, users->list, users->count * sizeof(*more));
		free(users->list);
		users->list = more;
		users->room = room;
	}
	users->list[users->count++] = (struct files_user){
		.name = copied(text, (size_t)(colon - text)),
		.password = copied(colon + 1, strlen(colon + 1)),
	};
	return true;
}

/* One a line; empty lines and those that start with # are none. */
static bool users_add_lines(struct users *users, char *text, const char *file, struct failure *why)
{
	const size_t before = users->count;

	while (text) {
		char *line = strsep(&text, "\n");
		const size_t length = strlen(line);

		if (length > 0 && line[length - 1] == '\r')
			line[length - 1] = '\0';
		if (*line && *line != '#' && !users_add(users, line, file, why))
			return false;
	}
	return users->count > before || user_refused(file, "no user in it", why);
}

static bool users_read(struct users *users, const char *file, struct failure *why)
{
	struct buffer text = { 0 };
	bool good = text_input_secret(&text, "--auth", file, why);

	if (good && memchr(buffer_bytes(&text) ? buffer_bytes(&text) : "", '\0', text.length))
		good = user_refused(file, "a NUL byte has no place there", why);
	if (good) {
		char *lines = buffer_text(&text);

		good = lines ? users_add_lines(users, lines, file, why)
			     : user_refused(file, "out of memory", why);
	}
	if (text.data)
		memory_wipe(text.data, text.capacity);
	buffer_free(&text);
	return good;
}

static bool users_set(struct users *users, const struct option_list *given, struct failure *why)
{
	for (size_t i = 0; i < given->count; ++i) {
		const char *item = given->items[i];

		if (!(*item == '@' ? users_read(users, item + 1, why)
				   : users_add(users, item, "", why)))
			return false;
	}
	return true;
}

/* --- the handler ------------------------------------------------------------ */

static bool files_asked(const struct serve_args *a)
{
	return a->files.folder;
}

/* What we speak over TLS; the library of HTTP/2 is looked for only where there is some. */
static const char *alpn(const struct serve_run *run)
{
	struct failure why;
	bool tls = false;

	for (size_t i = 0; i < run->server.endpoint_count; ++i)
		tls = tls || stream_uses_tls(&run->endpoints[i], &run->stream);
	/* curl --http1.0 offers nothing else than that. */
	return tls && http2_available(&why) ? "h2,http/1.1,http/1.0" : "http/1.1,http/1.0";
}

const struct files_options *serve_files_options(struct serve_run *run, struct failure *why)
{
	const struct serve_files_args *a = &run->args->files;
	struct files_setup *setup = memory_zeroed(1, sizeof(*setup));

	run->files = setup;
	/* A file's last bytes would wait for an acknowledgement. */
	run->stream.no_delay = true;
	if (!users_set(&setup->users, &a->auth, why))
		return NULL;
	setup->options = (struct files_options){
		.folder = a->folder,
		.users = setup->users.list,
		.user_count = setup->users.count,
		.spa = a->spa,
		.cors = a->cors,
		.listing = !a->no_listing,
		.upload = a->upload,
		.dotfiles = a->dotfiles,
		.follow = a->follow,
		.max_size = a->max_size,
		.head_ms = run->args->handshake_ms,
		.idle_ms = IDLE_MS,
		.stall_ms = STALL_MS,
		.stall_bytes = STALL_BYTES,
	};
	return &setup->options;
}

void serve_files_free(struct serve_run *run)
{
	if (run->files)
		users_free(&run->files->users);
	free(run->files);
}

static bool use_files(struct serve_run *run, struct failure *why)
{
	run->server.handler = &files_handler;
	run->server.handler_options = serve_files_options(run, why);
	if (!run->stream.tls_options.alpn)
		run->stream.tls_options.alpn = alpn(run);
	return run->server.handler_options != NULL;
}

const struct serve_choice serve_choice_files = { "files", files_asked, use_files, NULL };
