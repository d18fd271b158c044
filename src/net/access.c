/* SPDX-License-Identifier: MIT */
/* Who may connect: rules loaded whole or not at all, and asked for each peer. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/access.h>
#include <sockutil/net/access_rule.h>
#include <sockutil/net/resolve.h>

struct access_list {
	const char *const *allow_texts; /* borrowed, may be NULL */
	const char *const *deny_texts;
	struct access_rules allow;
	struct access_rules deny;
};

/* A rule for each address of a name. */
static bool add_name(struct access_rules *out, const struct access_rule *name, struct failure *why)
{
	struct address *addresses;
	size_t count;
	bool added = true;
	struct failure inner = { 0 };

	if (!resolve_now(name->text, "0", 0, AF_UNSPEC, SOCK_STREAM, false, &addresses, &count,
			 &inner)) {
		*why = inner;
		if (name->file)
			fail(why, inner.class, "%s:%u: %s", name->file, name->line, inner.text);
		return false;
	}
	for (size_t i = 0; added && i < count; i++) {
		struct access_rule rule;

		added = !access_rule_of_address(&rule, &addresses[i]) ||
			access_rules_add(out, &rule, name->text, strlen(name->text), why);
	}
	free(addresses);
	return added;
}

static bool resolve_names(struct access_rules *out, const struct access_rules *parsed,
			  struct failure *why)
{
	for (size_t i = 0; i < parsed->count; i++) {
		const struct access_rule *rule = &parsed->items[i];
		bool added = rule->kind == ACCESS_NAME ? add_name(out, rule, why)
						       : access_rules_add(out, rule, rule->text,
									  strlen(rule->text), why);

		if (!added)
			return false;
	}
	return true;
}

/* One rule of the command line, or a file's. */
static bool parse_text(struct access_rules *out, const char *text, struct failure *why)
{
	struct access_rule rule;
	struct failure inner = { 0 };

	if (text[0] == '@')
		return access_file_read(out, text + 1, why);
	if (access_rule_parse(&rule, text, &inner))
		return access_rules_add(out, &rule, text, strlen(text), why);
	fail(why, inner.class, "rule %s: %s", text, inner.text);
	return false;
}

static bool load(struct access_rules *out, const char *const *texts, struct failure *why)
{
	struct access_rules parsed = { 0 };
	bool loaded = true;

	for (; loaded && texts && *texts; texts++)
		loaded = parse_text(&parsed, *texts, why);
	loaded = loaded && resolve_names(out, &parsed, why);
	access_rules_free(&parsed);
	return loaded;
}

bool access_reload(struct access_list *list, struct failure *why)
{
	struct access_rules allow = { 0 };
	struct access_rules deny = { 0 };

	if (!load(&allow, list->allow_texts, why) || !load(&deny, list->deny_texts, why)) {
		access_rules_free(&allow);
		access_rules_free(&deny);
		return false;
	}
	access_rules_free(&list->allow);
	access_rules_free(&list->deny);
	list->allow = allow;
	list->deny = deny;
	return true;
}

struct access_list *access_new(const char *const *allow, const char *const *deny,
			       struct failure *why)
{
	struct access_list *list = memory_zeroed(1, sizeof(*list));

	list->allow_texts = allow;
	list->deny_texts = deny;
	if (access_reload(list, why))
		return list;
	access_free(list);
	return NULL;
}

static const struct access_rule *find(const struct access_rules *rules,
				      const struct access_rule *peer)
{
	for (size_t i = 0; i < rules->count; i++)
		if (access_rule_matches(&rules->items[i], peer))
			return &rules->items[i];
	return NULL;
}

bool access_permits(const struct access_list *list, const struct address *peer, const char **rule)
{
	const struct access_rule *denied = NULL;
	const struct access_rule *allowed = NULL;
	const struct access_rule *decided;
	struct access_rule who;
	bool all = !list->allow_texts || !*list->allow_texts;

	if (access_rule_of_peer(&who, peer)) {
		denied = find(&list->deny, &who);
		allowed = find(&list->allow, &who);
	}
	decided = denied ? denied : allowed;
	if (rule)
		*rule = decided ? decided->text : "";
	return !denied && (allowed || all);
}

void access_free(struct access_list *list)
{
	if (!list)
		return;
	access_rules_free(&list->allow);
	access_rules_free(&list->deny);
	free(list);
}
