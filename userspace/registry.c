// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The identities that tokens have registered with our device. In the module an identity has an
 * authorisation for each token that has registered it, under a tag made of the token's jti.
 */
#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

/* The least number of registrations at which those that have ended are looked for. */
#define SWEEP_MIN	1024

/**
 * struct registration - what a token has registered
 * @tag: The token's tag.
 * @key: The identity.
 * @end: When it ends, by loop_now(); 0 before there is one.
 * @next: The next of those that are to be removed.
 */
struct registration {
	uint8_t tag[TAG_BYTES];
	uint8_t key[SNAPTUN_KEY_LEN];
	uint64_t end;
	struct registration *next;
};

/**
 * struct registry - all registrations with a device
 * @device: The device.
 * @tree: The registrations by their tags, for tsearch().
 * @count: How many there are, those that have ended included.
 * @sweep_at: How many there are to be when those are removed next.
 */
struct registry {
	struct device *device;
	void *tree;
	size_t count;
	size_t sweep_at;
};

static int compare(const void *one, const void *other)
{
	const struct registration *a = one, *b = other;

	return memcmp(a->tag, b->tag, TAG_BYTES);
}

static struct registration *find(const struct registry *registry, const uint8_t *tag)
{
	struct registration name;
	void *const *place;

	memcpy(name.tag, tag, TAG_BYTES);
	place = tfind(&name, &registry->tree, compare);
	return place ? *place : NULL;
}

/* The registration of that tag, a new one without an end where there was none. */
static struct registration *find_or_add(struct registry *registry, const uint8_t *tag)
{
	struct registration *registration = find(registry, tag);

	if (registration)
		return registration;
	registration = calloc(1, sizeof(*registration));
	if (!registration)
		return NULL;
	memcpy(registration->tag, tag, TAG_BYTES);
	if (!tsearch(registration, &registry->tree, compare)) {
		free(registration);
		return NULL;
	}
	registry->count++;
	return registration;
}

static void drop(struct registry *registry, struct registration *registration)
{
	tdelete(registration, &registry->tree, compare);
	free(registration);
	registry->count--;
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

	if (registry->count < registry->sweep_at)
		return;
	twalk_r(registry->tree, collect_ended, &ended);
	for (; ended; ended = next) {
		next = ended->next;
		drop(registry, ended);
	}
	registry->sweep_at = registry->count < SWEEP_MIN / 2 ? SWEEP_MIN : 2 * registry->count;
}

/* Sends one authorisation; 0 or an errno value. */
static int send_authorisation(struct registry *registry, uint8_t command, const uint8_t *key,
			      const uint8_t *tag, uint64_t lifetime)
{
	struct netlink *netlink = registry->device->netlink;

	netlink_begin(netlink, command, 0, registry->device->ifindex);
	netlink_put(netlink, SNAPTUN_A_IDENTITY_KEY, key, SNAPTUN_KEY_LEN);
	netlink_nest_begin(netlink, SNAPTUN_A_IDENTITY_AUTHORISATIONS);
	netlink_nest_begin(netlink, SNAPTUN_A_AUTHORISATIONS_AUTHORISATION);
	netlink_put(netlink, SNAPTUN_A_AUTHORISATION_TAG, tag, TAG_BYTES);
	netlink_put_u64(netlink, SNAPTUN_A_AUTHORISATION_LIFETIME, lifetime);
	netlink_nest_end(netlink);
	netlink_nest_end(netlink);
	return netlink_call(netlink, NULL);
}

static int authorise(struct registry *registry, const uint8_t *key, const uint8_t *tag,
		     uint64_t lifetime)
{
	int error = send_authorisation(registry, SNAPTUN_CMD_IDENTITY_SET, key, tag, lifetime);

	if (error != ENOENT)
		return error;
	return send_authorisation(registry, SNAPTUN_CMD_IDENTITY_NEW, key, tag, lifetime);
}

