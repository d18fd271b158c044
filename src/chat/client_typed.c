/* SPDX-License-Identifier: MIT */
/* src/chat/client_typed.c - what is typed: done here, or said to the host at a pace it allows. */
#include <stdlib.h>

#include <sockutil/base/clock.h>
#include <sockutil/chat/client_parts.h>
#include <sockutil/chat/flood.h>
#include <sockutil/chat/lines.h>

enum {
	/* A little less than the host allows, and few lines on the way: what a slow network
	 * hurries together must not look like a flood there. */
	PACE_BURST = CHAT_FLOOD_BURST * 3 / 4,
	PACE_MS = 1100 / CHAT_FLOOD_RATE,
	UNSEEN_MAX = 16,
	UNSEEN_MS = 2000, /* after which one more goes out: the host may not answer everything */
	TALK_ROOM = 16 * 1024, /* bytes of talk that wait to be written */
	PERSON_MS = 2000,      /* who types /quit does not wait longer for the host's goodbye */
};

/* --- what is done here --------------------------------------------------------- */

static void show_help(struct chat_client *c)
{
	for (size_t i = 0; i < CHAT_COMMANDS; i++) {
		const struct chat_command_row *row = &chat_command_rows[i];

		if (row->usage)
			chat_client_tell(c, "/%s%s%s: %s%s", row->word, *row->usage ? " " : "",
					 row->usage, row->help,
					 row->flags & CHAT_COMMAND_HOST ? " (who hosts the chat)"
									: "");
	}
	chat_client_tell(c, "//TEXT: a text that begins with a slash");
}

static void do_local(struct chat_client *c, const struct client_line *line)
{
	struct chat_said said;
	struct failure why = { .class = FAILURE_NONE };
	bool done = chat_command_parse(&said, line->bytes, line->length, &why);

	if (done && line->command == CHAT_COMMAND_SEND)
		done = chat_files_send(c->files, said.name, said.text, &why);
	else if (done && line->command == CHAT_COMMAND_ACCEPT)
		done = chat_files_accept(c->files, said.name, said.text, &why);
	if (!done)
		chat_client_tell(c, "%s", why.text);
}

/* --- what comes from the screen -------------------------------------------------- */

/* Half a line would say something else than the whole. */
static bool is_whole(struct chat_client *c)
{
	const bool cut = chat_screen_cut(c->screen), rest = c->too_long;

	if (cut && !rest)
		chat_client_tell(c, "not sent: that line is longer than %d bytes", CHAT_LINE_MAX);
	c->undelivered = c->undelivered || cut;
	c->too_long = cut;
	return !cut && !rest;
}

static bool is_for_programs(enum chat_command command)
{
	return command < CHAT_COMMANDS && !chat_command_rows[command].usage;
}

static void enqueue(struct chat_client *c, enum chat_command command, const char *bytes,
		    size_t length)
{
	client_lines_add(&c->typed, command, bytes, length);
	if (c->typed.count >= CLIENT_TYPED_MAX) {
		c->held = true;
		chat_screen_hold(c->screen, true);
	}
	chat_client_step(c);
}

static void obey(struct chat_client *c, const struct chat_said *said, const char *bytes,
		 size_t length)
{
	switch (said->command) {
	case CHAT_COMMAND_NONE:
		break;
	case CHAT_COMMAND_HELP:
		show_help(c);
		break;
	case CHAT_COMMAND_CLEAR:
		chat_screen_clear(c->screen);
		break;
	case CHAT_COMMAND_QUIT:
		chat_client_leave_in_order(c, said->text, PERSON_MS);
		break;
	default:
		enqueue(c, said->command, bytes, length);
		break;
	}
}

void chat_client_on_line(void *data, const char *bytes, size_t length)
{
	struct chat_client *c = data;
	struct chat_said said;
	struct failure why = { .class = FAILURE_NONE };

	if (c->finished || c->leaving != CLIENT_STAYS || c->state == CLIENT_BYE || !is_whole(c))
		return;
	if (!chat_command_parse(&said, bytes, length, &why))
		chat_client_tell(c, "%s",
				 is_for_programs(said.command) ? "that command is for programs"
							       : why.text);
	else if (is_for_programs(said.command))
		chat_client_tell(c, "that command is for programs");
	else
		obey(c, &said, bytes, length);
}

void chat_client_complete(void *data, const char *word, size_t length, bool first,
			  void (*add)(void *list, const char *candidate), void *list)
{
	const struct chat_client *c = data;

	client_names_complete(&c->names, word, length, first, add, list);
}

/* --- what goes to the host --------------------------------------------------------- */

void chat_client_talked(struct chat_client *c)
{
	const int64_t now = clock_ms();

	c->talked_ms = now;
	c->paced_ms = (c->paced_ms > now ? c->paced_ms : now) + PACE_MS;
}

/* Milliseconds until one more line may go; 0: now. */
static int64_t wait_to_talk(const struct chat_client *c)
{
	const int64_t now = clock_ms();
	int64_t wait = c->paced_ms - now - (int64_t)(PACE_BURST - 1) * PACE_MS;

	if (c->sent.unseen >= UNSEEN_MAX && c->talked_ms + UNSEEN_MS - now > wait)
		wait = c->talked_ms + UNSEEN_MS - now;
	return wait > 0 ? wait : 0;
}

static bool is_local(const struct client_line *line)
{
	return line->command < CHAT_COMMANDS &&
	       (chat_command_rows[line->command].flags & CHAT_COMMAND_LOCAL);
}

/* The first line that waits; false: not yet. */
static bool send_first(struct chat_client *c)
{
	const bool local = is_local(c->typed.first);
	const int64_t wait = local ? 0 : wait_to_talk(c);
	struct client_line *line;

	if (wait > 0) {
		chat_client_timer(c, &c->pace_timer, wait);
		return false;
	}
	line = client_lines_take(&c->typed);
	if (local) {
		do_local(c, line);
		free(line);
		return true;
	}
	chat_client_send(c, line->bytes, line->length);
	chat_client_talked(c);
	client_sent_add(&c->sent, line);
	return true;
}

void chat_client_send_typed(struct chat_client *c)
{
	while (c->typed.first && !c->doubting && !c->broken && c->out.length < TALK_ROOM)
		if (!send_first(c))
			break;
	if (c->held && c->leaving == CLIENT_STAYS && c->typed.count < CLIENT_TYPED_MAX / 2) {
		c->held = false;
		chat_screen_hold(c->screen, false);
	}
}

/* --- what did not arrive ------------------------------------------------------------- */

static void tell_lost(struct chat_client *c, struct client_line *line)
{
	chat_client_tell(c, "not delivered: %.*s", (int)line->length, line->bytes);
	c->undelivered = true;
	free(line);
}

void chat_client_tell_unseen(struct chat_client *c)
{
	struct client_line *line;

	while ((line = client_sent_take(&c->sent)))
		tell_lost(c, line);
}

void chat_client_tell_unsent(struct chat_client *c)
{
	struct client_line *line;

	while ((line = client_lines_take(&c->typed)))
		tell_lost(c, line);
}

void chat_client_tell_undelivered(struct chat_client *c)
{
	chat_client_tell_unseen(c);
	chat_client_tell_unsent(c);
}
