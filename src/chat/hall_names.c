/* SPDX-License-Identifier: MIT */
/* Names of members and rooms, found by what they look like. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/chat/hall_parts.h>

enum { SLOTS_FIRST = 16 };

/* FNV-1a from a start that nobody outside knows. */
static uint64_t hash_of(uint64_t seed, const char *text)
{
	uint64_t hash = 14695981039346656037U ^ seed;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211U;
	return hash ^ hash >> 32;
}

static const char *key_of(const struct chat_nick_keys *keys, unsigned which)
{
	return which == CHAT_NAMES_WRITTEN ? keys->written : keys->folded;
}

/* ------ one name ------ */

static void names_set(struct chat_nick_names *names, const char *name,
		      const struct chat_nick_keys *keys)
{
	const size_t length = strlen(name) + 1;
	const size_t written = strlen(keys->written) + 1, folded = strlen(keys->folded) + 1;
	char *text = memory_zeroed(1, length + written + folded);

	memcpy(text, name, length);
	memcpy(text + length, keys->written, written);
	memcpy(text + length + written, keys->folded, folded);
	free(names->name);
	names->name = text;
	names->key[CHAT_NAMES_WRITTEN] = text + length;
	names->key[CHAT_NAMES_FOLDED] = text + length + written;
}

struct chat_nick_names *chat_names_new(const char *name, const struct chat_nick_keys *keys)
{
	struct chat_nick_names *names = memory_zeroed(1, sizeof(*names));

	names->holders = 1;
	names_set(names, name, keys);
	return names;
}

struct chat_nick_names *chat_names_hold(struct chat_nick_names *names)
{
	names->holders++;
	return names;
}

void chat_names_drop(struct chat_nick_names *names)
{
	if (!names || --names->holders)
		return;
	free(names->name);
	free(names);
}

bool chat_names_alike(const struct chat_nick_names *a, const struct chat_nick_names *b)
{
	for (unsigned i = 0; i < CHAT_NAMES_KEYS; i++)
		if (strcmp(a->key[i], b->key[i]) == 0)
			return true;
	return false;
}

bool chat_names_have(const struct chat_nick_names *names, const struct chat_nick_keys *keys)
{
	for (unsigned i = 0; i < CHAT_NAMES_KEYS; i++)
		if (strcmp(names->key[i], key_of(keys, i)) == 0)
			return true;
	return false;
}

/* ------ the table ------ */

static void slot_put(struct chat_nick_names **slot, struct chat_nick_names *names, unsigned which)
{
	names->next[which] = *slot;
	names->link[which] = slot;
	if (names->next[which])
		names->next[which]->link[which] = &names->next[which];
	*slot = names;
}

static void slot_take(struct chat_nick_names *names, unsigned which)
{
	if (names->next[which])
		names->next[which]->link[which] = names->link[which];
	*names->link[which] = names->next[which];
	names->link[which] = NULL;
	names->next[which] = NULL;
}

static void table_grow(struct chat_names *table)
{
	const size_t size = table->size ? table->size * 2 : SLOTS_FIRST;

	if (!table->size)
		random_bytes(&table->seed, sizeof(table->seed));
	for (unsigned which = 0; which < CHAT_NAMES_KEYS; which++) {
		struct chat_nick_names **slots =
			memory_zeroed(size, sizeof(struct chat_nick_names *));

		for (size_t i = 0; i < table->size; i++) {
			for (struct chat_nick_names *n; (n = table->slots[which][i]);) {
				slot_take(n, which);
				slot_put(&slots[n->hash[which] & (size - 1)], n, which);
			}
		}
		free(table->slots[which]);
		table->slots[which] = slots;
	}
	table->size = size;
}

void chat_names_list(struct chat_names *table, struct chat_nick_names *names, void *owner)
{
	if (table->count >= table->size)
		table_grow(table);
	for (unsigned which = 0; which < CHAT_NAMES_KEYS; which++) {
		names->hash[which] = hash_of(table->seed, names->key[which]);
		slot_put(&table->slots[which][names->hash[which] & (table->size - 1)], names,
			 which);
	}
	names->owner = owner;
	table->count++;
}

void chat_names_unlist(struct chat_names *table, struct chat_nick_names *names)
{
	for (unsigned which = 0; which < CHAT_NAMES_KEYS; which++)
		slot_take(names, which);
	names->owner = NULL;
	table->count--;
}

void chat_names_change(struct chat_names *table, struct chat_nick_names *names, const char *name,
		       const struct chat_nick_keys *keys)
{
	void *owner = names->owner;

	chat_names_unlist(table, names);
	names_set(names, name, keys);
	chat_names_list(table, names, owner);
}

struct chat_nick_names *chat_names_find(const struct chat_names *table,
					const struct chat_nick_keys *keys,
					const struct chat_nick_names *except)
{
	for (unsigned which = 0; table->size && which < CHAT_NAMES_KEYS; which++) {
		const char *key = key_of(keys, which);
		const uint64_t hash = hash_of(table->seed, key);
		struct chat_nick_names *n = table->slots[which][hash & (table->size - 1)];

		for (; n; n = n->next[which])
			if (n != except && n->hash[which] == hash &&
			    strcmp(n->key[which], key) == 0)
				return n;
	}
	return NULL;
}

void chat_names_free(struct chat_names *table)
{
	for (unsigned which = 0; which < CHAT_NAMES_KEYS; which++)
		free(table->slots[which]);
	*table = (struct chat_names){ 0 };
}