/* An identity that is gone is right, too. One without authorisations is told of by an event. */
static int revoke(struct registry *registry, const uint8_t *key, const uint8_t *tag)
{
	int error = send_authorisation(registry, SNAPTUN_CMD_IDENTITY_SET, key, tag, 0);

	return error == ENOENT ? 0 : error;
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

/*
 * Has a token's registration be of another identity, if it is not of that one already; false
 * after a report, where it is not of that one.
 */
static bool replace(struct registry *registry, const struct registration *old,
		    const uint8_t *key)
{
	if (old->end <= loop_now() || !memcmp(old->key, key, SNAPTUN_KEY_LEN) ||
	    !revoke(registry, old->key, old->tag))
		return true;
	netlink_failed(registry->device->netlink);
	/* Two at once is what a token must not have. */
	revoke(registry, key, old->tag);
	return false;
}

enum registry_outcome registry_add(struct registry *registry,
				   const uint8_t jti[VERIFIER_JTI_BYTES],
				   const uint8_t key[SNAPTUN_KEY_LEN], uint64_t lifetime)
{
	struct registration *registration;
	enum registry_outcome result;
	uint8_t tag[TAG_BYTES] = TAG_BEGIN;

	memcpy(tag + TAG_BEGIN_BYTES, jti, TAG_BYTES - TAG_BEGIN_BYTES);
	sweep(registry);
	registration = find_or_add(registry, tag);
	if (!registration) {
		report(STATUS_FAILED, "no memory");
		return REGISTRY_FAILED;
	}
	result = outcome(registry, authorise(registry, key, tag, lifetime));
	if (result == REGISTRY_DONE && !replace(registry, registration, key))
		result = REGISTRY_FAILED;
	if (result == REGISTRY_DONE) {
		memcpy(registration->key, key, SNAPTUN_KEY_LEN);
		registration->end = loop_now() + lifetime;
	} else if (!registration->end) {
		drop(registry, registration);
	}
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
static bool take_authorisation(struct registry *registry, const uint8_t *key,
			       const json_t *authorisation)
{
	const char *text = member_text(authorisation, "tag");
	struct registration *registration;
	uint8_t tag[TAG_BYTES];
	size_t size;

	/* Others have tags of their own. */
	if (OPENSSL_hexstr2buf_ex(tag, sizeof(tag), &size, text, '\0') != 1 ||
	    size != TAG_BYTES || memcmp(tag, TAG_BEGIN, TAG_BEGIN_BYTES) != 0)
		return true;
	registration = find_or_add(registry, tag);
	if (!registration)
		return false;
	/* Who ended between the two steps of a replacement left both. */
	if (!replace(registry, registration, key))
		return true;
	memcpy(registration->key, key, SNAPTUN_KEY_LEN);
	registration->end = loop_now() +
			    (uint64_t)member_number(authorisation, "lifetime");
	return true;
}

/* Takes what the kernel says of an identity; false without memory. */
static bool take_identity(struct registry *registry, const json_t *identity)
{
	const json_t *authorisation;
	uint8_t key[SNAPTUN_KEY_LEN];
	size_t i;

	if (!key_decode(member_text(identity, "key"), key))
		return true;
	if (has_ended(identity)) {
		remove_identity(registry, key);
		return true;
	}
	json_array_foreach(json_object_get(identity, "authorisations"), i, authorisation)
		if (!take_authorisation(registry, key, authorisation))
			return false;
	return true;
}

static enum status read_module(struct registry *registry)
{
	enum status status;
	json_t *list;
	const json_t *identity;
	size_t i;

	status = device_list(registry->device, SNAPTUN_CMD_IDENTITY_GET, &list);
	json_array_foreach(list, i, identity)
		if (!take_identity(registry, identity))
			status = report(STATUS_FAILED, "no memory");
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
	status = read_module(*registry);
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
	tdestroy(registry->tree, free);
	free(registry);
}

/* Removes the identity that an event was about, unless it was registered again since. */
static void remove_if_ended(struct registry *registry, const uint8_t *key)
{
	struct netlink *netlink = registry->device->netlink;
	json_t *answers = json_array();

	netlink_begin(netlink, SNAPTUN_CMD_IDENTITY_GET, 0, registry->device->ifindex);
	netlink_put(netlink, SNAPTUN_A_IDENTITY_KEY, key, SNAPTUN_KEY_LEN);
	if (!netlink_call(netlink, answers) && has_ended(json_array_get(answers, 0)))
		remove_identity(registry, key);
	json_decref(answers);
}

void registry_hear(struct registry *registry, const json_t *event)
{
	uint8_t key[SNAPTUN_KEY_LEN];

	if (!event)
		read_module(registry);
	else if (!strcmp(member_text(event, "event"), "identity-ended") &&
		 member_number(event, "ifindex") == registry->device->ifindex &&
		 key_decode(member_text(event, "key"), key))
		remove_if_ended(registry, key);
}
