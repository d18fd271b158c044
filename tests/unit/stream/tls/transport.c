/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/transport.c Holds: what is written is gathered and goes out whole, in as
 * many sends as below takes; beyond the cap writing has to wait; reading passes on bytes; an end
 * and a failure of below are remembered, look like waiting, and below is not asked again. */
#include "tls_memory.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/tls/transport.h>

static struct tls_memory wire;
static struct transport transport;
static struct failure why;

static BIO *begin(void)
{
	tls_memory_init(&wire);
	transport.below = &wire.a.stream;
	return transport_bio(&transport);
}

static void end(BIO *bio)
{
	BIO_free(bio);
	transport_free(&transport);
	tls_memory_free(&wire);
}

Test(tls_transport, gathers)
{
	BIO *bio = begin();

	cr_assert_eq(BIO_write(bio, "abc", 3), 3);
	cr_assert_eq(BIO_write(bio, "def", 3), 3);
	cr_assert_eq(BIO_flush(bio), 1);
	cr_assert_eq(wire.way[0].total, 0);
	cr_assert_eq(transport_send(&transport, &why), IO_DONE);
	cr_assert_eq(wire.way[0].writes, 1);
	cr_assert_arr_eq(buffer_bytes(&wire.way[0].bytes), "abcdef", 6);
	cr_assert_null(transport.out.data);
	end(bio);
}

Test(tls_transport, sends_as_much_as_is_taken)
{
	BIO *bio = begin();

	wire.way[0].piece = 2;
	wire.way[0].window = 5;
	BIO_write(bio, "abcdef", 6);
	cr_assert_eq(transport_send(&transport, &why), IO_AGAIN);
	cr_assert_eq(wire.way[0].writes, 3);
	cr_assert_eq(transport.out.length, 1);
	wire.way[0].lost = true;
	cr_assert_eq(transport_send(&transport, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SEND);
	end(bio);
}

Test(tls_transport, has_a_cap)
{
	static char bytes[TRANSPORT_CAP];
	BIO *bio = begin();

	cr_assert_eq(BIO_write(bio, bytes, TRANSPORT_CAP - 1), TRANSPORT_CAP - 1);
	cr_assert_eq(BIO_write(bio, bytes, 20), 20);
	cr_assert(BIO_write(bio, bytes, 1) <= 0);
	cr_assert(BIO_should_retry(bio) && BIO_should_write(bio));
	end(bio);
}

Test(tls_transport, reads)
{
	BIO *bio = begin();
	char got[10];

	cr_assert(BIO_read(bio, got, sizeof(got)) <= 0);
	cr_assert(BIO_should_retry(bio) && BIO_should_read(bio));
	cr_assert(transport.starved);
	buffer_add(&wire.way[1].bytes, "abc", 3);
	cr_assert_eq(BIO_read(bio, got, sizeof(got)), 3);
	cr_assert_arr_eq(got, "abc", 3);
	end(bio);
}

Test(tls_transport, remembers_an_end)
{
	BIO *bio = begin();
	char got[10];

	wire.way[1].ended = true;
	cr_assert(BIO_read(bio, got, sizeof(got)) <= 0);
	cr_assert(BIO_should_retry(bio));
	cr_assert(transport.ended && transport.starved);
	buffer_add(&wire.way[1].bytes, "abc", 3);
	cr_assert(BIO_read(bio, got, sizeof(got)) <= 0, "below is not asked again");
	cr_assert_null(transport.lost);
	end(bio);
}

Test(tls_transport, remembers_a_failure)
{
	BIO *bio = begin();
	char got[10];

	wire.way[1].lost = true;
	cr_assert(BIO_read(bio, got, sizeof(got)) <= 0);
	cr_assert(BIO_should_retry(bio));
	cr_assert_not_null(transport.lost);
	cr_assert_str_eq(transport.lost->text, "connection reset by peer");
	cr_assert(!transport.ended);
	end(bio);
}
