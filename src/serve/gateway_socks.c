/* SPDX-License-Identifier: MIT */
/* The gateway as a SOCKS server: versions 4, 4a and 5. */
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/serve/gateway_parts.h>

enum stage { SOCKS_STAGE_GREETING, SOCKS_STAGE_LOGIN, SOCKS_STAGE_REQUEST };

/* ------ replies ------ */

void gateway_socks_address(struct socks_address *out, const struct address *address)
{
	char host[ADDRESS_TEXT_MAX];
	size_t length;

	*out = (struct socks_address){ .host = "0.0.0.0" };
	address_host(host, address);
	length = strcspn(host, "%");
	if (length == 0 || length >= sizeof(out->host))
		return;
	memcpy(out->host, host, length);
	out->host[length] = '\0';
	out->port = (int)address_port(address);
}

size_t gateway_socks_grant(const struct session *session, char out[static SOCKS_MESSAGE_MAX],
			   const struct address *bound)
{
	const struct gateway_state *state = session_state((struct session *)(uintptr_t)session);
	struct socks_address address;

	gateway_socks_address(&address, bound);
	return state->socks_version == 4 ? socks4_write_reply(out, true, &address)
					 : socks5_write_reply(out, SOCKS_GRANTED, &address);
}

void gateway_socks_refuse(struct session *session, int reply, const char *reason)
{
	char out[SOCKS_MESSAGE_MAX];
	const size_t length = gateway_state(session)->socks_version == 4
				      ? socks4_write_reply(out, false, NULL)
				      : socks5_write_reply(out, reply, NULL);

	session_limit(session, 0);
	session_say_last(session, out, length, reason);
}

void gateway_socks_expired(struct session *session)
{
	session_finish(session, "the request was not whole in time (--handshake-timeout)");
}

/* ------ the request ------ */

static void socks_opened(struct session *session, const struct address *local,
			 const struct failure *why)
{
	char out[SOCKS_MESSAGE_MAX];

	if (why)
		gateway_socks_refuse(session, gateway_socks_reply(why), "target not reached");
	else
		gateway_tunnel_start(session, out, gateway_socks_grant(session, out, local));
}

static void socks_connect(struct session *session, const struct socks_address *to)
{
	struct endpoint target;
	struct failure why = { 0 };
	char text[ENDPOINT_TEXT_MAX];

	if (!gateway_target(&target, to->host, to->port, &why)) {
		gateway_socks_refuse(session, SOCKS_FAILED, "no target that can be");
		return;
	}
	gateway_say(session, gateway_state(session)->socks_version == 4 ? "SOCKS 4" : "SOCKS 5",
		    endpoint_text(text, &target));
	if (gateway_host_permitted(session, target.host))
		gateway_open(session, &target, socks_opened);
	else
		gateway_socks_refuse(session, SOCKS_NOT_ALLOWED, "private target");
}

static void socks_do(struct session *session, enum socks_command command,
		     const struct socks_address *to)
{
	gateway_begin_work(session);
	if (command == SOCKS_CONNECT)
		socks_connect(session, to);
	else if (gateway_data(session)->options->target.proxy_count > 0)
		gateway_socks_refuse(session, SOCKS_COMMAND_UNKNOWN,
				     "not possible through a proxy");
	else if (command == SOCKS_BIND)
		gateway_bind_start(session, to);
	else
		gateway_udp_start(session, to);
}

/* ------ version 4 ------ */

static bool socks4_talk(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	char user[SOCKS_NAME_MAX];
	struct socks_address to;
	enum socks_command command;
	struct failure why = { 0 };
	size_t used;

	switch (socks4_parse_request(buffer_bytes(&state->in), state->in.length, &command, &to,
				     user, &used, &why)) {
	case IO_AGAIN:
		return true;
	case IO_DONE:
		break;
	default:
		gateway_socks_refuse(session, SOCKS_FAILED, "a malformed request of SOCKS 4");
		return false;
	}
	buffer_take(&state->in, used);
	/* Version 4 has a user, and nothing that proves it. */
	if (gateway_data(session)->options->logins->count > 0)
		gateway_socks_refuse(session, SOCKS_NOT_ALLOWED, "SOCKS 4 has no password");
	else
		socks_do(session, command, &to);
	return false;
}

