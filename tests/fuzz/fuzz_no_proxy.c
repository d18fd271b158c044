/* SPDX-License-Identifier: MIT */
/* fuzz_no_proxy.c - lists of hosts that need no proxy: a list fits what one of its entries fits,
 * case means nothing, and "*" fits all. The first line is the host, the second the list. */
#include "fuzz.h"

#include <ctype.h>

#include <sockutil/proto/no_proxy.h>

enum { PORT = 80 };

static const char blanks[] = ", \t\r\n";

/* Each entry by itself. */
static bool any_fits(const char *list, const char *host)
{
	bool fits = false;

	for (list += strspn(list, blanks); *list; list += strspn(list, blanks)) {
		size_t length = strcspn(list, blanks);
		char *entry = fuzz_text((const uint8_t *)list, length);

		fits = fits || no_proxy_fits(entry, host, PORT);
		free(entry);
		list += length;
	}
	return fits;
}

static void shout(char *text)
{
	for (; *text; text++)
		*text = (char)toupper((unsigned char)*text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *host = fuzz_text(data, size);
	char *list = strchr(host, '\n');
	bool fits;

	if (list) {
		*list++ = '\0';
		fits = no_proxy_fits(list, host, PORT);
		fuzz_check(fits == any_fits(list, host));
		fuzz_check(no_proxy_fits("*", host, PORT));
		fuzz_check(!no_proxy_fits("*:81", host, PORT));
		fuzz_check(!no_proxy_fits(NULL, host, PORT) && !no_proxy_fits("", host, PORT));
		shout(list);
		fuzz_check(no_proxy_fits(list, host, PORT) == fits);
	}
	free(host);
	return 0;
}
