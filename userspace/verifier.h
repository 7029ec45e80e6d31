/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells which SNAP tokens are right, by the keys that they may be signed with. */
#ifndef SNAPTUN_VERIFIER_H
#define SNAPTUN_VERIFIER_H

#include <stddef.h>
#include <stdint.h>

#include "command.h"

/* How far clocks may be apart, in seconds. */
#define VERIFIER_LEEWAY		60

/* What a token's jti is known by: its SHA-256. */
#define VERIFIER_JTI_BYTES	32

struct verifier;

/**
 * struct verifier_claims - what a token says
 * @jti: What identifies it: the hash of its jti.
 * @expiry: When it expires, in seconds since the epoch; not before 1970.
 */
struct verifier_claims {
	uint8_t jti[VERIFIER_JTI_BYTES];
	int64_t expiry;
};

/**
 * verifier_load() - read the keys
 * @pem: File with a public key in PEM, for tokens that name none; NULL for none.
 * @jwks: File with a JWKS (RFC 7517 section 5), which has the keys that tokens name by their
 *	kid; NULL for none, where the key in @pem is for those tokens, too.
 * @verifier: Where they go; verifier_free() frees them. NULL on failure.
 *
 * The files must be root's or the caller's, and nobody else may write to them. Keys are of
 * Ed25519; those of other kinds in @jwks do not count.
 *
 * Return: %STATUS_OK, or after a report what file_read() says, or %STATUS_BAD_KEY.
 */
enum status verifier_load(const char *pem, const char *jwks, struct verifier **verifier);

/**
 * verifier_free() - forget the keys
 * @verifier: They; may be NULL.
 */
void verifier_free(struct verifier *verifier);

/**
 * verifier_check() - whether a token is right
 * @verifier: The keys.
 * @token: The token.
 * @now: The time, in seconds since the epoch.
 * @claims: Where goes what it says; undefined on failure.
 *
 * It is a JWT, signed with one of the keys by EdDSA (RFC 8037), neither expired nor not valid
 * yet but for %VERIFIER_LEEWAY, for the audience "snap" if it names one, and of version 0
 * or 1, with all that those have. Nothing in it counts before its signature was verified but
 * what says how to do that.
 *
 * Return: NULL, or what is wrong with it, which has nothing of the token: "the token…".
 */
const char *verifier_check(const struct verifier *verifier, const char *token, int64_t now,
			   struct verifier_claims *claims);

#endif /* SNAPTUN_VERIFIER_H */
