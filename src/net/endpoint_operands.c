/* SPDX-License-Identifier: MIT */
/* The operands of a command as endpoints: pairs and single words mixed. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/endpoint.h>

/* What may stand behind a host as its port. When several endpoints may follow each other,
 * anything that stands on its own is the next one. */
static bool is_port(const char *operand, bool listening)
{
	return operand && strpbrk(operand, listening ? ":/." : ":") == NULL;
}

/* One endpoint from the front; *used operands went into it. next is NULL at the end. */
static bool take(struct endpoint *out, const char *operand, const char *next, bool listening,
		 size_t *used, struct failure *why)
{
	*used = 1;
	if (!endpoint_is_host(operand) || !is_port(next, listening))
		return endpoint_parse(out, operand, listening, why);
	*used = 2;
	if (!endpoint_parse_pair(out, operand, next, why))
		return false;
	if (out->port != 0 || listening)
		return true;
	fail(why, FAILURE_USAGE, "\"%.200s %.40s\": port 0 is for listening", operand, next);
	return false;
}

static bool refuse_surplus(const char *operand, struct failure *why)
{
	fail(why, FAILURE_USAGE, "\"%.200s\": surplus; one HOST PORT or HOST:PORT is enough",
	     operand);
	return false;
}

static bool take_all(struct endpoint *list, size_t *count, char *const *operands, size_t total,
		     bool listening, struct failure *why)
{
	size_t used;

	for (size_t i = 0; i < total; i += used) {
		const char *next = i + 1 < total ? operands[i + 1] : NULL;

		if (*count == 1 && !listening)
			return refuse_surplus(operands[i], why);
		if (!take(&list[*count], operands[i], next, listening, &used, why))
			return false;
		++*count;
	}
	return true;
}

bool endpoints_from_operands(struct endpoint **out, size_t *count, char *const *operands,
			     size_t operand_count, bool listening, struct failure *why)
{
	struct endpoint *list;

	*out = NULL;
	*count = 0;
	if (operand_count == 0) {
		fail(why, FAILURE_USAGE, "%s",
		     listening ? "no port: PORT, HOST PORT or HOST:PORT"
			       : "no host: HOST PORT or HOST:PORT");
		return false;
	}
	list = memory_zeroed(operand_count, sizeof(*list));
	if (!take_all(list, count, operands, operand_count, listening, why)) {
		free(list);
		*count = 0;
		return false;
	}
	*out = list;
	return true;
}
