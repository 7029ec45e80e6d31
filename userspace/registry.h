/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The identities that tokens have registered with our device: each token's, until it expires.
 * The module has them; what is kept here is which token registered which. A new process reads
 * that from the module, which knows of an identity's last registrations to end alone.
 */
#ifndef SNAPTUN_REGISTRY_H
#define SNAPTUN_REGISTRY_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <linux/snaptun.h>

#include "command.h"
#include "device.h"
#include "verifier.h"

/**
 * enum registry_outcome - how a registration went
 * @REGISTRY_DONE: The identity may start tunnels.
 * @REGISTRY_BAD_KEY: It is none that can be an identity.
 * @REGISTRY_FULL: The module has no room for it.
 * @REGISTRY_FAILED: The module could not do it, which was reported.
 */
enum registry_outcome {
	REGISTRY_DONE,
	REGISTRY_BAD_KEY,
	REGISTRY_FULL,
	REGISTRY_FAILED,
};

struct registry;

/**
 * registry_new() - find out what is registered with a device
 * @device: The device, which outlives the registry.
 * @registry: Where it goes; registry_free() ends it. NULL on failure.
 *
 * Identities that nothing authorises any more are removed.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status registry_new(struct device *device, struct registry **registry);

/**
 * registry_free() - be done with it; the module keeps what it has
 * @registry: The registry; may be NULL.
 */
void registry_free(struct registry *registry);

/**
 * registry_add() - register an identity
 * @registry: The registry.
 * @jti: What identifies the token, see struct verifier_claims.
 * @key: The identity, a public key.
 * @lifetime: For how long, in milliseconds; not 0.
 *
 * Ends the token's registration of another identity, and no other token's. One that fails
 * changes nothing.
 *
 * Return: how it went.
 */
enum registry_outcome registry_add(struct registry *registry,
				   const uint8_t jti[VERIFIER_JTI_BYTES],
				   const uint8_t key[SNAPTUN_KEY_LEN], uint64_t lifetime);

/**
 * registry_hear() - take an event of the kernel
 * @registry: The registry.
 * @event: The event; NULL where some were lost.
 *
 * Removes identities of the device that nothing authorises any more.
 */
void registry_hear(struct registry *registry, const json_t *event);

#endif /* SNAPTUN_REGISTRY_H */
