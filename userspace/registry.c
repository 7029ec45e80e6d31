// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The identities that tokens have registered with our device. In the module an identity has an
 * authorisation for each token that has registered it, under a tag made of the token's jti; of
 * more tokens than it has room for, for those that expire last. When one of these registers
 * another identity, the next is told of in its place.
 */
#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <openssl/crypto.h>

#include "format.h"
#include "key.h"
#include "loop.h"
#include "netlink.h"
#include "registry.h"
#include "report.h"

/* A tag is this, and as much of the hash as there is room for. */
#define TAG_BEGIN	"jti:"
#define TAG_BEGIN_BYTES	(sizeof(TAG_BEGIN) - 1)
#define TAG_BYTES	SNAPTUN_AUTHORISATION_TAG_MAX

/*
 * How many registrations of an identity the module is told of, those that end last: it has
 * room for some, and others may authorise the identity, too.
 */
#define TOLD_MAX	(SNAPTUN_AUTHORISATIONS_MAX / 2)

/* The least number of registrations at which those that have ended are looked for. */
#define SWEEP_MIN	1024

/**
 * struct registration - what a token has registered
 * @tag: The token's tag.
 * @identity: The identity; NULL for none yet.
 * @others: The identity's registrations that end later, and earlier.
 * @end: When it ends, by loop_now().
 * @is_told: The module was told of it.
 * @has_changed: But not of its end.
 * @next: The next of those that are to be removed.
 */
struct registration {
	uint8_t tag[TAG_BYTES];
	struct identity *identity;
	TAILQ_ENTRY(registration) others;
	uint64_t end;
	bool is_told;
	bool has_changed;
	struct registration *next;
};

/**
 * struct identity - an identity that tokens have registered
 * @key: Its public key.
 * @registrations: Theirs, the one that ends last first.
 */
struct identity {
	uint8_t key[SNAPTUN_KEY_LEN];
	TAILQ_HEAD(registrations, registration) registrations;
};

/**
 * struct registry - all registrations with a device
 * @device: The device.
 * @tokens: The registrations by their tags, for tsearch().
 * @identities: The identities by their keys, likewise.
 * @count: How many registrations there are, those that have ended included.
 * @sweep_at: How many there are to be when those are removed next.
 */
struct registry {
	struct device *device;
	void *tokens;
	void *identities;
	size_t count;
	size_t sweep_at;
};

static int compare_tags(const void *one, const void *other)
{
	const struct registration *a = one, *b = other;

	return memcmp(a->tag, b->tag, TAG_BYTES);
}

static int compare_keys(const void *one, const void *other)
{
	const struct identity *a = one, *b = other;

	return memcmp(a->key, b->key, SNAPTUN_KEY_LEN);
}

/* The registration of that tag, a new one of no identity where there was none. */
static struct registration *find_registration(struct registry *registry, const uint8_t *tag)
{
	struct registration *new = calloc(1, sizeof(*new));
	struct registration *const *place;

	if (!new)
		return NULL;
	memcpy(new->tag, tag, TAG_BYTES);
	place = tsearch(new, &registry->tokens, compare_tags);
	if (place && *place == new) {
		registry->count++;
		return new;
	}
	free(new);
	return place ? *place : NULL;
}

/* The identity of that key, a new one without registrations where there was none. */
static struct identity *find_identity(struct registry *registry, const uint8_t *key)
{
	struct identity *new = calloc(1, sizeof(*new));
	struct identity *const *place;

	if (!new)
		return NULL;
	memcpy(new->key, key, SNAPTUN_KEY_LEN);
	TAILQ_INIT(&new->registrations);
	place = tsearch(new, &registry->identities, compare_keys);
	if (place && *place == new)
		return new;
	free(new);
	return place ? *place : NULL;
}

static void take_out(struct registration *registration)
{
	if (registration->identity)
		TAILQ_REMOVE(&registration->identity->registrations, registration, others);
	registration->identity = NULL;
}

