/* SPDX-License-Identifier: MIT */
/*
 * fuzz_chat_offers.c - whatever members say about files, what they are told is a file's way: an
 * offer, its turn, bytes within its size and its window, its end; each told to whom it concerns and
 * to nobody else, the end to both.
 *
 * A step is a byte that chooses a member and what it does, and what that needs behind it.
 */
#include "fuzz.h"

#include <inttypes.h>

#include <sockutil/base/base64.h>
#include <sockutil/chat/hall_parts.h>
#include <sockutil/chat/offers.h>

enum { MEMBERS = 4, OFFERS = 64, MOST_STEPS = 500, LIMIT = 1 << 20 };

struct member {
	struct chat_member member; /* first */
	char nick[8];
};

/* What members were told of an offer. */
struct offer {
	enum { NONE, OFFERED, WANTED, GOING, DONE, OVER } state;
	struct member *sender, *receiver;
	uint64_t size, sent, taken;
	bool told_sender, told_receiver; /* of its end */
};

static struct member members[MEMBERS];
static struct offer offers[OFFERS + 1]; /* by number */
static uint64_t newest;
static struct chat_hall *hall;
static int64_t now_ms;

/* ------ what is told ------ */

static struct offer *offer_of(const struct chat_event *event)
{
	fuzz_check(event->number > 0 && event->number <= newest);
	return &offers[event->number];
}

static void told_offering(struct member *to, const struct chat_event *event)
{
	struct offer *offer = &offers[++newest];

	fuzz_check(event->number == newest && newest <= OFFERS);
	offer->state = OFFERED;
	offer->sender = to;
	offer->size = event->size;
	fuzz_check(event->size <= LIMIT);
	for (size_t i = 0; i < MEMBERS; i++)
		if (chat_slice_is(event->nick, members[i].nick))
			offer->receiver = &members[i];
	fuzz_check(offer->receiver && offer->receiver != to);
}

static void told_take(struct member *to, struct offer *offer)
{
	size_t sending = 0, taking = 0;

	fuzz_check(offer->state == WANTED && offer->sender == to);
	offer->state = GOING;
	for (size_t i = 1; i <= newest; i++)
		if (offers[i].state == GOING || offers[i].state == DONE) {
			sending += offers[i].sender == to;
			taking += offers[i].receiver == offer->receiver;
		}
	fuzz_check(sending <= CHAT_OFFERS_TAKEN && taking <= CHAT_OFFERS_TAKEN);
}

static void told_data(struct member *to, struct offer *offer, struct chat_slice text)
{
	unsigned char bytes[CHAT_OFFER_DATA];
	size_t count;

	fuzz_check(offer->state == GOING && offer->receiver == to);
	fuzz_check(base64_decode(bytes, sizeof(bytes), &count, text.bytes, text.length));
	offer->sent += count;
	fuzz_check(offer->sent <= offer->size && offer->sent - offer->taken <= CHAT_OFFER_WINDOW);
	fuzz_check(count >= CHAT_OFFER_STEP || (count > 0 && offer->sent == offer->size));
}

static void told_taken(struct member *to, struct offer *offer, uint64_t count)
{
	fuzz_check((offer->state == GOING || offer->state == DONE) && offer->sender == to);
	fuzz_check(count > offer->taken && count <= offer->sent);
	offer->taken = count;
}

static void told_dropped(struct member *to, struct offer *offer)
{
	bool *told = to == offer->sender ? &offer->told_sender : &offer->told_receiver;

	fuzz_check(to == offer->sender || to == offer->receiver);
	fuzz_check(offer->state != NONE && !*told);
	fuzz_check(offer->state != OVER || offer->told_sender || offer->told_receiver);
	*told = true;
	offer->state = OVER;
}

