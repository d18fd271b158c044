/* SPDX-License-Identifier: MIT */
/* library.c - shared libraries loaded on first use. */
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include <sockutil/base/library.h>

/* One for all libraries: loading is rare and soon over. */
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

/* The name of the first symbol that is not there, NULL when all are. */
static const char *find_symbols(const struct library_symbol *symbols, void *handle)
{
	for (const struct library_symbol *s = symbols; s->name; s++) {
		void *const function = dlsym(handle, s->name);

		if (!function)
			return s->name;
		memcpy(s->at, &function, sizeof(function));
	}
	return NULL;
}

static void load(struct library *library)
{
	library->tried = true;
	for (const char *const *name = library->names; *name; name++) {
		void *const handle = dlopen(*name, RTLD_NOW | RTLD_LOCAL);
		const char *const missing = handle ? find_symbols(library->symbols, handle) : NULL;

		if (handle && !missing) {
			library->handle = handle;
			return;
		}
		if (handle) {
			library->missing = missing;
			dlclose(handle);
		}
	}
}

bool library_load(struct library *library, struct failure *why)
{
	bool loaded;

	pthread_mutex_lock(&loading);
	if (!library->tried)
		load(library);
	loaded = library->handle != NULL;
	pthread_mutex_unlock(&loading);
	if (loaded)
		return true;
	if (library->missing)
		fail(why, FAILURE_USAGE, "%s needs %s with %s, which the one installed lacks",
		     library->purpose, library->names[0], library->missing);
	else
		fail(why, FAILURE_USAGE, "%s needs %s, which is not installed", library->purpose,
		     library->names[0]);
	return false;
}
