/* SPDX-License-Identifier: MIT */
/* Answers to challenges.
 * Holds: the examples of RFC 7617, RFC 2069, RFC 2617 and RFC 7616 (MD5 and SHA-256) to the byte;
 * "-sess"; the hashed user name, also of the RFC's user beyond ASCII; username* where the server
 * asks for UTF-8, and only there; quotes and backslashes are escaped but hashed as they are; the
 * algorithm and opaque are named only where the server did; nc counts; the answer goes behind what
 * is there. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/proto/http_auth.h>

static struct buffer out;

static void tear_down(void)
{
	buffer_free(&out);
}

TestSuite(http_auth, .fini = tear_down);

static const char *basic(const char *user, const char *password)
{
	const struct http_credentials who = { .user = user, .password = password };

	buffer_free(&out);
	cr_assert(http_auth_basic(&out, &who));
	return buffer_text(&out);
}

Test(http_auth, basic)
{
	cr_assert_str_eq(basic("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	cr_assert_str_eq(basic("test", "123\302\243"), "Basic dGVzdDoxMjPCow==");
	cr_assert_str_eq(basic("", ""), "Basic Og==");
	cr_assert_str_eq(basic("a", "b:c"), "Basic YTpiOmM=");
}

static const char *digest(const struct http_challenge *challenge, const char *user,
			  const char *password, const char *target, const char *cnonce,
			  uint32_t count)
{
	const struct http_credentials who = { .user = user, .password = password };

	buffer_free(&out);
	cr_assert(http_auth_digest(&out, challenge, &who, "GET", target, cnonce, count));
	return buffer_text(&out);
}

/* 2.4, with the response of erratum 749: the printed one is wrong. */
Test(http_auth, digest_of_rfc_2069)
{
	const struct http_challenge challenge = {
		.scheme = HTTP_AUTH_DIGEST,
		.realm = "testrealm@host.com",
		.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
		.opaque = "5ccc069c403ebaf9f0171e9517f40e41",
		.algorithm = "MD5",
	};

	cr_assert_str_eq(digest(&challenge, "Mufasa", "CircleOfLife", "/dir/index.html", "x", 1),
			 "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
			 "uri=\"/dir/index.html\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
			 "response=\"1949323746fe6a43ef61f9606e7febea\", "
			 "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
}

/* 3.5 */
Test(http_auth, digest_of_rfc_2617)
{
	const struct http_challenge challenge = {
		.scheme = HTTP_AUTH_DIGEST,
		.realm = "testrealm@host.com",
		.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
		.opaque = "5ccc069c403ebaf9f0171e9517f40e41",
		.algorithm = "MD5",
		.qop_auth = true,
	};

	cr_assert_str_eq(
		digest(&challenge, "Mufasa", "Circle Of Life", "/dir/index.html", "0a4f113b", 1),
		"Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
		"uri=\"/dir/index.html\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
		"nc=00000001, cnonce=\"0a4f113b\", qop=auth, "
		"response=\"6629fae49393a05397450978507c4ef1\", "
		"opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
}

/* 3.9.1 */
static struct http_challenge example(const char *algorithm)
{
	return (struct http_challenge){
		.scheme = HTTP_AUTH_DIGEST,
		.realm = "http-auth@example.org",
		.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
		.opaque = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
		.algorithm = algorithm,
		.algorithm_given = true,
		.qop_auth = true,
	};
}

static const char *example_digest(const struct http_challenge *challenge, uint32_t count)
{
	return digest(challenge, "Mufasa", "Circle of Life", "/dir/index.html",
		      "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", count);
}

#define EXAMPLE(algorithm, nc, response)                                                           \
	"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "   \
	"algorithm=" algorithm ", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=" nc  \
	", cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "                    \
	"response=\"" response "\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""

Test(http_auth, digest_of_rfc_7616)
{
	struct http_challenge challenge = example("MD5");

	cr_assert_str_eq(example_digest(&challenge, 1),
			 EXAMPLE("MD5", "00000001", "8ca523f5e9506fed4657c9700eebdbec"));
	challenge = example("SHA-256");
	cr_assert_str_eq(
		example_digest(&challenge, 1),
		EXAMPLE("SHA-256", "00000001",
			"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"));
}

/* Values of hashlib, by the formulas of 3.4. */
Test(http_auth, session)
{
	struct http_challenge challenge = example("MD5");

	challenge.session = true;
	cr_assert_str_eq(example_digest(&challenge, 1),
			 EXAMPLE("MD5-sess", "00000001", "e783283f46242139c486a698fec7211d"));
	challenge = example("SHA-256");
	challenge.session = true;
	cr_assert_str_eq(
		example_digest(&challenge, 1),
		EXAMPLE("SHA-256-sess", "00000001",
			"2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7"));
}

Test(http_auth, counts_uses_of_a_nonce)
{
	const struct http_challenge challenge = example("MD5");

	cr_assert_str_eq(example_digest(&challenge, 0xabcdef01),
			 EXAMPLE("MD5", "abcdef01", "02cacb369da6621749a0e65e7ac18e53"));
}

/* 3.9.2, with SHA-256 in place of SHA-512-256. */
static struct http_challenge of_jason(void)
{
	return (struct http_challenge){
		.scheme = HTTP_AUTH_DIGEST,
		.realm = "api@example.org",
		.nonce = "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
		.algorithm = "SHA-256",
		.algorithm_given = true,
		.qop_auth = true,
		.utf8 = true,
	};
}

static const char *digest_of_jason(const struct http_challenge *challenge)
{
	return digest(challenge, "J\303\244s\303\270n Doe", "Secret, or not?", "/doe.json",
		      "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm", 1);
}

#define JASON(username)                                                                            \
	"Digest username" username ", realm=\"api@example.org\", uri=\"/doe.json\", "              \
	"algorithm=SHA-256, nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "              \
	"nc=00000001, cnonce=\"NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm\", qop=auth, "                     \
	"response=\"06d0c14162099f487a92ebceaf71097534ee5f90d858386449c337ab69f7f6b8\""

Test(http_auth, hashed_user)
{
	struct http_challenge challenge = of_jason();

	challenge.userhash = true;
	cr_assert_str_eq(digest_of_jason(&challenge),
			 JASON("=\"5a1a8a47df5c298551b9b42ba9b05835174a5bd7d511ff7fe9191d8e946fc4e7"
			       "\"") ", userhash=true");
}

Test(http_auth, user_beyond_ascii)
{
	struct http_challenge challenge = of_jason();

	cr_assert_str_eq(digest_of_jason(&challenge), JASON("*=UTF-8''J%C3%A4s%C3%B8n%20Doe"));
	challenge.utf8 = false;
	cr_assert_str_eq(digest_of_jason(&challenge), JASON("=\"J\303\244s\303\270n Doe\""));
	/* Latin-1 is no UTF-8, ASCII needs none. */
	challenge.utf8 = true;
	cr_assert_not_null(strstr(digest(&challenge, "J\344s", "", "/", "c", 1),
				  "Digest username=\"J\344s\", "));
	cr_assert_not_null(
		strstr(digest(&challenge, "J*s", "", "/", "c", 1), "Digest username=\"J*s\", "));
}

Test(http_auth, quotes_are_escaped_and_hashed_as_they_are)
{
	const struct http_challenge challenge = {
		.scheme = HTTP_AUTH_DIGEST,
		.realm = "a \"b\" \\c",
		.nonce = "n\"",
		.opaque = "o\\",
		.algorithm = "MD5",
	};

	cr_assert_str_eq(digest(&challenge, "u\"\\", "p\"", "/\"", "c", 1),
			 "Digest username=\"u\\\"\\\\\", realm=\"a \\\"b\\\" \\\\c\", "
			 "uri=\"/\\\"\", nonce=\"n\\\"\", "
			 "response=\"4010e57286771af43b2a785818f683e2\", opaque=\"o\\\\\"");
}

Test(http_auth, goes_behind_what_is_there)
{
	const struct http_credentials who = { .user = "a", .password = "b" };
	const struct http_challenge challenge = example("MD5");

	cr_assert(buffer_add(&out, "Authorization: ", 15));
	cr_assert(http_auth_basic(&out, &who));
	cr_assert_str_eq(buffer_text(&out), "Authorization: Basic YTpi");
	cr_assert(http_auth_digest(&out, &challenge, &who, "GET", "/", "c", 1));
	cr_assert_eq(strncmp(buffer_text(&out), "Authorization: Basic YTpiDigest ", 32), 0);
}
