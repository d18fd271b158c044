/* SPDX-License-Identifier: MIT */
/* Message digests.
 * Holds: the published digests of each algorithm, as bytes and as text, in one piece and in many; a
 * copy goes its own way; names are found by their whole length alone, and every one that messages
 * list is found. */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/base/digest.h>

/* FIPS 180-4 examples, RFC 1321 appendix A.5. */
static const struct {
	const char *name;
	size_t length;
	const char *empty, *abc;
} published[] = {
	{ "sha256", 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "sha512", 64,
	  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ "sha1", 20, "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	  "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "md5", 16, "d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72" },
};

enum { PUBLISHED = sizeof(published) / sizeof(published[0]) };

static const struct digest_algorithm *find(const char *name)
{
	const struct digest_algorithm *found = digest_find(name, strlen(name));

	cr_assert_not_null(found);
	return found;
}

Test(digest, published_values)
{
	for (size_t i = 0; i < PUBLISHED; i++) {
		const struct digest_algorithm *algorithm = find(published[i].name);
		char text[DIGEST_TEXT_MAX];
		struct digest d;

		cr_assert_str_eq(digest_name(algorithm), published[i].name);
		cr_assert_eq(digest_length(algorithm), published[i].length);
		digest_start(&d, algorithm);
		cr_assert_str_eq(digest_finish_text(&d, text), published[i].empty);
		cr_assert_eq(strlen(text), 2 * published[i].length);
		digest_start(&d, algorithm);
		digest_add(&d, "abc", 3);
		cr_assert_str_eq(digest_finish_text(&d, text), published[i].abc);
	}
}

Test(digest, bytes_are_the_text)
{
	static const uint8_t abc[16] = { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0,
					 0xd6, 0x96, 0x3f, 0x7d, 0x28, 0xe1, 0x7f, 0x72 };
	uint8_t bytes[DIGEST_BYTES_MAX];
	struct digest d;

	digest_start(&d, find("md5"));
	digest_add(&d, "abc", 3);
	cr_assert_eq(digest_finish(&d, bytes), 16);
	cr_assert_arr_eq(bytes, abc, 16);
}

Test(digest, pieces_count_as_one)
{
	for (size_t i = 0; i < PUBLISHED; i++) {
		char whole[DIGEST_TEXT_MAX], pieces[DIGEST_TEXT_MAX], bytes[1000];
		struct digest d;

		memset(bytes, 'x', sizeof(bytes));
		digest_start(&d, find(published[i].name));
		digest_add(&d, bytes, sizeof(bytes));
		digest_finish_text(&d, whole);
		digest_start(&d, find(published[i].name));
		for (size_t at = 0, length; at < sizeof(bytes); at += length) {
			length = at % 7 < sizeof(bytes) - at ? at % 7 : sizeof(bytes) - at;
			digest_add(&d, NULL, 0);
			length += length == 0;
			digest_add(&d, bytes + at, length);
		}
		cr_assert_str_eq(digest_finish_text(&d, pieces), whole);
	}
}

Test(digest, a_copy_goes_its_own_way)
{
	for (size_t i = 0; i < PUBLISHED; i++) {
		char text[DIGEST_TEXT_MAX];
		struct digest d, copy;

		digest_start(&d, find(published[i].name));
		digest_add(&d, "ab", 2);
		copy = d;
		digest_add(&copy, "other", 5);
		digest_finish_text(&copy, text);
		cr_assert_str_neq(text, published[i].abc);
		digest_add(&d, "c", 1);
		cr_assert_str_eq(digest_finish_text(&d, text), published[i].abc);
	}
}

Test(digest, names)
{
	cr_assert_str_eq(digest_names(), "sha256, sha512, sha1, md5");
	for (const char *name = digest_names(); *name;) {
		const size_t length = strcspn(name, ",");

		cr_assert_not_null(digest_find(name, length));
		name += length;
		name += strspn(name, ", ");
	}
	cr_assert_eq(digest_find("sha256:00", 6), find("sha256"));
	cr_assert_null(digest_find("sha25", 5));
	cr_assert_null(digest_find("sha2567", 7));
	cr_assert_null(digest_find("SHA256", 6));
	cr_assert_null(digest_find("", 0));
}