static void told(struct member *to, const struct chat_event *event)
{
	switch (event->kind) {
	case CHAT_OFFERING:
		told_offering(to, event);
		break;
	case CHAT_OFFERED:
		fuzz_check(offer_of(event)->state == OFFERED && offer_of(event)->receiver == to);
		fuzz_check(offer_of(event)->size == event->size);
		break;
	case CHAT_TAKE:
		told_take(to, offer_of(event));
		break;
	case CHAT_DATA:
		told_data(to, offer_of(event), event->text);
		break;
	case CHAT_TAKEN:
		told_taken(to, offer_of(event), event->size);
		break;
	case CHAT_DONE:
		fuzz_check(offer_of(event)->state == GOING && offer_of(event)->receiver == to);
		fuzz_check(offer_of(event)->sent == offer_of(event)->size);
		offer_of(event)->state = DONE;
		break;
	case CHAT_KEPT:
		fuzz_check(offer_of(event)->state == DONE && offer_of(event)->sender == to);
		offer_of(event)->state = OVER;
		offer_of(event)->told_sender = offer_of(event)->told_receiver = true;
		break;
	case CHAT_DROPPED:
		if (event->number)
			told_dropped(to, offer_of(event));
		break;
	default:
		break;
	}
}

static void deliver(void *data, struct chat_member *to, struct chat_line *line)
{
	const struct chat_slice bytes = chat_line_bytes(line, CHAT_RICH);
	struct chat_event event;

	(void)data;
	fuzz_check(bytes.length > 0 && bytes.bytes[bytes.length - 1] == '\n');
	fuzz_check(chat_event_parse(&event, bytes.bytes, bytes.length - 1));
	told((struct member *)to, &event);
}

static void dismiss(void *data, struct chat_member *who, const char *reason)
{
	(void)data;
	(void)who;
	(void)reason;
	fuzz_broken(__FILE__, __LINE__, "nobody is put out here");
}

/* ------ what is said ------ */

static void hear(struct member *member, const char *bytes, size_t length)
{
	const struct chat_lines_line line = { .bytes = bytes, .length = length };

	chat_hall_hear(hall, &member->member, &line, now_ms, now_ms);
}

