/* SPDX-License-Identifier: MIT */
/* src/modes/chat_options.c - the rows of `sockutil chat`. */
#include <stddef.h>

#include <sockutil/modes/chat_options.h>
#include <sockutil/modes/common_server.h>

#define AT(field) offsetof(struct chat_args, field)

/* In the order of enum chat_slow. */
static const char *const slow_ways[] = { "kick", "drop", NULL };

const struct option_row chat_option_rows[] = {
	{
		.name = "listen",
		.letter = 'l',
		.type = OPTION_FLAG,
		.at = AT(listen),
		.group = "the chat",
		.help = "host the chat, and sit in it",
		.example = "--listen 10009",
		.common = true,
	},
	{
		.name = "nick",
		.letter = 'n',
		.arg = "NAME",
		.type = OPTION_TEXT,
		.at = AT(nick),
		.fallback_text = "the login name",
		.group = "the chat",
		.help = "who we are: letters, digits, - and _",
		.example = "--nick carol localhost 10009",
		.conflicts = "simple headless",
		.common = true,
	},
	{
		.name = "room",
		.arg = "NAME",
		.type = OPTION_TEXT,
		.at = AT(room),
		.fallback_text = "lobby",
		.group = "the chat",
		.help = "where we start; of a host: where everybody starts",
		.example = "--room kitchen localhost 10009",
		.conflicts = "simple",
		.common = true,
	},
	{
		.name = "simple",
		.type = OPTION_FLAG,
		.at = AT(simple),
		.group = "the chat",
		.help = "two people and nothing else: no nicks, no rooms; an empty line ends it",
		.example = "--simple localhost 10009",
		.common = true,
	},
	{
		.name = "reconnect",
		.type = OPTION_FLAG,
		.at = AT(reconnect),
		.group = "the chat",
		.help = "come back after a loss, with nick and missed messages",
		.example = "--reconnect localhost 10009",
		.conflicts = "listen simple",
		.common = true,
	},
	{
		.name = "retry",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(retries),
		.min = 1,
		.max = 1000000,
		.fallback_text = "no limit",
		.group = "the chat",
		.help = "give up after N tries in a row that failed",
		.example = "--reconnect --retry 10 localhost 10009",
		.needs = "reconnect",
	},
	{
		.name = "retry-delay",
		.arg = "TIME",
		.type = OPTION_DURATION,
		.at = AT(retry_delay_ms),
		.min = 50,
		.fallback = "1s",
		.group = "the chat",
		.help = "before the first new try; doubles up to a minute",
		.example = "--reconnect --retry-delay 5s localhost 10009",
		.needs = "reconnect",
	},
	{
		.name = "bell",
		.type = OPTION_FLAG,
		.at = AT(bell),
		.group = "what is shown",
		.help = "ring when somebody speaks to us",
		.example = "--bell localhost 10009",
		.conflicts = "headless",
		.common = true,
	},
	{
		.name = "no-edit",
		.type = OPTION_FLAG,
		.at = AT(no_edit),
		.group = "what is shown",
		.help = "plain lines on a terminal too",
		.example = "--no-edit localhost 10009",
		.conflicts = "headless",
	},
	{
		.name = "log",
		.arg = "FILE",
		.type = OPTION_FILE,
		.at = AT(log),
		.group = "what is shown",
		.help = "add what is said to FILE, a line each",
		.example = "--log chat.log localhost 10009",
		.conflicts = "simple",
	},
	{
		.name = "directory",
		.arg = "DIR",
		.type = OPTION_FILE,
		.at = AT(directory),
		.fallback_text = "the current one",
		.group = "files",
		.help = "where files go that we accept",
		.example = "--directory /tmp localhost 10009",
		.conflicts = "simple headless",
	},
	{
		.name = "max-size",
		.arg = "SIZE",
		.type = OPTION_SIZE,
		.at = AT(max_size),
		.min = 1,
		.max = INT64_MAX,
		.fallback = "1G",
		.unit = "bytes",
		.group = "files",
		.help = "the largest file that we accept; of a host: that it passes on",
		.example = "--max-size 10M localhost 10009",
		.conflicts = "simple",
	},
	{
		.name = "headless",
		.type = OPTION_FLAG,
		.at = AT(headless),
		.group = "the host",
		.help = "host without sitting in it: stdin and stdout are not touched",
		.example = "--listen --headless 10009",
		.needs = "listen",
		.conflicts = "simple",
		.common = true,
	},
	{
		.name = "history",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(history),
		.given_at = AT(history_given),
		.min = 0,
		.max = 10000,
		.fallback = "0",
		.unit = "messages",
		.group = "the host",
		.help = "keep N messages of each room for those who come later",
		.example = "--listen --history 100 10009",
		.needs = "listen",
		.conflicts = "simple",
		.common = true,
	},
	{
		.name = "max-members",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(max_members),
		.given_at = AT(max_members_given),
		.min = 1,
		.max = 100000,
		.fallback = "256",
		.group = "the host",
		.help = "members at once; more are told that it is full",
		.example = "--listen --max-members 20 10009",
		.needs = "listen",
		.conflicts = "simple",
	},
	{
		.name = "slow",
		.arg = "WAY",
		.type = OPTION_CHOICE,
		.at = AT(slow),
		.given_at = AT(slow_given),
		.choices = slow_ways,
		.fallback = "kick",
		.group = "the host",
		.help = "who reads too slowly (256 KiB behind) is put out, or loses lines and is "
			"told",
		.example = "--listen --slow drop 10009",
		.needs = "listen",
		.conflicts = "simple",
	},
	{ 0 },
};

const char *const chat_examples[] = {
	"sockutil chat --listen 10009",
	"host a chat and sit in it",
	"sockutil chat --nick carol localhost 10009",
	"join it",
	"sockutil chat --listen --secret friends.key 10009",
	"only for those who have the secret, without certificates",
	"echo 'the build is done' | sockutil chat --nick ci localhost 10009",
	"a bot that says one line",
	"sockutil chat --simple --listen 10009",
	"two people on one line, as in the first lesson on sockets",
	NULL,
};

const char chat_hints[] =
	"-u\0-u is netcat's; chat speaks over streams\0"
	"-k\0-k is netcat's; a chat that listens takes any number of people\0"
	"--chat\0--chat is ncat's; to host one: sockutil chat --listen {operands}\0"
	"--ssl\0--ssl is ncat's; write it as --tls\0"
	"\0";

/* The first option given that only who connects has, without dashes; NULL: none. */
static const char *client_only(const struct common_options *common)
{
	const struct {
		const char *name;
		bool given;
	} options[] = {
		{ "timeout", common->timeout_given },
		{ "source", common->source },
		{ "insecure", common->insecure },
		{ "ca", common->ca },
		{ "servername", common->servername },
		{ "verify-name", common->verify_name },
		{ "pin", common->pin },
		{ "tofu", common->tofu },
		{ "proxy", common->proxy.proxy.count > 0 },
		{ "proxy-auth", common->proxy.auth },
		{ "proxy-dns", common->proxy.dns_given },
		{ "noproxy", common->proxy.noproxy },
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].given)
			return options[i].name;
	return NULL;
}

bool chat_options_check(const struct chat_args *args, struct failure *why)
{
	const char *name =
		args->listen ? client_only(&args->common) : common_server_given(&args->common);

	if (!name)
		return true;
	if (args->listen)
		fail(why, FAILURE_USAGE,
		     "--%s is for who connects: it cannot be given together with --listen", name);
	else
		fail(why, FAILURE_USAGE, "--%s is for who hosts the chat: it needs --listen", name);
	return false;
}
