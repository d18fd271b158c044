/* SPDX-License-Identifier: MIT */
/* src/chat/screen.c - where a person reads and types, or a program writes and reads. */
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/chat/screen_parts.h>

/* --- hooks: the owner may free the screen inside each ----------------------- */

static bool hook_returned(struct chat_screen *s)
{
	s->hooks--;
	if (!s->freed)
		return true;
	if (s->hooks == 0)
		free(s);
	return false;
}

bool chat_screen_tell_line(struct chat_screen *s, const char *bytes, size_t length)
{
	s->hooks++;
	s->options.line(s->options.data, bytes, length);
	return hook_returned(s);
}

bool chat_screen_tell_end(struct chat_screen *s, bool interrupted, const struct failure *why)
{
	if (s->ended)
		return true;
	s->ended = true;
	s->hooks++;
	s->options.ended(s->options.data, interrupted, why);
	return hook_returned(s);
}

bool chat_screen_tell_failure(struct chat_screen *s, const struct failure *why)
{
	if (s->failed)
		return true;
	s->failed = true;
	s->taken = NULL;
	s->hooks++;
	s->options.failed(s->options.data, why);
	return hook_returned(s);
}

bool chat_screen_tell_taken(struct chat_screen *s)
{
	void (*taken)(void *data) = s->taken;

	if (!taken || s->form->waiting(s) > 0)
		return true;
	s->taken = NULL;
	s->hooks++;
	taken(s->options.data);
	return hook_returned(s);
}

/* False: it has to do without. A pipe or file on one side is somebody's wish, and no word about it;
 * a missing library is not. */
static bool edits(struct chat_screen *s)
{
	struct failure why;

	if (!s->options.edit || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	if (chat_screen_terminal_start(s, &why))
		return true;
	log_notice("%s; lines are read as they are", why.text);
	return false;
}

/* --- what an owner calls ---------------------------------------------------- */

struct chat_screen *chat_screen_new(const struct chat_screen_options *options, struct failure *why)
{
	struct chat_screen *s = memory_zeroed(1, sizeof(*s));

	(void)why; /* what cannot be edited is read as it is */
	s->options = *options;
	s->options.prompt = memory_string(options->prompt);
	s->seen = isatty(STDOUT_FILENO);
	if (!edits(s))
		chat_screen_plain_start(s);
	return s;
}

bool chat_screen_edits(const struct chat_screen *s)
{
	return s->form->edits;
}

bool chat_screen_seen(const struct chat_screen *s)
{
	return s->seen;
}

void chat_screen_show(struct chat_screen *s, const char *bytes, size_t length)
{
	if (!s->failed)
		s->form->show(s, bytes, length);
}

bool chat_screen_behind(struct chat_screen *s, void (*taken)(void *data))
{
	if (s->failed || s->form->waiting(s) <= CHAT_SCREEN_BEHIND)
		return false;
	s->taken = taken;
	return true;
}

bool chat_screen_waits(struct chat_screen *s, void (*taken)(void *data))
{
	if (s->failed || s->form->waiting(s) == 0)
		return false;
	s->taken = taken;
	return true;
}

bool chat_screen_cut(const struct chat_screen *s)
{
	return s->cut;
}

void chat_screen_prompt(struct chat_screen *s, const char *prompt)
{
	free((char *)(uintptr_t)s->options.prompt);
	s->options.prompt = memory_string(prompt);
	s->form->prompt(s);
}

void chat_screen_bell(struct chat_screen *s)
{
	if (s->form->bell && !s->failed)
		s->form->bell(s);
}

void chat_screen_clear(struct chat_screen *s)
{
	if (s->form->clear && !s->failed)
		s->form->clear(s);
}

void chat_screen_hold(struct chat_screen *s, bool held)
{
	if (s->held == held)
		return;
	s->held = held;
	s->form->hold(s);
}

bool chat_screen_free(struct chat_screen *s, struct failure *why)
{
	bool whole;

	if (!s)
		return true;
	whole = s->form->free(s, why);
	free((char *)(uintptr_t)s->options.prompt);
	s->freed = true;
	if (s->hooks == 0)
		free(s);
	return whole;
}
