/* SPDX-License-Identifier: MIT */
/* src/modes/serve_answers.c - answers to messages, files out and in, stdin and stdout: what serve
 * can do with a connection by itself. */
#include <stddef.h>

#include <sockutil/modes/serve_answers.h>
#include <sockutil/modes/serve_run.h>
#include <sockutil/serve/hub.h>
#include <sockutil/serve/join.h>
#include <sockutil/serve/reply.h>
#include <sockutil/serve/responders.h>
#include <sockutil/serve/save.h>
#include <sockutil/serve/send_file.h>

#define AT(field) offsetof(struct serve_args, field)

static const char *const framings[] = { "chunk", "line", "length", NULL };

const struct option_row serve_answer_rows[] = {
	{
		.name = "reply",
		.arg = "TEMPLATE",
		.type = OPTION_TEXT,
		.at = AT(answer.reply),
		.group = "what clients get",
		.help = "answer each message: {message} {reversed} {time} {peer} {local} {count}",
		.example = "9999 --reply '{count}: {message}'",
		.conflicts = SERVE_HANDLERS,
		.common = true,
	},
	{
		.name = "responder",
		.arg = "NAME",
		.type = OPTION_CHOICE,
		.at = AT(answer.responder),
		.given_at = AT(answer.responder_given),
		.choices = responder_names,
		.group = "what clients get",
		.help = "a ready-made answer",
		.example = "9999 --responder echo",
		.conflicts = SERVE_HANDLERS,
		.common = true,
	},
	{
		.name = "banner",
		.arg = "TEXT",
		.type = OPTION_TEXT,
		.at = AT(answer.banner),
		.group = "what clients get",
		.help = "say TEXT first",
		.example = "9999 --responder echo --banner 'hello '",
		.needs = "reply responder",
	},
	{
		.name = "delay",
		.arg = "TIME",
		.type = OPTION_DURATION,
		.at = AT(answer.delay_ms),
		.given_at = AT(answer.delay_given),
		.min = 1,
		.group = "what clients get",
		.help = "wait TIME before each answer",
		.example = "9999 --responder echo --delay 250ms",
		.needs = "reply responder",
	},
	{
		.name = "quit",
		.arg = "WORD",
		.type = OPTION_TEXT,
		.at = AT(answer.quit),
		.group = "what clients get",
		.help = "a message that is WORD closes the connection",
		.example = "9999 --responder echo --quit bye",
		.needs = "reply responder",
	},
	{
		.name = "framing",
		.arg = "WAY",
		.type = OPTION_CHOICE,
		.at = AT(answer.framing),
		.given_at = AT(answer.framing_given),
		.choices = framings,
		.fallback = "chunk",
		.group = "what clients get",
		.help = "where a message ends: chunk is what one read brings",
		.example = "9999 --responder reverse --framing line",
		.needs = "reply responder",
	},
	{
		.name = "max-message",
		.arg = "SIZE",
		.type = OPTION_SIZE,
		.at = AT(answer.max_message),
		.given_at = AT(answer.max_message_given),
		.min = 1,
		.max = 1 << 30,
		.fallback = "1M",
		.unit = "bytes",
		.group = "what clients get",
		.help = "the longest message; a longer one closes the connection",
		.example = "9999 --responder echo --framing line --max-message 4K",
		.needs = "reply responder",
	},
	{
		.name = "send-file",
		.arg = "FILE",
		.type = OPTION_FILE,
		.at = AT(answer.send_file),
		.group = "what clients get",
		.help = "send FILE to each client",
		.example = "9999 --send-file data.bin",
		.conflicts = SERVE_HANDLERS,
		.common = true,
	},
	{
		.name = "save",
		.arg = "PATTERN",
		.type = OPTION_TEXT,
		.at = AT(answer.save),
		.group = "what clients get",
		.help = "each connection into a file: %p peer, %n number",
		.example = "9999 --save 'in-%n'",
		.conflicts = SERVE_HANDLERS,
		.common = true,
	},
	{ 0 },
};

/* --- --reply and --responder ------------------------------------------------ */

