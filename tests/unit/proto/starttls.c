/* SPDX-License-Identifier: MIT */
/*
 * Holds: every dialogue as its RFC has it, however its answers are cut; a missing offer, a refusal,
 * another protocol, words behind the last one, and answers without end are failures that say so.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/proto/starttls.h>

static struct failure why;

/* Feeds the server's words byte by byte; said: everything we said, in one. */
static enum io talks(enum starttls_protocol protocol, const char *words, size_t length,
		     struct buffer *said)
{
	struct starttls s;
	enum io r;

	why = (struct failure){ 0 };
	starttls_init(&s, protocol, "example.org");
	r = starttls_step(&s, words, 0, said, &why);
	for (size_t i = 1; r == IO_AGAIN && i <= length; i++) {
		r = starttls_step(&s, words, i, said, &why);
	}
	return r;
}

static void reaches_tls(enum starttls_protocol protocol, const char *words, size_t length,
			const char *expected, size_t expected_length)
{
	struct buffer said = { 0 };

	cr_assert_eq(talks(protocol, words, length, &said), IO_DONE, "%s: %s",
		     starttls_names[protocol], why.text);
	cr_assert_eq(said.length, expected_length, "%s: %zu", starttls_names[protocol],
		     said.length);
	cr_assert_eq(memcmp(buffer_bytes(&said), expected, expected_length), 0, "%s",
		     starttls_names[protocol]);
	buffer_free(&said);
}

#define REACHES(protocol, words, said)                                                             \
	reaches_tls(protocol, words, sizeof(words) - 1, said, sizeof(said) - 1)

static void fails(enum starttls_protocol protocol, const char *words, size_t length,
		  enum failure_class class, const char *text)
{
	struct buffer said = { 0 };

	cr_assert_eq(talks(protocol, words, length, &said), IO_FAILED, "%s", words);
	cr_assert_eq(why.class, class, "%s", why.text);
	cr_assert_str_eq(why.text, text);
	buffer_free(&said);
}

#define FAILS(protocol, words, class, text) fails(protocol, words, sizeof(words) - 1, class, text)

Test(starttls, dialogues_of_lines)
{
	REACHES(STARTTLS_SMTP,
		"220-two\r\n220 lines\r\n250-x\r\n250-starttls\r\n250 y\r\n220 go\r\n",
		"EHLO localhost\r\nSTARTTLS\r\n");
	REACHES(STARTTLS_IMAP,
		"* OK hi\r\n* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK done\r\nb OK "
		"go\r\n",
		"a CAPABILITY\r\nb STARTTLS\r\n");
	REACHES(STARTTLS_POP3, "+OK hi <a@b>\r\n+OK list\r\nUIDL\r\nSTLS\r\n.\r\n+OK go\r\n",
		"CAPA\r\nSTLS\r\n");
	REACHES(STARTTLS_FTP, "220 hi\r\n234 go\r\n", "AUTH TLS\r\n");
	REACHES(STARTTLS_NNTP, "201 hi\r\n101 list\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n382 go\r\n",
		"CAPABILITIES\r\nSTARTTLS\r\n");
	REACHES(STARTTLS_SIEVE, "\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK\r\nOK \"go\"\r\n",
		"STARTTLS\r\n");
}

