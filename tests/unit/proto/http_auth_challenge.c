/* SPDX-License-Identifier: MIT */
/* The strongest challenge of a head.
 * Holds: the examples of RFC 7617 and RFC 7616; SHA-256 goes before MD5 before Basic, in any order,
 * in one field or several; the first of equals; quoted strings, tokens, blanks, letters of any
 * case, empty elements; unknown schemes, token68 and unknown parameters pass; what is malformed,
 * too long, unknown or cannot be answered is passed over, and what stands beside it is found; Basic
 * is known whatever its parameters; other fields do not matter. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/http_auth.h>

static struct http_head head;
static struct http_challenge found;

static void add(const char *name, const char *value)
{
	head.fields[head.field_count++] = (struct http_field){
		.name = name,
		.value = value,
		.name_length = strlen(name),
		.value_length = strlen(value),
	};
}

static const struct http_challenge *choose(void)
{
	http_challenge_choose(&found, &head, "WWW-Authenticate");
	return &found;
}

static const struct http_challenge *of(const char *value)
{
	head.field_count = 0;
	add("www-authenticate", value);
	return choose();
}

static void assert_none(const char *value)
{
	static const struct http_challenge nothing;

	cr_assert_eq(of(value)->scheme, HTTP_AUTH_NONE, "%s", value);
	cr_assert_arr_eq(&found, &nothing, sizeof(found), "%s", value);
}

Test(http_auth_challenge, basic)
{
	cr_assert_eq(of("Basic realm=\"WallyWorld\"")->scheme, HTTP_AUTH_BASIC);
	cr_assert_str_eq(found.realm, "WallyWorld");
	cr_assert_null(found.algorithm);
	cr_assert_not(found.utf8);
	cr_assert_eq(of("Basic realm=\"foo\", charset=\"UTF-8\"")->scheme, HTTP_AUTH_BASIC);
	cr_assert(found.utf8);
}

Test(http_auth_challenge, basic_whatever_its_parameters)
{
	static const char *const values[] = {
		"Basic",          "BASIC",
		"Basic realm",    "Basic realm=Foo Bar",
		"Basic realm=\"", "Basic realm=\"a\", realm=\"b\"",
		"Basic , x",      "Basic realm=\"Cisco\"junk",
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		cr_assert_eq(of(values[i])->scheme, HTTP_AUTH_BASIC, "%s", values[i]);
}

Test(http_auth_challenge, basic_has_nothing_of_digest)
{
	of("Basic realm=r, nonce=n, opaque=o, algorithm=SHA-256-sess, qop=auth, userhash=true, "
	   "stale=true");
	cr_assert_eq(found.scheme, HTTP_AUTH_BASIC);
	cr_assert_str_eq(found.realm, "r");
	cr_assert_null(found.algorithm);
	cr_assert_str_eq(found.nonce, "");
	cr_assert_str_eq(found.opaque, "");
	cr_assert_not(found.algorithm_given || found.session || found.qop_auth || found.userhash ||
		      found.stale);
}

Test(http_auth_challenge, examples_of_rfc_7616)
{
	head.field_count = 0;
	add("WWW-Authenticate", "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
				"algorithm=SHA-256, "
				"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
				"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
	add("WWW-Authenticate", "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
				"algorithm=MD5, "
				"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
				"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
	cr_assert_eq(choose()->scheme, HTTP_AUTH_DIGEST);
	cr_assert_str_eq(found.algorithm, "SHA-256");
	cr_assert(found.algorithm_given);
	cr_assert_str_eq(found.realm, "http-auth@example.org");
	cr_assert_str_eq(found.nonce, "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v");
	cr_assert_str_eq(found.opaque, "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
	cr_assert(found.qop_auth);
	cr_assert_not(found.session || found.userhash || found.stale || found.utf8);
	/* 3.9.2: SHA-512-256 alone */
	assert_none("Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, "
		    "nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", charset=UTF-8, "
		    "userhash=true");
}

