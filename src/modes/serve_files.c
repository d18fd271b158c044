/* SPDX-License-Identifier: MIT */
/* src/modes/serve_files.c - a folder over HTTP: --files and its kin. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/http/connection.h>
#include <sockutil/modes/login_list.h>
#include <sockutil/modes/serve_files.h>
#include <sockutil/modes/serve_run.h>
#include <sockutil/serve/files.h>

#define AT(field) offsetof(struct serve_args, files.field)

enum {
	IDLE_MS = 60 * 1000,  /* between two requests of a client */
	STALL_MS = 30 * 1000, /* in which a client has to move STALL_BYTES */
	STALL_BYTES = 8 * 1024,
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

struct files_setup {
	struct files_options options;
	struct login_source logins;
};

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
	setup->logins = (struct login_source){ .option = "--auth", .given = &a->auth };
	if (!login_list_read(&setup->logins, why))
		return NULL;
	run->server.reloads = run->server.reloads || login_list_has_files(&setup->logins);
	setup->options = (struct files_options){
		.folder = a->folder,
		.logins = &setup->logins.list,
		.reread = login_list_reread,
		.reread_data = &setup->logins,
		.spa = a->spa,
		.cors = a->cors,
		.listing = !a->no_listing,
		.upload = a->upload,
		.dotfiles = a->dotfiles,
		.follow = a->follow,
		.max_size = a->max_size,
		.head_ms = run->args->common.server.handshake_ms,
		.idle_ms = IDLE_MS,
		.stall_ms = STALL_MS,
		.stall_bytes = STALL_BYTES,
	};
	return &setup->options;
}

void serve_files_free(struct serve_run *run)
{
	if (run->files)
		login_list_free(&run->files->logins);
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
