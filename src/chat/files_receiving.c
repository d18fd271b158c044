/* SPDX-License-Identifier: MIT */
/* files_receiving.c - files that are got: offered, accepted, written, compared, given their name.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <sockutil/base/base64.h>
#include <sockutil/base/clock.h>
#include <sockutil/base/number.h>
#include <sockutil/chat/files_parts.h>
#include <sockutil/chat/offers.h>

enum { TAKEN_STEP = 16 * 1024 };

/* ------ offered ------ */

static void refuse(struct chat_files *files, const struct chat_event *event, const char *name,
		   const char *reason)
{
	chat_files_line(files, "/drop %" PRIu64 " %s", event->number, reason);
	chat_files_say(files, "* %.*s offers %s: refused, %s", (int)event->nick.length,
		       event->nick.bytes, name, reason);
}

void chat_files_offered(struct chat_files *files, const struct chat_event *event)
{
	char name[FILE_NAME_MAX], reason[96], size[32];
	struct chat_file *file;

	if (event->nick.length == 0 || event->nick.length >= CHAT_NICK_MAX)
		return;
	if (!chat_offer_name(event->text, name)) {
		refuse(files, event, "a file", "its name cannot be used");
	} else if (event->size > files->options.max_size) {
		snprintf(reason, sizeof(reason), "more than %s",
			 size_text(size, sizeof(size), files->options.max_size));
		refuse(files, event, name, reason);
	} else if (chat_files_count(files->got) >= CHAT_OFFERS_EACH) {
		refuse(files, event, name, "too many are offered already");
	} else {
		file = chat_files_add(&files->got, event->nick, event->size);
		file->number = event->number;
		file->state = CHAT_FILE_OFFERED;
		snprintf(file->name, sizeof(file->name), "%s", name);
		chat_files_say(files, "* %s offers %s (%s): /accept %s %s", file->nick, name,
			       size_text(size, sizeof(size), file->size), file->nick, name);
	}
}

/* ------ /accept ------ */

static bool same_nick(const struct chat_file *file, struct chat_slice nick)
{
	return strlen(file->nick) == nick.length &&
	       strncasecmp(file->nick, nick.bytes, nick.length) == 0;
}

static struct chat_file *find_offer(struct chat_files *files, struct chat_slice nick,
				    struct chat_slice name)
{
	struct chat_file *file = files->got;

	while (file && !(file->state == CHAT_FILE_OFFERED && same_nick(file, nick) &&
			 (name.length == 0 || chat_slice_is(name, file->name))))
		file = file->next;
	return file;
}

/* The file as it will be written, in a folder that stays the same one whatever its name becomes. */
static bool open_part(struct chat_files *files, struct chat_file *file)
{
	file->folder = open(files->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->folder >= 0)
		file->fd = chat_files_part(file->folder, file->name, &file->part);
	return file->fd >= 0;
}

bool chat_files_accept(struct chat_files *files, struct chat_slice nick, struct chat_slice name,
		       struct failure *why)
{
	struct chat_file *file = find_offer(files, nick, name);

	if (!file) {
		fail(why, FAILURE_USAGE, "/accept: %.*s offers no %.*s", (int)nick.length,
		     nick.bytes, name.length ? (int)name.length : 4,
		     name.length ? name.bytes : "file");
		chat_files_clean(why);
		return false;
	}
	if (!open_part(files, file)) {
		fail_errno(why, FAILURE_OUTPUT, errno, "/accept: %s", files->directory);
		chat_files_line(files, "/drop %" PRIu64 " it cannot be written there",
				file->number);
		chat_files_end(files, file);
		return false;
	}
	file->state = CHAT_FILE_GOING;
	digest_start(&file->digest, digest_find("sha256", 6));
	chat_files_line(files, "/take %" PRIu64, file->number);
	chat_files_say(files, "* %s from %s: accepted", file->name, file->nick);
	return true;
}

/* ------ its way ------ */

/* Why it cannot go on; NULL: it can. */
static const char *write_piece(struct chat_file *file, const unsigned char *bytes, size_t count)
{
	for (size_t at = 0; at < count;) {
		const ssize_t n = write(file->fd, bytes + at, count - at);

		if (n < 0 && errno != EINTR)
			return strerror(errno);
		if (n > 0)
			at += (size_t)n;
	}
	return NULL;
}

static void piece(struct chat_files *files, struct chat_file *file, struct chat_slice text)
{
	unsigned char bytes[CHAT_OFFER_DATA];
	const char *reason = NULL;
	size_t count;

	if (!file->begun_ms)
		file->begun_ms = clock_ms();
	if (!base64_decode(bytes, sizeof(bytes), &count, text.bytes, text.length) || count == 0)
		reason = "what came is no data";
	else if (count > file->size - file->done)
		reason = "more came than was offered";
	else
		reason = write_piece(file, bytes, count);
	if (reason) {
		chat_files_drop(files, file, reason);
		return;
	}
	digest_add(&file->digest, bytes, count);
	file->done += count;
	if (file->done - file->taken >= TAKEN_STEP || file->done == file->size) {
		file->taken = file->done;
		chat_files_line(files, "/taken %" PRIu64 " %" PRIu64, file->number, file->taken);
	}
	chat_files_progress(files, file);
}

/* Why it is not what was offered, or cannot stay; NULL: it has its name, in out. */
static const char *finish(struct chat_file *file, struct chat_slice digest,
			  char out[static FILE_NAME_MAX])
{
	char ours[DIGEST_TEXT_MAX];
	int error;

	if (file->done != file->size)
		return "less came than was offered";
	if (!chat_slice_is(digest, digest_finish_text(&file->digest, ours)))
		return "another digest: it was changed on its way";
	if (fsync(file->fd) != 0)
		return strerror(errno);
	error = chat_files_place(file->folder, file->part, file->name, out);
	if (error == EEXIST)
		return "all names for it are taken";
	return error == 0 ? NULL : strerror(error);
}

static void finished(struct chat_files *files, struct chat_file *file, struct chat_slice digest)
{
	char name[FILE_NAME_MAX], pace[CHAT_FILES_PACE_MAX];
	const char *reason = finish(file, digest, name);

	if (reason) {
		chat_files_drop(files, file, reason);
		return;
	}
	/* There is no part of that name any more. */
	free(file->part);
	file->part = NULL;
	chat_files_line(files, "/kept %" PRIu64, file->number);
	chat_files_say(files, "* %s from %s is here%s%s: %s", file->name, file->nick,
		       strcmp(name, file->name) ? " as " : "", strcmp(name, file->name) ? name : "",
		       chat_files_pace(pace, file));
	chat_files_end(files, file);
}

void chat_files_receiving(struct chat_files *files, struct chat_file *file,
			  const struct chat_event *event)
{
	if (event->kind == CHAT_DATA && file->state == CHAT_FILE_GOING)
		piece(files, file, event->text);
	else if (event->kind == CHAT_DONE && file->state == CHAT_FILE_GOING)
		finished(files, file, event->text);
	else
		chat_files_drop(files, file, "the host's word about it was out of turn");
}
