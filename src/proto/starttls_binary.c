/* SPDX-License-Identifier: MIT */
/* starttls_binary.c - asking for TLS in protocols of bytes and of XML. */
#include <stdint.h>
#include <string.h>

#include <sockutil/proto/starttls_parts.h>

/* ------ postgres: "Frontend/Backend Protocol", SSLRequest ------ */

enum io starttls_postgres(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
			  struct failure *why)
{
	static const char request[] = { 0, 0, 0, 8, 0x04, (char)0xd2, 0x16, 0x2f };

	if (s->step == 0) {
		s->step = 1;
		return starttls_say(out, request, sizeof(request), why) == IO_DONE ? IO_AGAIN
										   : IO_FAILED;
	}
	if (length == 0)
		return IO_AGAIN;
	if (bytes[0] == 'N')
		return starttls_stripped(s, why);
	if (bytes[0] != 'S')
		return fail(why, FAILURE_PROTOCOL,
			    "not a server of postgres: it answers with byte 0x%02x",
			    (unsigned char)bytes[0]);
	s->used = 1;
	return IO_DONE;
}

/* ------ mysql: "Client/Server Protocol", Handshake and SSLRequest ------ */

enum {
	MYSQL_HEADER = 4,
	MYSQL_VERSION = 10,
	/* Behind the version's text: thread, first part of the challenge, a zero. */
	MYSQL_FLAGS_BEHIND = 4 + 8 + 1,
	MYSQL_SSL = 0x0800,
	MYSQL_PROTOCOL_41 = 0x0200,
	MYSQL_SECURE = 0x8000,
	MYSQL_REQUEST = 32,
	MYSQL_UTF8 = 33,
};

static enum io mysql_say_request(struct buffer *out, struct failure *why)
{
	const unsigned flags = MYSQL_SSL | MYSQL_PROTOCOL_41 | MYSQL_SECURE;
	char packet[MYSQL_HEADER + MYSQL_REQUEST] = { MYSQL_REQUEST, 0, 0, 1 };

	packet[MYSQL_HEADER] = (char)(flags & 0xff);
	packet[MYSQL_HEADER + 1] = (char)(flags >> 8);
	packet[MYSQL_HEADER + 7] = 1; /* packets of up to 16 MiB */
	packet[MYSQL_HEADER + 8] = MYSQL_UTF8;
	return starttls_say(out, packet, sizeof(packet), why);
}

enum io starttls_mysql(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
		       struct failure *why)
{
	const unsigned char *b = (const unsigned char *)bytes;
	size_t size, version;

	if (length < MYSQL_HEADER + 1)
		return IO_AGAIN;
	size = MYSQL_HEADER + ((size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16);
	if (b[3] != 0 || b[MYSQL_HEADER] != MYSQL_VERSION)
		return fail(why, FAILURE_PROTOCOL,
			    "not a server of mysql, or one that turns us away");
	if (size > STARTTLS_MAX)
		return fail(why, FAILURE_SIZE, "a greeting of %zu bytes", size);
	if (length < size)
		return IO_AGAIN;
	version = MYSQL_HEADER + 1;
	while (version < size && b[version])
		++version;
	version += 1 + MYSQL_FLAGS_BEHIND;
	if (version + 2 > size)
		return fail(why, FAILURE_PROTOCOL, "the greeting of mysql is cut short");
	if (!((b[version] | b[version + 1] << 8) & MYSQL_SSL))
		return starttls_stripped(s, why);
	s->used = size;
	return mysql_say_request(out, why);
}

/* ------ ldap: RFC 4511, 4.14 ------ */

enum { BER_SEQUENCE = 0x30, BER_INTEGER = 0x02, BER_ENUMERATED = 0x0a, LDAP_EXTENDED = 0x78 };

/* A tag and its length at *at; moves behind them. IO_AGAIN: cut off. */
static enum io ber_head(const unsigned char *b, size_t length, size_t *at, unsigned char tag,
			size_t *size)
{
	size_t bytes;

	if (*at + 2 > length)
		return IO_AGAIN;
	if (b[*at] != tag)
		return IO_FAILED;
	*size = b[*at + 1];
	*at += 2;
	if (*size < 0x80)
		return IO_DONE;
	bytes = *size & 0x7f;
	if (bytes == 0 || bytes > 3)
		return IO_FAILED;
	if (*at + bytes > length)
		return IO_AGAIN;
	for (*size = 0; bytes > 0; --bytes)
		*size = *size << 8 | b[(*at)++];
	return IO_DONE;
}

/* IO_DONE: a whole answer of *whole bytes that ends with that result code. */
static enum io ldap_answer(const unsigned char *b, size_t length, size_t *whole, unsigned *code)
{
	size_t at = 0, size = 0;
	enum io r = ber_head(b, length, &at, BER_SEQUENCE, &size);

