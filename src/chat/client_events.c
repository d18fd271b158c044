/* SPDX-License-Identifier: MIT */
/* src/chat/client_events.c - what the host says to a client. */
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/client_parts.h>

enum {
	PING_WORD_MAX = 256,
	BYE_MS = 2000, /* from the host's goodbye to its end */
	LAST_SUFFIX = 9,
};

/* --- small things ---------------------------------------------------------------- */

/* Keeps a word; false: it has no room, and nothing is kept. */
static bool keep(char *out, size_t size, struct chat_slice word)
{
	const bool fits = word.length < size;

	if (fits && word.length > 0)
		memcpy(out, word.bytes, word.length);
	out[fits ? word.length : 0] = '\0';
	return fits;
}

static bool is_us(const struct chat_client *c, struct chat_slice nick)
{
	return chat_slice_is(nick, c->nick);
}

static void ring(const struct chat_client *c)
{
	if (c->options->bell)
		chat_screen_bell(c->screen);
}

static void answer_ping(struct chat_client *c, struct chat_slice word)
{
	char line[PING_WORD_MAX + 8] = "/pong ";
	const size_t start = strlen(line);

	if (word.length == 0 || word.length > PING_WORD_MAX)
		return;
	memcpy(line + start, word.bytes, word.length);
	chat_client_send(c, line, start + word.length);
	c->pinged = true;
}

static void set_prompt(struct chat_client *c)
{
	char prompt[CHAT_NICK_MAX + 2];
	const size_t length = strlen(c->nick);

	memcpy(prompt, c->nick, length);
	memcpy(prompt + length, "> ", 3);
	chat_screen_prompt(c->screen, prompt);
}

/* --- coming in, going out ---------------------------------------------------------- */

static void welcome(struct chat_client *c, const struct chat_event *event)
{
	char epoch[CLIENT_WORD_MAX];
	bool same_run;

	if (!keep(c->nick, sizeof c->nick, event->nick) || c->nick[0] == '\0' ||
	    !keep(c->room, sizeof c->room, event->room)) {
		chat_client_break(c, FAILURE_PROTOCOL, "it gave us a name that is none");
		return;
	}
	keep(epoch, sizeof epoch, event->other);
	keep(c->token, sizeof c->token, event->word);
	same_run = epoch[0] && strcmp(epoch, c->epoch) == 0;
	memcpy(c->epoch, epoch, sizeof epoch);
	set_prompt(c);
	chat_client_show(c, event);
	if (c->state == CLIENT_GREETING)
		chat_client_came_in(c, same_run, event->id);
	/* What we missed of this run comes now; of another one nothing was missed. */
	if (!same_run)
		c->last_id = event->id;
}

static void refused_nick(struct chat_client *c, const struct chat_event *event)
{
	if (!c->options->nick_chosen && c->suffix < LAST_SUFFIX) {
		c->suffix = c->suffix ? c->suffix + 1 : 2;
		chat_client_say_hello(c);
		return;
	}
	chat_client_break(c, FAILURE_OTHER, "%.*s", (int)event->text.length, event->text.bytes);
}

static int status_of_end(struct chat_client *c)
{
	chat_client_tell_undelivered(c);
	if (c->undelivered)
		return failure_status(FAILURE_SEND);
	/* A person has seen what became of the files. */
	return chat_screen_edits(c->screen) ? 0 : failure_status(chat_files_failed(c->files));
}

/* Put out, or not let in: final, and the host's own sentence says why. */
static int status_of_out(struct chat_client *c, const struct chat_event *event)
{
	struct failure why = { .class = FAILURE_NONE };
	char text[ENDPOINT_TEXT_MAX];

	fail(&why, FAILURE_OTHER, "%s: %.*s",
	     c->state == CLIENT_IN ? "the host has put us out" : "the host does not let us in",
	     (int)event->text.length, event->text.bytes);
	if (c->options->endpoint)
		fail_at(&why, endpoint_text(text, c->options->endpoint));
	chat_client_tell_undelivered(c);
	return log_failure(&why);
}

static void bye(struct chat_client *c, const struct chat_event *event)
{
	if (c->state == CLIENT_IN)
		chat_client_show(c, event);
	chat_files_over(c->files, c->leaving == CLIENT_LEFT ? "we have left" : "the chat is over");
	if (chat_slice_is(event->word, "quit") && c->leaving == CLIENT_LEFT) {
		/* It answers in order: it has heard everything before. */
		client_sent_free(&c->sent);
		c->status = status_of_end(c);
	} else if (chat_slice_is(event->word, "end")) {
		c->status = status_of_end(c);
	} else {
		c->status = status_of_out(c, event);
	}
	c->state = CLIENT_BYE;
	buffer_free(&c->out);
	chat_client_timer(c, &c->greeting_timer, -1);
	chat_client_timer(c, &c->leave_timer, BYE_MS);
}

/* --- before we are in ---------------------------------------------------------------- */

void chat_client_no_chat(struct chat_client *c, const char *what)
{
	char text[ENDPOINT_TEXT_MAX];

	if (c->options->endpoint)
		chat_client_break(c, FAILURE_PROTOCOL,
				  "%s: no sockutil chat; `sockutil connect %s` speaks to it", what,
				  endpoint_text(text, c->options->endpoint));
	else
		chat_client_break(c, FAILURE_PROTOCOL, "%s: no sockutil chat", what);
}

static void greeted(struct chat_client *c, const struct chat_event *event)
{
	switch (event->kind) {
	case CHAT_WELCOME:
		welcome(c, event);
		break;
	case CHAT_REFUSED:
		refused_nick(c, event);
		break;
	case CHAT_BYE:
		bye(c, event);
		break;
	case CHAT_PING:
		answer_ping(c, event->word);
		break;
	case CHAT_NOTICE:
		chat_client_show(c, event);
		break;
	default:
		chat_client_no_chat(c, "it answered something else");
		break;
	}
}