/* ------ version 5 ------ */

/* A message that is not the last. False: the session is over. */
static bool socks5_say(struct session *session, const char *bytes, size_t length)
{
	return session_write(session, bytes, length) != IO_FAILED;
}

static enum io socks5_greeting(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	const bool needed = gateway_data(session)->options->logins->count > 0;
	const int method = needed ? SOCKS_METHOD_PASSWORD : SOCKS_METHOD_NONE;
	char out[SOCKS_MESSAGE_MAX];
	uint32_t methods = 0;
	size_t used;
	struct failure why = { 0 };
	const enum io r = socks5_parse_greeting(buffer_bytes(&state->in), state->in.length,
						&methods, &used, &why);

	if (r == IO_FAILED)
		session_fail(session, &why);
	if (r != IO_DONE)
		return r;
	buffer_take(&state->in, used);
	if (!(methods & (uint32_t)1 << method)) {
		session_limit(session, 0);
		session_say_last(session, out, socks5_write_choice(out, SOCKS_METHOD_REFUSED),
				 needed ? "the client offers no password"
					: "the client wants a login, and there is none");
		return IO_FAILED;
	}
	state->socks_stage = needed ? SOCKS_STAGE_LOGIN : SOCKS_STAGE_REQUEST;
	return socks5_say(session, out, socks5_write_choice(out, method)) ? IO_DONE : IO_FAILED;
}

static enum io socks5_login(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	char user[SOCKS_NAME_MAX], password[SOCKS_NAME_MAX], out[SOCKS_MESSAGE_MAX];
	size_t used;
	bool valid;
	struct failure why = { 0 };
	const enum io r = socks5_parse_login(buffer_bytes(&state->in), state->in.length, user,
					     password, &used, &why);

	if (r == IO_FAILED)
		session_fail(session, &why);
	if (r != IO_DONE)
		return r;
	valid = login_valid(gateway_data(session)->options->logins, user, password);
	memory_wipe(password, sizeof(password));
	memory_wipe(buffer_bytes(&state->in), used);
	buffer_take(&state->in, used);
	if (!valid) {
		session_limit(session, 0);
		session_say_last(session, out, socks5_write_login_reply(out, false), "wrong login");
		return IO_FAILED;
	}
	state->socks_stage = SOCKS_STAGE_REQUEST;
	return socks5_say(session, out, socks5_write_login_reply(out, true)) ? IO_DONE : IO_FAILED;
}

static enum io socks5_request(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	struct socks_address to;
	enum socks_command command;
	int reply = SOCKS_FAILED;
	size_t used;
	struct failure why = { 0 };
	const enum io r = socks5_parse_request(buffer_bytes(&state->in), state->in.length, &command,
					       &to, &reply, &used, &why);

	if (r == IO_FAILED)
		gateway_socks_refuse(session, reply, "a malformed request of SOCKS 5");
	if (r != IO_DONE)
		return r;
	buffer_take(&state->in, used);
	socks_do(session, command, &to);
	return IO_END;
}

/* Clients may send all their messages at once. */
static bool socks5_talk(struct session *session)
{
	struct gateway_state *state = gateway_state(session);
	enum io r = IO_DONE;

	while (r == IO_DONE) {
		if (state->socks_stage == SOCKS_STAGE_GREETING)
			r = socks5_greeting(session);
		else if (state->socks_stage == SOCKS_STAGE_LOGIN)
			r = socks5_login(session);
		else
			r = socks5_request(session);
	}
	return r == IO_AGAIN;
}

bool gateway_socks_talk(struct session *session)
{
	struct gateway_state *state = gateway_state(session);

	if (state->socks_version == 0)
		state->socks_version = (uint8_t)buffer_bytes(&state->in)[0];
	return state->socks_version == 4 ? socks4_talk(session) : socks5_talk(session);
}
