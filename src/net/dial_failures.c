/* SPDX-License-Identifier: MIT */
/* The addresses that failed, and which of them says most. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/net/dial_failures.h>

/* The higher, the more it tells: what the user has to change, then what somebody answered, then
 * silence. */
static int rank(const struct failure *why)
{
	switch (why->class) {
	case FAILURE_USAGE:
		return 7;
	case FAILURE_CONNECT:
		return why->error == ECONNREFUSED ? 6 : 3;
	case FAILURE_LOCAL_ADDRESS:
		/* The source has another family than this address: no news beside any other
		 * reason. */
		return why->error == EAFNOSUPPORT ? 1 : 5;
	case FAILURE_TIMEOUT:
		return 2;
	default:
		return 4;
	}
}

void dial_failures_add(struct dial_failures *failures, const char *address,
		       const struct failure *why)
{
	char item[sizeof(failures->text)];
	const int length = snprintf(item, sizeof(item), "%s%s%s%s", failures->length ? "; " : "",
				    address, *address ? ": " : "", why->text);

	if (failures->left_out == 0 && length > 0 &&
	    (size_t)length < sizeof(failures->text) - failures->length) {
		memcpy(failures->text + failures->length, item, (size_t)length + 1);
		failures->length += (size_t)length;
	} else {
		failures->left_out++;
	}
	if (rank(why) <= failures->rank)
		return;
	failures->rank = rank(why);
	failures->class = why->class;
	failures->error = why->error;
}

void dial_failures_tell(const struct dial_failures *failures, const char *where,
			struct failure *why)
{
	enum { WHERE_SHOWN = 60 };
	const size_t length = strlen(where);
	char more[40] = "";

	if (failures->left_out > 0)
		snprintf(more, sizeof(more), "; and %u more", failures->left_out);
	/* Of a very long name the end says more than nothing, and the reasons stay whole. */
	if (length > WHERE_SHOWN && length + failures->length + sizeof(more) >= sizeof(why->text))
		fail(why, failures->class, "...%s: %s%s", where + length - WHERE_SHOWN,
		     failures->text, more);
	else
		fail(why, failures->class, "%s: %s%s", where, failures->text, more);
	why->error = failures->error;
}