static void say(struct member *member, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void say(struct member *member, const char *format, ...)
{
	char line[CHAT_LINE_MAX + 1];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	hear(member, line, (size_t)length);
}

static void come(struct member *member)
{
	struct address peer = { .length = sizeof(sa_family_t) };

	peer.any.sa_family = AF_UNIX;
	fuzz_check(chat_hall_arrive(hall, &member->member, &peer, false));
	say(member, "/hello chat/1 %s lobby", member->nick);
	fuzz_check(member->member.room != NULL);
}

/* Two of the three bytes are most of it: small numbers, and some over every limit. */
static uint64_t number_of(const uint8_t **data, size_t *size)
{
	const uint64_t high = fuzz_byte(data, size);

	return (high << 8 | fuzz_byte(data, size)) << (fuzz_byte(data, size) % 8);
}

static void say_data(struct member *member, uint64_t number, size_t count)
{
	static const char zeros[CHAT_OFFER_DATA + 8];
	struct buffer line = { 0 };

	fuzz_check(buffer_format(&line, "/data %" PRIu64 " ", number));
	fuzz_check(base64_add(&line, zeros, count));
	hear(member, buffer_bytes(&line), line.length);
	buffer_free(&line);
}

/* What the other side would do next, so that files come to their end. */
static void say_right(const struct offer *offer, uint64_t number)
{
	const uint64_t rest = offer->size - offer->sent;

	if (offer->state == OFFERED)
		say(offer->receiver, "/take %" PRIu64, number);
	else if (offer->state == GOING && rest > 0 && offer->sent - offer->taken < 60000)
		say_data(offer->sender, number,
			 rest < CHAT_OFFER_DATA ? (size_t)rest : CHAT_OFFER_DATA);
	else if (offer->state == GOING && offer->sent > offer->taken)
		say(offer->receiver, "/taken %" PRIu64 " %" PRIu64, number, offer->sent);
	else if (offer->state == GOING)
		say(offer->sender, "/done %" PRIu64 " %064d", number, 0);
	else if (offer->state == DONE)
		say(offer->receiver, "/kept %" PRIu64, number);
}

/* One that is wanted waits for its turn from then on; the host may say so in the same call. */
static void say_take(struct member *member, uint64_t number)
{
	if (offers[number].state == OFFERED && offers[number].receiver == member)
		offers[number].state = WANTED;
	say(member, "/take %" PRIu64, number);
}

static void leave(struct member *member)
{
	chat_hall_leave(hall, &member->member, CHAT_LEAVING_LOST, "", now_ms, now_ms);
	fuzz_check(!member->member.given && !member->member.got);
	for (size_t i = 1; i <= newest; i++) {
		const struct offer *offer = &offers[i];

		fuzz_check(offer->state == OVER ||
			   (offer->sender != member && offer->receiver != member));
	}
	come(member);
}

/* Who leaves is not told; everybody else was, by now. */
static void forgive(const struct member *member)
{
	for (size_t i = 1; i <= newest; i++) {
		offers[i].told_sender |= offers[i].state == OVER && offers[i].sender == member;
		offers[i].told_receiver |= offers[i].state == OVER && offers[i].receiver == member;
	}
}

static void step(const uint8_t **data, size_t *size)
{
	const uint8_t what = fuzz_byte(data, size);
	struct member *member = &members[what % MEMBERS], *other;
	const uint64_t number = newest ? newest - fuzz_byte(data, size) % 16 % newest : 0;

	switch (what / MEMBERS % 12) {
	case 0:
	case 1:
		other = &members[fuzz_byte(data, size) % MEMBERS];
		if (newest < OFFERS)
			say(member, "/offer %s %" PRIu64 " f", other->nick, number_of(data, size));
		break;
	case 2:
		say_take(member, number);
		break;
	case 3:
		say_data(member, number, (size_t)number_of(data, size) % (CHAT_OFFER_DATA + 4));
		break;
	case 4:
		say(member, "/taken %" PRIu64 " %" PRIu64, number, number_of(data, size));
		break;
	case 5:
		say(member, "/done %" PRIu64 " %064d", number, 0);
		break;
	case 6:
		say(member, "/kept %" PRIu64, number);
		break;
	case 7:
		say(member, "/drop %" PRIu64 " enough", number);
		break;
	case 8:
		leave(member);
		forgive(member);
		break;
	case 9:
		now_ms += (int64_t)fuzz_byte(data, size) * 10000;
		chat_hall_tick(hall, now_ms, now_ms);
		break;
	default:
		if (offers[number].state == OFFERED)
			say_take(offers[number].receiver, number);
		else
			say_right(&offers[number], number);
	}
}

/* The host knows of as many as their members do, and both know of an end. */
static void check_offers(void)
{
	size_t count = 0;

	for (size_t i = 1; i <= newest; i++) {
		count += offers[i].state != OVER;
		fuzz_check(offers[i].state != OVER ||
			   (offers[i].told_sender && offers[i].told_receiver));
	}
	fuzz_check(count == chat_offers_count(chat_hall_offers(hall)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct chat_hall_options options = {
		.max_members = MEMBERS,
		.room = "lobby",
		.max_size = LIMIT,
		.epoch = 77,
		.deliver = deliver,
		.dismiss = dismiss,
	};

	memset(members, 0, sizeof(members));
	memset(offers, 0, sizeof(offers));
	newest = 0;
	now_ms = 1000000;
	hall = chat_hall_new(&options);
	for (size_t i = 0; i < MEMBERS; i++) {
		snprintf(members[i].nick, sizeof(members[i].nick), "m%zu", i);
		come(&members[i]);
	}
	for (int steps = 0; size > 0 && steps < MOST_STEPS; steps++) {
		step(&data, &size);
		check_offers();
	}
	for (size_t i = 0; i < MEMBERS; i++)
		chat_hall_leave(hall, &members[i].member, CHAT_LEAVING_LEFT, "", now_ms, now_ms);
	fuzz_check(chat_offers_count(chat_hall_offers(hall)) == 0);
	chat_hall_free(hall);
	return 0;
}