static void put_in(struct identity *identity, struct registration *registration)
{
	struct registration *place;

	registration->identity = identity;
	TAILQ_FOREACH(place, &identity->registrations, others)
		if (place->end < registration->end) {
			TAILQ_INSERT_BEFORE(place, registration, others);
			return;
		}
	TAILQ_INSERT_TAIL(&identity->registrations, registration, others);
}

/* Forgets a registration of no identity; may be NULL, or of one, as below. */
static void drop_registration(struct registry *registry, struct registration *registration)
{
	if (!registration || registration->identity)
		return;
	tdelete(registration, &registry->tokens, compare_tags);
	free(registration);
	registry->count--;
}

static void drop_identity(struct registry *registry, struct identity *identity)
{
	if (!identity || !TAILQ_EMPTY(&identity->registrations))
		return;
	tdelete(identity, &registry->identities, compare_keys);
	free(identity);
}

static void collect_ended(const void *place, VISIT visit, void *list)
{
	struct registration *registration = *(struct registration *const *)place;
	struct registration **ended = list;

	if ((visit != postorder && visit != leaf) || registration->end > loop_now())
		return;
	registration->next = *ended;
	*ended = registration;
}

/* Forgets those that have ended; so rarely that each costs the same, however many there are. */
static void sweep(struct registry *registry)
{
	struct registration *ended = NULL;
	struct registration *next;
	struct identity *identity;

	if (registry->count < registry->sweep_at)
		return;
	twalk_r(registry->tokens, collect_ended, &ended);
	for (; ended; ended = next) {
		next = ended->next;
		identity = ended->identity;
		take_out(ended);
		drop_registration(registry, ended);
		drop_identity(registry, identity);
	}
	registry->sweep_at = registry->count < SWEEP_MIN / 2 ? SWEEP_MIN : 2 * registry->count;
}

static void put_authorisation(struct netlink *netlink, const uint8_t *tag, uint64_t lifetime)
{
	netlink_nest_begin(netlink, SNAPTUN_A_AUTHORISATIONS_AUTHORISATION);
	netlink_put(netlink, SNAPTUN_A_AUTHORISATION_TAG, tag, TAG_BYTES);
	netlink_put_u64(netlink, SNAPTUN_A_AUTHORISATION_LIFETIME, lifetime);
	netlink_nest_end(netlink);
}

/* The first of an identity's registrations that the module is not to be told of. */
static const struct registration *first_untold(const struct identity *identity, uint64_t now)
{
	const struct registration *one;
	int n = 0;

	TAILQ_FOREACH(one, &identity->registrations, others)
		if (n++ == TOLD_MAX || one->end <= now)
			return one;
	return NULL;
}

/*
 * Tells the module what is different of an identity, in one request, which fails or succeeds
 * as a whole; 0 or an errno value. The place of those that go is there for those that come.
 */
static int send_changes(struct registry *registry, uint8_t command,
			const struct identity *identity, const uint8_t *gone, uint64_t now)
{
	const struct registration *untold = first_untold(identity, now);
	struct netlink *netlink = registry->device->netlink;
	const struct registration *one;

	netlink_begin(netlink, command, 0, registry->device->ifindex);
	netlink_put(netlink, SNAPTUN_A_IDENTITY_KEY, identity->key, SNAPTUN_KEY_LEN);
	netlink_nest_begin(netlink, SNAPTUN_A_IDENTITY_AUTHORISATIONS);
	if (gone)
		put_authorisation(netlink, gone, 0);
	for (one = untold; one; one = TAILQ_NEXT(one, others))
		if (one->is_told)
			put_authorisation(netlink, one->tag, 0);
	for (one = TAILQ_FIRST(&identity->registrations); one != untold;
	     one = TAILQ_NEXT(one, others))
		if (!one->is_told || one->has_changed)
			put_authorisation(netlink, one->tag, one->end - now);
	netlink_nest_end(netlink);
	return netlink_call(netlink, NULL);
}