	if (r != IO_DONE)
		return r;
	*whole = at + size;
	if (*whole > STARTTLS_MAX)
		return IO_FAILED;
	if (length < *whole)
		return IO_AGAIN;
	/* From here on what is missing never comes. */
	if (ber_head(b, *whole, &at, BER_INTEGER, &size) != IO_DONE || size != 1 || at >= *whole ||
	    b[at] != 1)
		return IO_FAILED;
	++at;
	if (ber_head(b, *whole, &at, LDAP_EXTENDED, &size) != IO_DONE ||
	    ber_head(b, *whole, &at, BER_ENUMERATED, &size) != IO_DONE || size != 1 || at >= *whole)
		return IO_FAILED;
	*code = b[at];
	return IO_DONE;
}

enum io starttls_ldap(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
		      struct failure *why)
{
	/* LDAPMessage { 1, [APPLICATION 23] { [0] requestName } } */
	static const char request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
				      "1.3.6.1.4.1.1466.20037";
	size_t whole = 0;
	unsigned code = 0;

	if (s->step == 0) {
		s->step = 1;
		return starttls_say(out, request, sizeof(request) - 1, why) == IO_DONE ? IO_AGAIN
										       : IO_FAILED;
	}
	switch (ldap_answer((const unsigned char *)bytes, length, &whole, &code)) {
	case IO_AGAIN:
		return IO_AGAIN;
	case IO_DONE:
		break;
	default:
		return fail(why, FAILURE_PROTOCOL, "not a server of ldap");
	}
	if (code != 0)
		return fail(why, FAILURE_TLS, "the server refuses TLS: result code %u of ldap",
			    code);
	s->used = whole;
	return IO_DONE;
}

/* ------ xmpp: RFC 6120, 5 ------ */

static const char *find(const char *bytes, size_t length, const char *text)
{
	return length == 0 ? NULL : memmem(bytes, length, text, strlen(text));
}

static enum io xmpp_open(const struct starttls *s, struct buffer *out, struct failure *why)
{
	static const char head[] = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
				   "xmlns:stream='http://etherx.jabber.org/streams' "
				   "version='1.0' to='";

	/* A name that would break out of its quotes cannot be a server's. */
	if (s->host[strcspn(s->host, "'\"<>&")])
		return fail(why, FAILURE_USAGE, "not a name for xmpp: %s", s->host);
	if (starttls_say(out, head, sizeof(head) - 1, why) != IO_DONE ||
	    starttls_say(out, s->host, strlen(s->host), why) != IO_DONE ||
	    starttls_say(out, "'>", 2, why) != IO_DONE)
		return IO_FAILED;
	return IO_AGAIN;
}

static enum io xmpp_features(struct starttls *s, const char *bytes, size_t length,
			     struct buffer *out, struct failure *why)
{
	static const char end[] = "</stream:features>";
	static const char ask[] = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
	const char *close = find(bytes, length, end);
	size_t before;

	if (length > 0 && bytes[0] != '<')
		return fail(why, FAILURE_PROTOCOL, "not a server of xmpp");
	before = close ? (size_t)(close - bytes) : length;
	if (find(bytes, before, "<stream:features/>") || find(bytes, before, "</stream:stream>"))
		return starttls_stripped(s, why);
	if (!close)
		return IO_AGAIN;
	s->used = (size_t)(close - bytes) + sizeof(end) - 1;
	if (!find(bytes, s->used, "<starttls"))
		return starttls_stripped(s, why);
	s->step = 2;
	return starttls_say(out, ask, sizeof(ask) - 1, why);
}

/* The answer to what we asked: one element, empty or with an end of its own. */
static enum io xmpp_answer(struct starttls *s, const char *bytes, size_t length,
			   struct failure *why)
{
	static const char close[] = "</proceed>";
	const char *answer = bytes + s->used;
	const char *end = find(answer, length - s->used, ">");

	if (!end)
		return IO_AGAIN;
	if (!find(answer, (size_t)(end - answer), "<proceed"))
		return fail(why, FAILURE_TLS, "the server refuses TLS in xmpp");
	if (end[-1] != '/') {
		end = find(answer, length - s->used, close);
		if (!end)
			return IO_AGAIN;
		end += sizeof(close) - 2;
	}
	s->used = (size_t)(end - bytes) + 1;
	return IO_DONE;
}

enum io starttls_xmpp(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
		      struct failure *why)
{
	enum io r = IO_DONE;

	if (s->step == 0) {
		s->step = 1;
		return xmpp_open(s, out, why);
	}
	if (s->step == 1)
		r = xmpp_features(s, bytes, length, out, why);
	return r == IO_DONE ? xmpp_answer(s, bytes, length, why) : r;
}