Test(http_auth_challenge, of_rfc_2069)
{
	of("Digest realm=\"r\", domain=\"/a /b\", nonce=\"n\"");
	cr_assert_eq(found.scheme, HTTP_AUTH_DIGEST);
	cr_assert_str_eq(found.algorithm, "MD5");
	cr_assert_not(found.algorithm_given);
	cr_assert_not(found.qop_auth);
	cr_assert_str_eq(found.opaque, "");
	cr_assert_eq(of("Digest realm=\"\", nonce=\"\", qop=\"\"")->scheme, HTTP_AUTH_DIGEST);
	cr_assert_not(found.qop_auth);
}

Test(http_auth_challenge, flags)
{
	of("Digest realm=r, nonce=n, qop=auth, stale=TRUE, userhash=true, charset=utf-8, "
	   "algorithm=\"md5-SESS\"");
	cr_assert_str_eq(found.algorithm, "MD5");
	cr_assert(found.session && found.stale && found.userhash && found.utf8 && found.qop_auth);
	of("Digest realm=r, nonce=n, qop=auth, stale=false, userhash=no, charset=latin1, "
	   "algorithm=sha-256-sess");
	cr_assert_str_eq(found.algorithm, "SHA-256");
	cr_assert(found.session);
	cr_assert_not(found.stale || found.userhash || found.utf8);
}

Test(http_auth_challenge, the_strongest_in_any_order)
{
	static const char *const schemes[] = {
		"Basic realm=\"basic\"",
		"Digest realm=\"md5\", nonce=\"1\", qop=\"auth\"",
		"Digest realm=\"sha\", nonce=\"2\", qop=\"auth\", algorithm=SHA-256",
		"Negotiate",
		"NTLM TlRMTVNTUAAB==",
	};
	enum { SCHEMES = sizeof(schemes) / sizeof(schemes[0]) };

	for (size_t first = 0; first < SCHEMES; first++) {
		for (size_t second = 0; second < SCHEMES; second++) {
			const size_t best = first > 2        ? second
					    : second > 2     ? first
					    : first > second ? first
							     : second;
			static const char *const realms[] = { "basic", "md5", "sha", "", "" };
			char line[300];

			snprintf(line, sizeof(line), "%s, %s", schemes[first], schemes[second]);
			cr_assert_str_eq(of(line)->realm, realms[best], "%s", line);
			head.field_count = 0;
			add("WWW-Authenticate", schemes[first]);
			add("WWW-Authenticate", schemes[second]);
			cr_assert_str_eq(choose()->realm, realms[best], "%s", line);
		}
	}
}

Test(http_auth_challenge, the_first_of_equals)
{
	of("Digest realm=a, nonce=1, Digest realm=b, nonce=2, Basic realm=c");
	cr_assert_str_eq(found.realm, "a");
	cr_assert_str_eq(found.nonce, "1");
	cr_assert_str_eq(of("Basic realm=a, Basic realm=b")->realm, "a");
}

Test(http_auth_challenge, syntax)
{
	of(",, Newauth realm=\"apps\", type=1,\ttitle=\"Login to \\\"apps\\\", Basic\" , "
	   "dIGEST \t NONCE = \"n\\\"\\\\\" ,, realm=\t\"a, Basic realm=b\", X=\"\\\", Basic\",");
	cr_assert_eq(found.scheme, HTTP_AUTH_DIGEST);
	cr_assert_str_eq(found.nonce, "n\"\\");
	cr_assert_str_eq(found.realm, "a, Basic realm=b");
	of("Digest, realm=\"r\", nonce=\"n\"");
	cr_assert_eq(found.scheme, HTTP_AUTH_DIGEST);
	cr_assert_str_eq(found.nonce, "n");
	of("Digest realm=\"a\tb\303\244\", nonce=\"n\"");
	cr_assert_str_eq(found.realm, "a\tb\303\244");
}