/* Notes what the module was told of: what comes before that one. */
static void note_told(struct identity *identity, const struct registration *untold)
{
	struct registration *one;
	bool is_told = true;

	TAILQ_FOREACH(one, &identity->registrations, others) {
		is_told &= one != untold;
		one->is_told = is_told;
		one->has_changed = false;
	}
}

/*
 * Has the module know an identity as it is here; 0 or an errno value. A tag that is gone from
 * it may be given. One that nobody authorises any more is told of by an event.
 */
static int update(struct registry *registry, struct identity *identity, const uint8_t *gone)
{
	uint64_t now = loop_now();
	int error = send_changes(registry, SNAPTUN_CMD_IDENTITY_SET, identity, gone, now);

	if (error == ENOENT) {
		/* Whatever it was told of is gone. */
		note_told(identity, TAILQ_FIRST(&identity->registrations));
		if (first_untold(identity, now) == TAILQ_FIRST(&identity->registrations))
			return 0;
		error = send_changes(registry, SNAPTUN_CMD_IDENTITY_NEW, identity, NULL, now);
	}
	if (!error)
		note_told(identity, first_untold(identity, now));
	return error;
}

static enum registry_outcome outcome(const struct registry *registry, int error)
{
	switch (error) {
	case 0:
		return REGISTRY_DONE;
	case EKEYREJECTED:
		return REGISTRY_BAD_KEY;
	case ENOSPC:
		return REGISTRY_FULL;
	default:
		netlink_failed(registry->device->netlink);
		return REGISTRY_FAILED;
	}
}

/* Has a registration be of that identity, here and in the module, and of no other. */
static enum registry_outcome move(struct registry *registry,
				  struct registration *registration,
				  struct identity *identity, uint64_t end)
{
	const struct registration old = *registration;
	bool other = old.identity && old.identity != identity;
	enum registry_outcome result;

	take_out(registration);
	registration->end = end;
	registration->is_told = old.is_told && !other;
	registration->has_changed = true;
	put_in(identity, registration);
	result = outcome(registry, update(registry, identity, NULL));
	if (result == REGISTRY_DONE && other) {
		result = outcome(registry, update(registry, old.identity, old.tag));
		/* Two at once is what a token must not have. */
		if (result != REGISTRY_DONE) {
			take_out(registration);
			update(registry, identity, old.tag);
		}
	}
	if (result == REGISTRY_DONE)
		return result;
	take_out(registration);
	registration->end = old.end;
	registration->is_told = old.is_told;
	registration->has_changed = false;
	if (old.identity)
		put_in(old.identity, registration);
	return result;
}

enum registry_outcome registry_add(struct registry *registry,
				   const uint8_t jti[VERIFIER_JTI_BYTES],
				   const uint8_t key[SNAPTUN_KEY_LEN], uint64_t lifetime)
{
	enum registry_outcome result = REGISTRY_FAILED;
	struct registration *registration;
	struct identity *identity, *before;
	uint8_t tag[TAG_BYTES] = TAG_BEGIN;

	memcpy(tag + TAG_BEGIN_BYTES, jti, TAG_BYTES - TAG_BEGIN_BYTES);
	sweep(registry);
	registration = find_registration(registry, tag);
	before = registration ? registration->identity : NULL;
	identity = find_identity(registry, key);
	if (registration && identity)
		result = move(registry, registration, identity, loop_now() + lifetime);
	else
		report(STATUS_FAILED, "no memory");
	drop_registration(registry, registration);
	drop_identity(registry, identity);
	if (before != identity)
		drop_identity(registry, before);
	return result;
}

/* Whether nothing authorises an identity, as the kernel tells of it. */
static bool has_ended(const json_t *identity)
{
	return !json_array_size(json_object_get(identity, "authorisations"));
}

static void remove_identity(struct registry *registry, const uint8_t *key)
{
	struct netlink *netlink = registry->device->netlink;
	int error;

	netlink_begin(netlink, SNAPTUN_CMD_IDENTITY_DEL, 0, registry->device->ifindex);
	netlink_put(netlink, SNAPTUN_A_IDENTITY_KEY, key, SNAPTUN_KEY_LEN);
	error = netlink_call(netlink, NULL);
	if (error && error != ENOENT && error != ENODEV)
		netlink_failed(netlink);
}