/* --- while we are in ------------------------------------------------------------------ */

static void said(struct chat_client *c, const struct chat_event *event)
{
	/* What was said before is shown again in a room that keeps it. */
	const bool is_new = event->id > c->last_id;

	if (is_new)
		c->last_id = event->id;
	if (!is_us(c, event->nick)) {
		client_names_add(&c->names, event->nick);
		if (chat_client_names_us(event->text, c->nick))
			ring(c);
	} else if (is_new) {
		client_sent_seen(&c->sent,
				 event->kind == CHAT_MESSAGE ? CHAT_COMMAND_TEXT : CHAT_COMMAND_ME);
	}
	chat_client_show(c, event);
	if (c->doubting && event->id >= c->doubt_id)
		chat_client_end_doubt(c);
}

static void said_alone(struct chat_client *c, const struct chat_event *event)
{
	if (is_us(c, event->nick))
		client_sent_seen(&c->sent, CHAT_COMMAND_MSG);
	else
		ring(c);
	chat_client_show(c, event);
}

static void joined(struct chat_client *c, const struct chat_event *event)
{
	if (is_us(c, event->nick))
		keep(c->room, sizeof c->room, event->room);
	else
		client_names_add(&c->names, event->nick);
	chat_client_show(c, event);
}

static void left(struct chat_client *c, const struct chat_event *event)
{
	client_names_remove(&c->names, event->nick);
	chat_client_show(c, event);
}

static void renamed(struct chat_client *c, const struct chat_event *event)
{
	const bool ours = is_us(c, event->nick) && event->other.length > 0 &&
			  event->other.length < sizeof c->nick;

	chat_client_show(c, event);
	client_names_remove(&c->names, event->nick);
	if (!ours) {
		client_names_add(&c->names, event->other);
		return;
	}
	keep(c->nick, sizeof c->nick, event->other);
	set_prompt(c);
}

static void members(struct chat_client *c, const struct chat_event *event)
{
	if (!chat_slice_is(event->room, c->room) && event->room.length > 0) {
		keep(c->room, sizeof c->room, event->room);
		client_names_free(&c->names);
	}
	client_names_add_all(&c->names, event->text);
	client_names_remove(&c->names, chat_slice_of(c->nick));
	chat_client_show(c, event);
}

static void refused(struct chat_client *c, const struct chat_event *event)
{
	client_sent_refused(&c->sent);
	chat_client_show(c, event);
}

static void of_files(struct chat_client *c, const struct chat_event *event)
{
	if (event->kind != CHAT_OFFERED)
		c->moved_ms = clock_ms();
	chat_files_event(c->files, event);
}

static void happened(struct chat_client *c, const struct chat_event *event)
{
	static void (*const doers[CHAT_KINDS])(struct chat_client * c,
					       const struct chat_event *event) = {
		[CHAT_WELCOME] = welcome,
		[CHAT_MESSAGE] = said,
		[CHAT_ACTION] = said,
		[CHAT_PRIVATE] = said_alone,
		[CHAT_JOINED] = joined,
		[CHAT_LEFT] = left,
		[CHAT_LOST] = left,
		[CHAT_RENAMED] = renamed,
		[CHAT_TOPIC] = chat_client_show,
		[CHAT_MEMBERS] = members,
		[CHAT_NOTICE] = chat_client_show,
		[CHAT_REFUSED] = refused,
		[CHAT_BYE] = bye,
		[CHAT_OFFERING] = of_files,
		[CHAT_OFFERED] = of_files,
		[CHAT_TAKE] = of_files,
		[CHAT_DATA] = of_files,
		[CHAT_TAKEN] = of_files,
		[CHAT_DONE] = of_files,
		[CHAT_KEPT] = of_files,
		[CHAT_DROPPED] = of_files,
	};

	if (event->kind == CHAT_PING)
		answer_ping(c, event->word);
	else if (doers[event->kind])
		doers[event->kind](c, event);
}

/* --- lines ------------------------------------------------------------------------------ */

static void heard(struct chat_client *c, const char *line, size_t length)
{
	struct chat_event event;
	const bool known = chat_event_parse(&event, line, length);

	if (c->state == CLIENT_IN && known)
		happened(c, &event);
	else if (c->state == CLIENT_GREETING && known)
		greeted(c, &event);
	else if (c->state == CLIENT_GREETING && !(length >= 2 && memcmp(line, "* ", 2) == 0))
		chat_client_no_chat(c, "it answered something else");
}

void chat_client_heard(struct chat_client *c, const char *line, size_t length)
{
	struct buffer clean = { 0 };

	if (length > 0 && line[length - 1] == '\r')
		length--;
	if (length == 0)
		return;
	/* A host is not trusted either; what it has cleaned already stays as it is. */
	if (chat_is_clean(line, length))
		heard(c, line, length);
	else if (chat_clean(&clean, line, length))
		heard(c, buffer_bytes(&clean), clean.length);
	else
		chat_client_break(c, FAILURE_OTHER, "memory is short");
	buffer_free(&clean);
}

/* --- files -------------------------------------------------------------------------------- */

void chat_client_files_send(void *data, const char *line, size_t length)
{
	static const char offer[] = "/offer ";

	if (length >= sizeof offer - 1 && memcmp(line, offer, sizeof offer - 1) == 0)
		chat_client_talked(data);
	chat_client_send(data, line, length);
}

void chat_client_files_tell(void *data, const char *text, size_t length)
{
	chat_client_put(data, text, length);
}