/* The first option given that only an answer to messages knows, or NULL. */
static const char *answer_option(const struct serve_args *a)
{
	return a->answer.banner              ? "banner"
	       : a->answer.delay_given       ? "delay"
	       : a->answer.quit              ? "quit"
	       : a->answer.framing_given     ? "framing"
	       : a->answer.max_message_given ? "max-message"
					     : NULL;
}

static void use_template(struct serve_run *run, const struct responder *ready)
{
	const struct serve_args *a = run->args;
	struct reply_options *reply = serve_handler_options(run, sizeof(*reply));

	*reply = (struct reply_options){
		.reply = ready ? ready->reply : a->answer.reply,
		.banner = a->answer.banner || !ready ? a->answer.banner : ready->banner,
		.quit = a->answer.quit || !ready ? a->answer.quit : ready->quit,
		.delay_ms = a->answer.delay_given || !ready ? a->answer.delay_ms : ready->delay_ms,
		.framing = (enum framing)a->answer.framing,
		.max_message = a->answer.max_message,
	};
	run->server.handler = &reply_handler;
}

static bool reply_asked(const struct serve_args *a)
{
	return a->answer.reply;
}

static bool use_reply(struct serve_run *run, struct failure *why)
{
	(void)why;
	use_template(run, NULL);
	return true;
}

const struct serve_choice serve_choice_reply = { "reply", reply_asked, use_reply, NULL };

static bool responder_asked(const struct serve_args *a)
{
	return a->answer.responder_given;
}

static bool use_responder(struct serve_run *run, struct failure *why)
{
	const struct responder *ready = &responders[run->args->answer.responder];
	const char *option = answer_option(run->args);

	if (option && !ready->reply) {
		fail(why, FAILURE_USAGE,
		     "--%s means nothing to --responder %s: it does not answer messages", option,
		     responder_names[run->args->answer.responder]);
		return false;
	}
	if (option || ready->handler == &reply_handler) {
		use_template(run, ready);
		return true;
	}
	run->server.handler = ready->handler;
	run->server.handler_options = ready->options;
	return true;
}

const struct serve_choice serve_choice_responder = { "responder", responder_asked, use_responder,
						     NULL };

/* --- files ------------------------------------------------------------------ */

static bool send_file_asked(const struct serve_args *a)
{
	return a->answer.send_file;
}

static bool use_send_file(struct serve_run *run, struct failure *why)
{
	struct send_file_options *file = serve_handler_options(run, sizeof(*file));

	(void)why;
	*file = (struct send_file_options){ run->args->answer.send_file,
					    run->args->common.idle_ms };
	run->server.handler = &send_file_handler;
	return true;
}

const struct serve_choice serve_choice_send_file = { "send-file", send_file_asked, use_send_file,
						     NULL };

static bool save_asked(const struct serve_args *a)
{
	return a->answer.save;
}

static bool use_save(struct serve_run *run, struct failure *why)
{
	struct save_options *save = serve_handler_options(run, sizeof(*save));

	(void)why;
	*save = (struct save_options){ run->args->answer.save, run->args->common.idle_ms };
	run->server.handler = &save_handler;
	return true;
}

const struct serve_choice serve_choice_save = { "save", save_asked, use_save, NULL };

/* --- standard input and output ---------------------------------------------- */

/* One connection, unless more were asked for. */
bool serve_use_stdio(struct serve_run *run, struct failure *why)
{
	const struct serve_args *a = run->args;
	struct join_options *join = serve_handler_options(run, sizeof(*join));

	if (a->accept > 1 && !a->keep_open) {
		fail(why, FAILURE_USAGE,
		     "stdin and stdout join one connection: --accept %lld needs --keep-open, or a "
		     "handler such as --responder",
		     (long long)a->accept);
		return false;
	}
	*join = (struct join_options){
		.recv_only = a->recv_only,
		.send_only = a->send_only,
		.keep_output = a->keep_open,
		.idle_ms = a->common.idle_ms,
	};
	run->server.handler = a->keep_open && !a->one_at_a_time ? &hub_handler : &join_handler;
	if (!a->keep_open)
		run->server.accept = 1;
	return true;
}
