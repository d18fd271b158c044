/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_digest.c
 * Holds: the published digests of the empty text and of "abc", for each algorithm and each
 * direction apart; what the layer below did not take does not count; asking does not end the
 * digest; bytes are unchanged and never spliced past; an unknown algorithm is a usage failure
 * that names the known ones. */
#include "relay_played.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/layer_digest.h>

/* FIPS 180-4 examples, RFC 1321 appendix A.5. */
static const struct {
	const char *algorithm, *empty, *abc;
} vectors[] = {
	{ "sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "sha512",
	  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ "sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	  "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ "md5", "d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72" },
};

static struct played below;
static struct failure why;
static char text[DIGEST_TEXT_MAX];

static void set_up(void)
{
	played_init(&below);
}

static void tear_down(void)
{
	played_free(&below);
}

TestSuite(layer_digest, .init = set_up, .fini = tear_down);

Test(layer_digest, published_values)
{
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		struct stream *s = layer_digest_new(&below.stream, vectors[i].algorithm, &why);
		const struct iovec v[2] = { { (void *)"a", 1 }, { (void *)"bc", 2 } };
		char bytes[8];
		size_t n;

		cr_assert_not_null(s);
		cr_assert_str_eq(layer_digest_text(s, STREAM_READ, text), vectors[i].empty);
		cr_assert_str_eq(layer_digest_text(s, STREAM_WRITE, text), vectors[i].empty);
		cr_assert_eq(stream_writev(s, v, 2, &n, &why), IO_DONE);
		cr_assert_str_eq(layer_digest_text(s, STREAM_WRITE, text), vectors[i].abc);
		cr_assert_str_eq(layer_digest_text(s, STREAM_READ, text), vectors[i].empty);
		buffer_add(&below.gives, "abc", 3);
		cr_assert_eq(stream_read(s, bytes, 1, &n, &why), IO_DONE);
		cr_assert_str_neq(layer_digest_text(s, STREAM_READ, text), vectors[i].abc);
		cr_assert_eq(stream_read(s, bytes + 1, 7, &n, &why), IO_DONE);
		cr_assert_arr_eq(bytes, "abc", 3);
		cr_assert_str_eq(layer_digest_text(s, STREAM_READ, text), vectors[i].abc);
		stream_free(s);
	}
}

Test(layer_digest, what_was_not_taken_does_not_count)
{
	struct stream *s = layer_digest_new(&below.stream, "md5", &why);
	size_t n;

	below.takes = 0;
	cr_assert_eq(stream_write(s, "abc", 3, &n, &why), IO_AGAIN);
	cr_assert_eq(stream_read(s, text, 1, &n, &why), IO_AGAIN);
	below.takes = 3;
	cr_assert_eq(stream_write(s, "abcdef", 6, &n, &why), IO_DONE);
	cr_assert_eq(n, 3);
	cr_assert_str_eq(layer_digest_text(s, STREAM_WRITE, text), vectors[3].abc);
	cr_assert_str_eq(layer_digest_text(s, STREAM_READ, text), vectors[3].empty);
	stream_free(s);
}

static int raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return 42;
}

Test(layer_digest, nothing_is_spliced_past_it)
{
	struct stream_ops ops = *below.stream.ops;
	struct stream *s = layer_digest_new(&below.stream, "sha1", &why);

	ops.raw_fd = raw_fd;
	below.stream.ops = &ops;
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
	stream_free(s);
}

Test(layer_digest, an_unknown_algorithm_is_named)
{
	cr_assert_null(layer_digest_new(&below.stream, "sha3", &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, "digest sha3 is not known: sha256, sha512, sha1 or md5");
	cr_assert_null(layer_digest_new(&below.stream, "", &why));
}