Test(http_auth_challenge, what_cannot_be_answered)
{
	assert_none("");
	assert_none(",");
	assert_none("Bearer realm=\"x\"");
	assert_none("Negotiate YWJj==");
	assert_none("realm=\"r\", nonce=\"n\"");
	assert_none("Digest");
	assert_none("Digest realm=\"r\"");
	assert_none("Digest nonce=\"n\"");
	assert_none("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"");
	assert_none("Digest realm=\"r\", nonce=\"n\", qop=\"authentic\"");
	assert_none("Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess");
	assert_none("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256-sess, qop=auth-int");
	assert_none("Digest realm=\"r\", nonce=\"n\", algorithm=MD4");
	assert_none("Digest realm=\"r\", nonce=\"n\", algorithm=MD5-session, qop=auth");
	assert_none("Digest realm=\"r\", nonce=\"n\", algorithm=MD55");
	assert_none("Digest realm=\"r\", nonce=\"n\", algorithm=\"\"");
}

Test(http_auth_challenge, what_is_malformed)
{
	assert_none("Digest realm=\"r\", nonce=\"n");
	assert_none("Digest realm=\"r\", nonce=\"n\\");
	assert_none("Digest realm=\"r\", nonce=\"n\"x");
	assert_none("Digest realm=\"r\", nonce=\"n\" \"m\"");
	assert_none("Digest realm=\"r\" nonce=\"n\"");
	assert_none("Digest realm=\"r\", nonce=n m");
	assert_none("Digest realm=\"r\", nonce=");
	assert_none("Digest realm=\"r\", nonce=\"n\", realm=\"r\"");
	assert_none("Digest realm=\"r\", nonce=\"n\", \"x\"");
	assert_none("Digest realm=\"r\", nonce=\"n\", =x");
	assert_none("Digest realm=\"r\", nonce=\"n\", @");
	assert_none("Digest realm=\"r\1\", nonce=\"n\"");
	assert_none("Digest realm=\"r\", nonce=\"n\177\"");
	assert_none("Digest realm=\"r\", nonce=\"n\\\r\"");
}

Test(http_auth_challenge, what_stands_beside_it)
{
	cr_assert_eq(of("Digest realm=\"r\" nonce=\"n\", Basic realm=\"b\"")->scheme,
		     HTTP_AUTH_BASIC);
	cr_assert_str_eq(found.realm, "b");
	of("Digest algorithm=SHA-512-256, realm=a, nonce=1, Digest realm=b, nonce=2");
	cr_assert_str_eq(found.realm, "b");
	head.field_count = 0;
	add("WWW-Authenticate", "Digest realm=\"");
	add("WWW-Authenticate", "realm=\"not of the one above\", nonce=\"n\"");
	add("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"");
	add("Proxy-Authenticate", "Digest realm=\"p\", nonce=\"p\", algorithm=SHA-256");
	cr_assert_str_eq(choose()->realm, "r");
}

Test(http_auth_challenge, long_texts)
{
	char line[4000], text[HTTP_AUTH_TEXT_MAX + 1];

	memset(text, 'x', sizeof(text));
	text[HTTP_AUTH_TEXT_MAX - 1] = '\0';
	snprintf(line, sizeof(line), "Digest realm=\"%s\", nonce=%s, opaque=\"\\%s\"", text, text,
		 text);
	of(line);
	cr_assert_str_eq(found.realm, text);
	cr_assert_str_eq(found.nonce, text);
	cr_assert_str_eq(found.opaque, text);
	text[HTTP_AUTH_TEXT_MAX - 1] = 'x';
	text[HTTP_AUTH_TEXT_MAX] = '\0';
	snprintf(line, sizeof(line), "Digest realm=\"%s\", nonce=n", text);
	assert_none(line);
	snprintf(line, sizeof(line), "Digest realm=r, nonce=%s", text);
	assert_none(line);
	/* It does not matter how long that is which nobody asks for. */
	snprintf(line, sizeof(line), "Digest realm=r, nonce=n, domain=\"%s %s %s\"", text, text,
		 text);
	cr_assert_eq(of(line)->scheme, HTTP_AUTH_DIGEST);
}
