/* SPDX-License-Identifier: MIT */
/* tls_load_module.c - TLS from a module: libssl costs 0.7 ms and 2 MiB at every start, so it is
 * loaded on first use. */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/stream/tls.h>

#define MODULE "sockutil-tls.so"

/* Beside the program, as in a build tree; "" where the program's place cannot be known. */
static const char *beside_program(char *out, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", out, size);
	char *slash = NULL;

	if (length <= 0 || (size_t)length + sizeof(MODULE) >= size)
		return "";
	out[length] = '\0';
	slash = strrchr(out, '/');
	if (!slash)
		return "";
	memcpy(slash + 1, MODULE, sizeof(MODULE));
	return out;
}

/* The path of the module: the first of the two places where there is one, else the second. */
static const char *module_path(void)
{
	static char path[PATH_MAX];

	if (*beside_program(path, sizeof(path)) && access(path, F_OK) == 0)
		return path;
	return SOCKUTIL_LIBDIR "/" MODULE;
}

static const struct tls_api *load(const char *path, struct failure *why)
{
	const struct tls_api *api = NULL;
	void *module = NULL;

	if (access(path, R_OK) != 0) {
		fail_errno(why, FAILURE_USAGE, errno, "TLS is not installed: %s", path);
		return NULL;
	}
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module) {
		fail(why, FAILURE_USAGE, "cannot load TLS: %s", dlerror());
		return NULL;
	}
	api = dlsym(module, "sockutil_tls_api");
	if (api && api->size == sizeof(*api))
		return api;
	fail(why, FAILURE_USAGE, "%s belongs to another version of this program", path);
	dlclose(module);
	return NULL;
}

const struct tls_api *tls_load(struct failure *why)
{
	static const struct tls_api *loaded;

	if (!loaded)
		loaded = load(module_path(), why);
	return loaded;
}

const char *tls_kind(void)
{
	static char text[PATH_MAX + 8];

	snprintf(text, sizeof(text), "module %s", module_path());
	return text;
}