Test(starttls, other_dialogues)
{
	REACHES(STARTTLS_POSTGRES, "S", "\0\0\0\x08\x04\xd2\x16\x2f");
	REACHES(STARTTLS_LDAP, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00",
		"\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
		"1.3.6.1.4.1.1466.20037");
	REACHES(STARTTLS_MYSQL,
		"\x17\0\0\0\x0a"
		"8.0\0\x01\0\0\0abcdefgh\0\xff\xff\x21\x02\0",
		"\x20\0\0\x01\x00\x8a\0\0\0\0\0\x01\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0");
	REACHES(STARTTLS_XMPP,
		"<?xml version='1.0'?><stream:stream id='1'><stream:features>"
		"<starttls "
		"xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"
		"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
		"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='example.org'>"
		"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
	REACHES(STARTTLS_XMPP,
		"<stream:stream><stream:features><starttls xmlns='x'/></stream:features><proceed "
		"xmlns='x'></proceed>",
		"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
		"xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='example.org'>"
		"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
}

#define STRIPPED(name)                                                                             \
	"the server offers no TLS in " name " (or somebody on the way took the offer out)"

Test(starttls, offers_taken_out)
{
	FAILS(STARTTLS_SMTP, "220 x\r\n250-SIZE\r\n250 XSTARTTLS-NOT\r\n", FAILURE_TLS,
	      STRIPPED("smtp"));
	FAILS(STARTTLS_IMAP, "* OK\r\n* CAPABILITY IMAP4rev1\r\na OK\r\n", FAILURE_TLS,
	      STRIPPED("imap"));
	FAILS(STARTTLS_POP3, "+OK\r\n+OK\r\nUIDL\r\n.\r\n", FAILURE_TLS, STRIPPED("pop3"));
	FAILS(STARTTLS_NNTP, "200 x\r\n101 x\r\nREADER\r\n.\r\n", FAILURE_TLS, STRIPPED("nntp"));
	FAILS(STARTTLS_SIEVE, "\"SASL\" \"\"\r\nOK\r\n", FAILURE_TLS, STRIPPED("sieve"));
	FAILS(STARTTLS_POSTGRES, "N", FAILURE_TLS, STRIPPED("postgres"));
	FAILS(STARTTLS_MYSQL,
	      "\x17\0\0\0\x0a"
	      "8.0\0\x01\0\0\0abcdefgh\0\xff\xf7\x21\x02\0",
	      FAILURE_TLS, STRIPPED("mysql"));
	FAILS(STARTTLS_XMPP, "<stream:stream><stream:features><bind/></stream:features>",
	      FAILURE_TLS, STRIPPED("xmpp"));
	FAILS(STARTTLS_XMPP, "<stream:stream><stream:features/>", FAILURE_TLS, STRIPPED("xmpp"));
}

Test(starttls, refusals)
{
	FAILS(STARTTLS_SMTP, "220 x\r\n250 STARTTLS\r\n454 not now\r\n", FAILURE_TLS,
	      "the server refuses TLS: to STARTTLS it says \"454 not now\"");
	FAILS(STARTTLS_FTP, "220 x\r\n530 no\r\n", FAILURE_TLS,
	      "the server refuses TLS: to AUTH TLS it says \"530 no\"");
	FAILS(STARTTLS_POP3, "+OK\r\n-ERR what\r\n", FAILURE_TLS,
	      "the server refuses TLS: to CAPA it says \"-ERR what\"");
	FAILS(STARTTLS_IMAP, "* OK\r\n* CAPABILITY STARTTLS\r\na OK\r\nb NO\r\n", FAILURE_TLS,
	      "the server refuses TLS: to b STARTTLS it says \"b NO\"");
	FAILS(STARTTLS_LDAP, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00",
	      FAILURE_TLS, "the server refuses TLS: result code 52 of ldap");
	FAILS(STARTTLS_XMPP,
	      "<stream:stream><stream:features><starttls/></stream:features><failure/>",
	      FAILURE_TLS, "the server refuses TLS in xmpp");
}

Test(starttls, other_protocols)
{
	FAILS(STARTTLS_SMTP, "SSH-2.0-x\r\n", FAILURE_PROTOCOL,
	      "not a server of smtp: it says \"SSH-2.0-x\"");
	FAILS(STARTTLS_IMAP, "* PREAUTH x\r\n", FAILURE_PROTOCOL,
	      "not a server of imap: it says \"* PREAUTH x\"");
	FAILS(STARTTLS_POSTGRES, "E", FAILURE_PROTOCOL,
	      "not a server of postgres: it answers with byte 0x45");
	FAILS(STARTTLS_LDAP, "220 hello", FAILURE_PROTOCOL, "not a server of ldap");
	FAILS(STARTTLS_LDAP, "\x30\x02\x02\x01", FAILURE_PROTOCOL, "not a server of ldap");
	FAILS(STARTTLS_MYSQL, "\x17\0\0\0\xff\x10\x04", FAILURE_PROTOCOL,
	      "not a server of mysql, or one that turns us away");
	FAILS(STARTTLS_MYSQL,
	      "\x08\0\0\0\x0a"
	      "8.0\0\x01\0\0",
	      FAILURE_PROTOCOL, "the greeting of mysql is cut short");
	FAILS(STARTTLS_XMPP, "hello", FAILURE_PROTOCOL, "not a server of xmpp");
}

#define INJECTED(count)                                                                            \
	count " bytes came behind the server's last word before TLS: nobody may put words in "     \
	      "front of a "                                                                        \
	      "handshake"

static void injects(enum starttls_protocol protocol, const char *words, size_t length,
		    const char *text)
{
	struct buffer said = { 0 };
	struct starttls s;

	starttls_init(&s, protocol, "h");
	cr_assert_eq(starttls_step(&s, words, 0, &said, &why), IO_AGAIN);
	cr_assert_eq(starttls_step(&s, words, length, &said, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_PROTOCOL);
	cr_assert_str_eq(why.text, text);
	buffer_free(&said);
}

#define INJECTS(protocol, words, text) injects(protocol, words, sizeof(words) - 1, text)

Test(starttls, words_before_the_handshake)
{
	INJECTS(STARTTLS_SMTP, "220 x\r\n250 STARTTLS\r\n220 go\r\n250 injected\r\n",
		INJECTED("14"));
	INJECTS(STARTTLS_POSTGRES, "SE", INJECTED("1"));
	INJECTS(STARTTLS_LDAP, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00xyz",
		INJECTED("3"));
}

Test(starttls, answers_without_end)
{
	char *words = malloc(STARTTLS_MAX);
	struct buffer said = { 0 };
	struct starttls s;

	memset(words, 'x', STARTTLS_MAX);
	memcpy(words, "250-", 4);
	starttls_init(&s, STARTTLS_SMTP, "h");
	cr_assert_eq(starttls_step(&s, words, STARTTLS_MAX - 1, &said, &why), IO_AGAIN);
	cr_assert_eq(starttls_step(&s, words, STARTTLS_MAX, &said, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SIZE);
	cr_assert_str_eq(why.text, "more than 65536 bytes and no TLS yet");
	free(words);
	buffer_free(&said);
}

Test(starttls, a_name_that_breaks_out)
{
	struct buffer said = { 0 };
	struct starttls s;

	starttls_init(&s, STARTTLS_XMPP, "a' to='b");
	cr_assert_eq(starttls_step(&s, "", 0, &said, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_USAGE);
}
