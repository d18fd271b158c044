/* SPDX-License-Identifier: MIT */
/* Libraries loaded on first use.
 * Holds: the functions are filled from the first name that is there and has them all; what is
 * missing is named, a library or a function of it; the first answer stays; threads that ask at once
 * all get the same one. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include <sockutil/base/library.h>

static double (*cosine)(double angle);
static size_t (*length_of)(const char *text);

/* The C library and its part for numbers, as Linux and macOS call them. */
static const char *const names[] = { "libsockutil-none.so.7", "libm.so.6", "libm.so",
				     "libSystem.B.dylib", NULL };

Test(library, loads_the_first_that_is_there)
{
	static const struct library_symbol symbols[] = { { "cos", &cosine }, { NULL, NULL } };
	struct library library = { .purpose = "a cosine", .names = names, .symbols = symbols };
	struct failure why = { 0 };
	void *handle;

	cr_assert(library_load(&library, &why));
	cr_assert_eq(why.class, FAILURE_NONE);
	cr_assert_eq(cosine(0.0), 1.0);
	handle = library.handle;
	cr_assert_not_null(handle);
	cr_assert(library_load(&library, &why));
	cr_assert_eq(library.handle, handle);
}

Test(library, goes_on_where_a_function_is_missing)
{
	static const char *const both[] = { "libm.so.6", "libc.so.6", "libSystem.B.dylib", NULL };
	static const struct library_symbol symbols[] = { { "strlen", &length_of }, { NULL, NULL } };
	struct library library = { .purpose = "a length", .names = both, .symbols = symbols };
	struct failure why;

	cr_assert(library_load(&library, &why));
	cr_assert_eq(length_of("four"), 4);
}

Test(library, names_what_is_missing)
{
	static const char *const none[] = { "libsockutil-none.so.7", "libsockutil-none.dylib",
					    NULL };
	struct library library = {
		.purpose = "gzip",
		.names = none,
		.symbols = (const struct library_symbol[]){ { NULL, NULL } },
	};

	for (int again = 0; again < 2; again++) {
		struct failure why = { 0 };

		cr_assert_not(library_load(&library, &why));
		cr_assert_eq(why.class, FAILURE_USAGE);
		cr_assert_str_eq(why.text,
				 "gzip needs libsockutil-none.so.7, which is not installed");
		cr_assert(library.tried);
		library.names = names;
	}
}

Test(library, names_the_function_that_is_missing)
{
	static const struct library_symbol symbols[] = { { "cos", &cosine },
							 { "sockutil_none", &length_of },
							 { NULL, NULL } };
	struct library library = { .purpose = "gzip", .names = names, .symbols = symbols };

	for (int again = 0; again < 2; again++) {
		struct failure why = { 0 };

		cr_assert_not(library_load(&library, &why));
		cr_assert_eq(why.class, FAILURE_USAGE);
		cr_assert_str_eq(why.text, "gzip needs libsockutil-none.so.7 with sockutil_none, "
					   "which the one installed lacks");
	}
}

static struct library shared = {
	.purpose = "a length",
	.names = names,
	.symbols = (const struct library_symbol[]){ { "cos", &cosine }, { NULL, NULL } },
};

static void *load_in_thread(void *sum)
{
	struct failure why;

	*(double *)sum = library_load(&shared, &why) ? cosine(0.0) : 0.0;
	return NULL;
}

Test(library, from_many_threads)
{
	enum { THREADS = 8 };
	pthread_t threads[THREADS];
	double results[THREADS];

	for (int i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, load_in_thread, &results[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		cr_assert_eq(results[i], 1.0);
	}
}
