/* SPDX-License-Identifier: MIT */
/*
 * fuzz_chat_files.c - a hostile host and a client's files: nothing that was there changes, nothing
 * comes without being accepted, no name leads out of the folder, no part stays; what is sent and
 * told is one line each, and what is told steers nothing.
 *
 * A line is a step: "+" asks for more to be sent, "<NICK NAME" accepts, ">NICK" offers a file, "!"
 * loses the connection, everything else is the host's.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/chat/clean.h>
#include <sockutil/chat/files.h>
#include <sockutil/chat/lines.h>
#include <sockutil/chat/offers.h>

enum { MOST_STEPS = 300, MORE = 40, SOURCE = 9001 };

static char folder[] = "/tmp/sockutil-fuzz.XXXXXX"; /* source, and what is below */
static char inside[sizeof(folder) + 3];             /* keep, and what is accepted */
static char source[sizeof(folder) + 7];
static size_t kept, accepted;

static void put(const char *path, size_t length)
{
	static const char bytes[SOURCE];
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	fuzz_check(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	close(fd);
}

/* At the end of the program, so that the runs before it need not. */
static void clear(void)
{
	char path[sizeof(inside) + 6];

	snprintf(path, sizeof(path), "%s/keep", inside);
	unlink(path);
	unlink(source);
	rmdir(inside);
	rmdir(folder);
}

static void prepare(void)
{
	char path[sizeof(inside) + 6];

	fuzz_check(mkdtemp(folder) != NULL);
	snprintf(inside, sizeof(inside), "%s/in", folder);
	snprintf(source, sizeof(source), "%s/source", folder);
	fuzz_check(mkdir(inside, 0700) == 0);
	put(source, SOURCE);
	snprintf(path, sizeof(path), "%s/keep", inside);
	put(path, 4);
	atexit(clear);
}

static void on_send(void *data, const char *line, size_t length)
{
	(void)data;
	fuzz_check(length > 1 && length <= CHAT_LINE_MAX && *line == '/');
	fuzz_check(!memchr(line, '\n', length) && !memchr(line, '\r', length));
	if (length > 6 && !memcmp(line, "/kept ", 6))
		kept++;
}

static void on_tell(void *data, const char *text, size_t length)
{
	(void)data;
	fuzz_check(length > 2 && text[0] == '*' && text[1] == ' ');
	fuzz_check(!memchr(text, '\n', length) && chat_is_clean(text, length));
}

static size_t entries(const char *path)
{
	DIR *open_folder = opendir(path);
	size_t count = 0;

	fuzz_check(open_folder != NULL);
	while (readdir(open_folder))
		count++;
	closedir(open_folder);
	return count - 2;
}

/* What was accepted is gone again for the next run; anything else was not to be there. */
static void check_inside(void)
{
	DIR *files = opendir(inside);
	struct dirent *entry;
	struct stat status;
	size_t count = 0;

	fuzz_check(files != NULL);
	while ((entry = readdir(files))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		fuzz_check(entry->d_name[0] != '.');
		fuzz_check(fstatat(dirfd(files), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0);
		fuzz_check(S_ISREG(status.st_mode));
		if (!strcmp(entry->d_name, "keep")) {
			fuzz_check(status.st_size == 4);
			continue;
		}
		fuzz_check(chat_is_clean(entry->d_name, strlen(entry->d_name)));
		fuzz_check(unlinkat(dirfd(files), entry->d_name, 0) == 0);
		count++;
	}
	closedir(files);
	fuzz_check(count == kept && kept <= accepted);
}

static void accept_one(struct chat_files *files, const char *words, size_t length)
{
	const char *blank = memchr(words, ' ', length);
	const size_t nick = blank ? (size_t)(blank - words) : length;
	struct failure why = { 0 };

	if (chat_files_accept(files, (struct chat_slice){ words, nick },
			      blank ? (struct chat_slice){ blank + 1, length - nick - 1 }
				    : (struct chat_slice){ 0 },
			      &why))
		accepted++;
	else
		fuzz_check(*why.text && chat_is_clean(why.text, strlen(why.text)));
}

static void step(struct chat_files *files, const char *line, size_t length)
{
	struct failure why = { 0 };
	struct chat_event event;

	if (length > 0 && *line == '+') {
		for (int i = 0; i < MORE && chat_files_more(files); i++)
			fuzz_check(chat_files_busy(files));
	} else if (length > 0 && *line == '<') {
		accept_one(files, line + 1, length - 1);
	} else if (length > 0 && *line == '>') {
		/* A word of the command line. */
		if (!memchr(line, ' ', length) && !memchr(line, '\r', length))
			chat_files_send(files, (struct chat_slice){ line + 1, length - 1 },
					chat_slice_of(source), &why);
	} else if (length > 0 && *line == '!') {
		chat_files_over(files, "the connection is lost");
		fuzz_check(!chat_files_busy(files) && entries(inside) == 1 + kept);
	} else if (chat_event_parse(&event, line, length)) {
		chat_files_event(files, &event);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct chat_files_options options = {
		.directory = inside,
		.max_size = 4096,
		.send = on_send,
		.tell = on_tell,
	};
	struct chat_files *files;

	if (!*inside)
		prepare();
	kept = accepted = 0;
	files = chat_files_new(&options);
	for (int steps = 0; size > 0 && steps < MOST_STEPS; steps++) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t length = end ? (size_t)(end - data) : size;
		char *line = fuzz_text(data, length);

		step(files, line, length);
		free(line);
		data += length + (end != NULL);
		size -= length + (end != NULL);
	}
	fuzz_check(entries(inside) <= 1 + kept + CHAT_OFFERS_EACH);
	chat_files_free(files);
	check_inside();
	fuzz_check(entries(folder) == 2);
	return 0;
}
