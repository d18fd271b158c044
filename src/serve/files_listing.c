/* SPDX-License-Identifier: MIT */
/* A folder without index.html as a page. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/beneath.h>
#include <sockutil/proto/html_listing.h>
#include <sockutil/serve/files_parts.h>

enum { ENTRIES_MAX = 10000 }; /* shown of one folder */

struct listing {
	struct html_entry *entries;
	size_t count, room;
	bool cut;
};

static void listing_free(struct listing *l)
{
	for (size_t i = 0; i < l->count; ++i)
		free((char *)(uintptr_t)l->entries[i].name);
	free(l->entries);
}

static void listing_add(struct listing *l, const char *name, const struct stat *status)
{
	if (l->count == l->room) {
		const size_t room = l->room ? l->room * 2 : 64;
		struct html_entry *more = memory_zeroed(room, sizeof(*more));

		if (l->count > 0)
			memcpy(more, l->entries, l->count * sizeof(*more));
		free(l->entries);
		l->entries = more;
		l->room = room;
	}
	l->entries[l->count++] = (struct html_entry){
		.name = memory_string(name),
		.folder = S_ISDIR(status->st_mode),
		.size = (uint64_t)status->st_size,
		.modified = (int64_t)status->st_mtime,
	};
}

/* What a link leads to counts where links are followed: those that lead outside are not shown. */
static bool look(const struct files *files, int folder, const struct http_path *path,
		 const char *name, struct stat *status)
{
	char whole[HTTP_PATH_MAX + NAME_MAX + 2];
	int fd;

	if (fstatat(folder, name, status, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	if (!S_ISLNK(status->st_mode) || !files->options->follow)
		return S_ISREG(status->st_mode) || S_ISDIR(status->st_mode);
	snprintf(whole, sizeof(whole), "%s/%s", path->name, name);
	fd = beneath_open(files->root, whole, O_RDONLY | O_NONBLOCK | O_NOCTTY, true);
	if (fd < 0)
		return false;
	if (fstat(fd, status) != 0)
		status->st_mode = 0;
	close(fd);
	return S_ISREG(status->st_mode) || S_ISDIR(status->st_mode);
}

static void listing_read(struct listing *l, const struct files *files, DIR *folder,
			 const struct http_path *path)
{
	const struct dirent *entry;

	while ((entry = readdir(folder))) {
		struct stat status;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    (entry->d_name[0] == '.' && !files->options->dotfiles) ||
		    !look(files, dirfd(folder), path, entry->d_name, &status))
			continue;
		if (l->count == ENTRIES_MAX) {
			l->cut = true;
			return;
		}
		listing_add(l, entry->d_name, &status);
	}
}

static void listing_answer(struct files *files, struct http_service_request *request,
			   const struct http_path *path, struct listing *l)
{
	static const char fields[] =
		"Content-Type: text/html; charset=utf-8\r\n"
		"X-Content-Type-Options: nosniff\r\n"
		"Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
		"Cache-Control: no-cache\r\n";
	struct files_request *state = files_request_of(request);
	struct buffer lines = { 0 };

	if (!html_listing_add(&state->text, path->name, l->entries, l->count, l->cut) ||
	    !buffer_format(&lines, "%s%s", fields, files_cors(files))) {
		buffer_free(&state->text);
		files_say(files, request, 503, NULL);
		return;
	}
	state->one = (struct http_service_piece){
		.bytes = buffer_bytes(&state->text),
		.length = state->text.length,
	};
	http_service_answer(request, &(struct http_answer){
					     .status = 200,
					     .fields = buffer_bytes(&lines),
					     .fields_length = lines.length,
					     .pieces = &state->one,
					     .piece_count = 1,
				     });
	buffer_free(&lines);
}

void files_list(struct files *files, struct http_service_request *request,
		const struct http_path *path)
{
	const int fd = beneath_open(files->root, path->name, O_RDONLY | O_DIRECTORY | O_NONBLOCK,
				    files->options->follow);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	struct listing l = { 0 };

	if (!folder) {
		files_say_found(files, request, files_found_of(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	if (files->options->listing) {
		listing_read(&l, files, folder, path);
		if (l.count > 0)
			qsort(l.entries, l.count, sizeof(l.entries[0]), html_entry_compare);
		listing_answer(files, request, path, &l);
		listing_free(&l);
	} else {
		files_say(files, request, 403, NULL);
	}
	closedir(folder);
}