/* Takes an authorisation that the kernel tells of; false without memory. */
static bool take_authorisation(struct registry *registry, struct identity *identity,
			       const json_t *authorisation)
{
	const char *text = member_text(authorisation, "tag");
	struct registration *registration;
	struct identity *before;
	uint8_t tag[TAG_BYTES];
	size_t size;

	/* Others have tags of their own. */
	if (OPENSSL_hexstr2buf_ex(tag, sizeof(tag), &size, text, '\0') != 1 ||
	    size != TAG_BYTES || memcmp(tag, TAG_BEGIN, TAG_BEGIN_BYTES) != 0)
		return true;
	registration = find_registration(registry, tag);
	if (!registration)
		return false;
	before = registration->identity;
	take_out(registration);
	/* Who ended between the two steps of a replacement left both. */
	if (before)
		update(registry, before, tag);
	drop_identity(registry, before);
	registration->is_told = true;
	registration->end = loop_now() +
			    (uint64_t)member_number(authorisation, "lifetime");
	put_in(identity, registration);
	return true;
}

/* Takes what the kernel says of an identity that is authorised; false without memory. */
static bool take_identity(struct registry *registry, const uint8_t *key,
			  const json_t *authorisations)
{
	struct identity *identity = find_identity(registry, key);
	const json_t *authorisation;
	bool right = identity;
	size_t i;

	json_array_foreach(authorisations, i, authorisation)
		right = right && take_authorisation(registry, identity, authorisation);
	drop_identity(registry, identity);
	return right;
}

/* Removes what has ended in the module, and where nothing is known yet takes the rest. */
static enum status read_module(struct registry *registry, bool take)
{
	uint8_t key[SNAPTUN_KEY_LEN];
	const json_t *identity;
	enum status status;
	json_t *list;
	size_t i;

	status = device_list(registry->device, SNAPTUN_CMD_IDENTITY_GET, &list);
	json_array_foreach(list, i, identity) {
		if (!key_decode(member_text(identity, "key"), key))
			continue;
		if (has_ended(identity))
			remove_identity(registry, key);
		else if (take && !take_identity(registry, key,
						json_object_get(identity, "authorisations")))
			status = report(STATUS_FAILED, "no memory");
	}
	json_decref(list);
	return status;
}

enum status registry_new(struct device *device, struct registry **registry)
{
	enum status status;

	*registry = calloc(1, sizeof(**registry));
	if (!*registry)
		return report(STATUS_FAILED, "no memory");
	(*registry)->device = device;
	(*registry)->sweep_at = SWEEP_MIN;
	status = read_module(*registry, true);
	if (status != STATUS_OK) {
		registry_free(*registry);
		*registry = NULL;
	}
	return status;
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	tdestroy(registry->tokens, free);
	tdestroy(registry->identities, free);
	free(registry);
}

/* Removes the identity that an event was about, unless it was registered again since. */
static void remove_if_ended(struct registry *registry, const uint8_t *key)
{
	struct netlink *netlink = registry->device->netlink;
	json_t *answers = json_array();

	netlink_begin(netlink, SNAPTUN_CMD_IDENTITY_GET, 0, registry->device->ifindex);
	netlink_put(netlink, SNAPTUN_A_IDENTITY_KEY, key, SNAPTUN_KEY_LEN);
	if (!netlink_call(netlink, answers) && json_array_size(answers) == 1 &&
	    has_ended(json_array_get(answers, 0)))
		remove_identity(registry, key);
	json_decref(answers);
}

void registry_hear(struct registry *registry, const json_t *event)
{
	uint8_t key[SNAPTUN_KEY_LEN];

	if (!event)
		read_module(registry, false);
	else if (!strcmp(member_text(event, "event"), "identity-ended") &&
		 member_number(event, "ifindex") == registry->device->ifindex &&
		 key_decode(member_text(event, "key"), key))
		remove_if_ended(registry, key);
}
