/* SPDX-License-Identifier: MIT */
/*
 * Open files and what is said of them, kept for as long as they are asked for. Each time the name
 * is looked at again: a file that was put in its place, grew or went away is never served from
 * here. What is being sent keeps its file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/beneath.h>
#include <sockutil/proto/mime_type.h>
#include <sockutil/serve/files_parts.h>

/* ------ what a file is ------ */

struct files_identity files_identity_of(const struct stat *status)
{
	return (struct files_identity){
		.device = status->st_dev,
		.inode = status->st_ino,
		.size = status->st_size,
		.modified = status->st_mtim,
		.changed = status->st_ctim,
	};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool files_identity_same(const struct files_identity *a, const struct files_identity *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

void files_etag(char out[static FILES_ETAG_MAX], const struct files_identity *identity)
{
	const uint64_t time = (uint64_t)identity->modified.tv_sec * 1000000000U +
			      (uint64_t)identity->modified.tv_nsec;

	snprintf(out, FILES_ETAG_MAX, "\"%llx-%llx-%llx\"", (unsigned long long)identity->inode,
		 (unsigned long long)identity->size, (unsigned long long)time);
}

enum files_found files_found_of(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case EXDEV:
	case ENAMETOOLONG:
	case ENXIO:
	case ENODEV:
	case EILSEQ:
	case EINVAL:
		return FILES_NONE;
	case EACCES:
	case EPERM:
		return FILES_DENIED;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return FILES_BUSY;
	default:
		return FILES_BROKEN;
	}
}

void files_file_drop(struct files_file *file)
{
	if (!file || --file->references > 0)
		return;
	close(file->fd);
	free(file);
}

/* ------ opening ------ */

static int open_name(struct files *files, const char *name)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
	int fd = beneath_open(files->root, name, flags, files->options->follow);

	if (fd < 0 && (errno == EMFILE || errno == ENFILE) && files->cache.count > 0) {
		files_cache_clear(files);
		fd = beneath_open(files->root, name, flags, files->options->follow);
	}
	return fd;
}

/* Only what is a regular file keeps its descriptor. */
static enum files_found open_file(struct files *files, const char *name, int *fd,
				  struct stat *status)
{
	enum files_found found;

	*fd = open_name(files, name);
	if (*fd < 0)
		return files_found_of(errno);
	if (fstat(*fd, status) != 0)
		found = FILES_BROKEN;
	else if (S_ISREG(status->st_mode))
		return FILES_FILE;
	else
		found = S_ISDIR(status->st_mode) ? FILES_FOLDER : FILES_NONE;
	close(*fd);
	*fd = -1;
	return found;
}

/* The field lines; out NULL: only how long they are. */
static size_t add_line(char *out, size_t at, const char *name, const char *value)
{
	const size_t name_length = strlen(name), value_length = strlen(value);

	if (out) {
		memcpy(out + at, name, name_length);
		memcpy(out + at + name_length, value, value_length);
		memcpy(out + at + name_length + value_length, "\r\n", 2);
	}
	return at + name_length + value_length + 2;
}

static void write_fields(const struct files *files, struct files_file *file,
			 enum http_accept_coding coding, char *out)
{
	const char *cors = files_cors(files);
	char date[HTTP_DATE_MAX];
	size_t at = add_line(out, 0, "Vary: ", "Accept-Encoding");

	file->vary_length = at;
	if (out)
		memcpy(out + at, cors, strlen(cors));
	at += strlen(cors);
	at = add_line(out, at, "ETag: ", file->etag);
	at = add_line(out, at, "Last-Modified: ", http_date_text(date, file->modified));
	file->short_length = at;
	at = add_line(out, at, "Accept-Ranges: ", "bytes");
	if (coding != HTTP_ACCEPT_IDENTITY)
		at = add_line(out, at, "Content-Encoding: ", http_accept_coding_name(coding));
	file->common_length = at;
	file->length = add_line(out, at, "Content-Type: ", file->type);
}

static struct files_file *file_new(const struct files *files, int fd, const struct stat *status,
				   const char *name, enum http_accept_coding coding)
{
	const size_t name_size = strlen(name) + 1;
	struct files_file about = {
		.references = 1,
		.fd = fd,
		.identity = files_identity_of(status),
		.size = (uint64_t)status->st_size,
		.modified = (int64_t)status->st_mtime,
		.type = mime_type_of(name),
	};
	struct files_file *file;

	files_etag(about.etag, &about.identity);
	write_fields(files, &about, coding, NULL);
	file = memory_zeroed(1, sizeof(*file) + about.length + name_size);
	*file = about;
	write_fields(files, file, coding, file->fields);
	file->name = memcpy(file->fields + file->length, name, name_size);
	return file;
}

/* ------ entries ------ */

static void entry_free(struct files_entry *entry)
{
	for (size_t i = 0; i < HTTP_ACCEPT_CODINGS; ++i)
		files_file_drop(entry->files[i]);
	free(entry);
}

/* Looks once more at one of an entry's files. */
static enum files_found entry_look(struct files *files, struct files_entry *entry,
				   enum http_accept_coding coding)
{
	const char *suffix = http_accept_coding_suffix(coding);
	struct files_file **file = &entry->files[coding];
	char name[HTTP_PATH_MAX + 8];
	enum files_found found;
	struct stat status;
	int fd;

	snprintf(name, sizeof(name), "%s%s", entry->name, suffix);
	found = open_file(files, name, &fd, &status);
	if (found == FILES_FILE && *file) {
		const struct files_identity now = files_identity_of(&status);

		if (files_identity_same(&now, &(*file)->identity)) {
			close(fd);
			return found;
		}
	}
	files_file_drop(*file);
	*file = found == FILES_FILE ? file_new(files, fd, &status, entry->name, coding) : NULL;
	return found;
}

static enum files_found entry_refresh(struct files *files, struct files_entry *entry,
				      int64_t now_ms)
{
	const enum files_found found = entry_look(files, entry, HTTP_ACCEPT_IDENTITY);

	if (found != FILES_FILE)
		return found;
	entry->varied = false;
	for (size_t i = 0; i < HTTP_ACCEPT_CODINGS; ++i) {
		if (i == HTTP_ACCEPT_IDENTITY)
			continue;
		if (entry_look(files, entry, (enum http_accept_coding)i) == FILES_FILE)
			entry->varied = true;
	}
	entry->checked_ms = now_ms;
	return found;
}

/* Whether the name still is that file: a comparison alone, which opens nothing, so that it does not
 * matter what the way there has become. */
static bool still_there(const struct files *files, const char *name, enum http_accept_coding coding,
			const struct files_file *file)
{
	const char *suffix = http_accept_coding_suffix(coding);
	char whole[HTTP_PATH_MAX + 8];
	struct files_identity now;
	struct stat status;

	if (*suffix) {
		snprintf(whole, sizeof(whole), "%s%s", name, suffix);
		name = whole;
	}
	if (fstatat(files->root, name, &status, files->options->follow ? 0 : AT_SYMLINK_NOFOLLOW) !=
	    0)
		return false;
	now = files_identity_of(&status);
	return files_identity_same(&now, &file->identity);
}

static bool entry_holds(const struct files *files, const struct files_entry *entry, int64_t now_ms)
{
	if (now_ms - entry->checked_ms >= FILES_FRESH_MS)
		return false;
	for (size_t i = 0; i < HTTP_ACCEPT_CODINGS; ++i)
		if (entry->files[i] &&
		    !still_there(files, entry->name, (enum http_accept_coding)i, entry->files[i]))
			return false;
	return true;
}

/* ------ the table: two places for each name ------ */

static uint32_t hash_of(const char *name)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (; *name; ++name)
		hash = (hash ^ (unsigned char)*name) * 16777619U;
	return hash ^ hash >> 15;
}

static size_t place(uint32_t hash, unsigned which)
{
	return (hash % FILES_SLOTS) ^ which;
}

static void slot_clear(struct files_cache *cache, size_t slot)
{
	if (!cache->slots[slot])
		return;
	entry_free(cache->slots[slot]);
	cache->slots[slot] = NULL;
	cache->count--;
	if (cache->count == 0 && cache->loop)
		ev_timer_stop(cache->loop, &cache->sweep);
}

static void slot_set(struct files_cache *cache, size_t slot, struct files_entry *entry)
{
	slot_clear(cache, slot);
	cache->slots[slot] = entry;
	cache->count++;
	if (cache->loop && !ev_is_active(&cache->sweep))
		ev_timer_again(cache->loop, &cache->sweep);
}

static bool slot_find(const struct files_cache *cache, const char *name, uint32_t hash,
		      size_t *slot)
{
	for (unsigned which = 0; which < 2; ++which) {
		const struct files_entry *entry;

		*slot = place(hash, which);
		entry = cache->slots[*slot];
		if (entry && entry->hash == hash && strcmp(entry->name, name) == 0)
			return true;
	}
	return false;
}

/* The place of the two that has been of less use. */
static size_t slot_choose(const struct files_cache *cache, uint32_t hash)
{
	const size_t one = place(hash, 0), other = place(hash, 1);

	if (!cache->slots[one])
		return one;
	if (!cache->slots[other])
		return other;
	return cache->slots[one]->used_ms <= cache->slots[other]->used_ms ? one : other;
}

static struct files_entry *entry_new(const char *name, uint32_t hash)
{
	const size_t length = strlen(name);
	struct files_entry *entry = memory_zeroed(1, sizeof(*entry) + length + 1);

	entry->hash = hash;
	memcpy(entry->name, name, length + 1);
	return entry;
}

static enum files_found find_new(struct files *files, const char *name, uint32_t hash,
				 int64_t now_ms, struct files_entry **out)
{
	struct files_entry *entry = entry_new(name, hash);
	const enum files_found found = entry_refresh(files, entry, now_ms);

	if (found != FILES_FILE) {
		entry_free(entry);
		return found;
	}
	entry->used_ms = now_ms;
	slot_set(&files->cache, slot_choose(&files->cache, hash), entry);
	*out = entry;
	return found;
}

enum files_found files_cache_find(struct files *files, const char *name, int64_t now_ms,
				  struct files_entry **found)
{
	struct files_cache *cache = &files->cache;
	const uint32_t hash = hash_of(name);
	struct files_entry *entry;
	enum files_found result;
	size_t slot;

	if (!slot_find(cache, name, hash, &slot))
		return find_new(files, name, hash, now_ms, found);
	entry = cache->slots[slot];
	entry->used_ms = now_ms;
	*found = entry;
	if (entry_holds(files, entry, now_ms))
		return FILES_FILE;
	/* Out of the table while it is looked at: want of descriptors clears that. */
	cache->slots[slot] = NULL;
	cache->count--;
	result = entry_refresh(files, entry, now_ms);
	if (result == FILES_FILE)
		slot_set(cache, slot, entry);
	else
		entry_free(entry);
	return result;
}

void files_cache_forget(struct files *files, const char *name)
{
	size_t slot;

	if (slot_find(&files->cache, name, hash_of(name), &slot))
		slot_clear(&files->cache, slot);
}

void files_cache_clear(struct files *files)
{
	for (size_t slot = 0; slot < FILES_SLOTS; ++slot)
		slot_clear(&files->cache, slot);
}
