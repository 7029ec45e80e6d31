// SPDX-License-Identifier: GPL-2.0-or-later
/* Verifies SNAP tokens: their signature, then what they claim. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base64url.h"
#include "file.h"
#include "jwt.h"
#include "key.h"
#include "report.h"
#include "verifier.h"

#define FILE_BYTES_MAX		65536U
#define KEYS_MAX		64

#define ED25519_KEY_BYTES	32
#define ED25519_SIGNATURE_BYTES	64

/* Of the letters and hyphens of a UUID, and of one after a byte of zero. */
#define UUID_LENGTH		36
#define UUID_BYTES		16

#define AUDIENCE		"snap"

/**
 * struct named_key - a key of a JWKS
 * @kid: What tokens name it.
 * @key: The key.
 */
struct named_key {
	char *kid;
	EVP_PKEY *key;
};

/**
 * struct verifier - the keys
 * @key: That of tokens that name none; NULL for none.
 * @has_jwks: Those that tokens name are in @keys; without, they are @key.
 * @count: How many there are.
 * @keys: They.
 */
struct verifier {
	EVP_PKEY *key;
	bool has_jwks;
	size_t count;
	struct named_key keys[KEYS_MAX];
};

/* The only key in a text; NULL where there is none, or more than one. */
static EVP_PKEY *read_pem(const struct file_text *text)
{
	BIO *bio = BIO_new_mem_buf(text->bytes, (int)text->size);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
	EVP_PKEY *another = key ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	if (key && !another && EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519)
		return key;
	EVP_PKEY_free(another);
	EVP_PKEY_free(key);
	return NULL;
}

static enum status load_pem(const char *path, struct verifier *verifier)
{
	struct file_text text;
	enum status status;

	status = file_read("token key", path, FILE_OWN, FILE_BYTES_MAX, &text);
	if (status != STATUS_OK)
		return status;
	verifier->key = read_pem(&text);
	file_wipe(&text);
	if (verifier->key)
		return STATUS_OK;
	return report(STATUS_BAD_KEY, "token key %s holds something else than one public key of Ed25519 in PEM",
		      key_hide(path));
}

static const char *member(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/* Whether a member is that text, or is not there at all. */
static bool is_text_or_absent(const json_t *object, const char *name, const char *text)
{
	const json_t *value = json_object_get(object, name);

	return !value || (json_is_string(value) && !strcmp(json_string_value(value), text));
}

/* Whether a key of a JWKS is one that tokens can be signed with, and name. */
static bool is_of_use(const json_t *jwk)
{
	const char *type = member(jwk, "kty");
	const char *curve = member(jwk, "crv");

	return type && !strcmp(type, "OKP") && curve && !strcmp(curve, "Ed25519") &&
	       member(jwk, "kid") && is_text_or_absent(jwk, "use", "sig") &&
	       (is_text_or_absent(jwk, "alg", "EdDSA") ||
		is_text_or_absent(jwk, "alg", "Ed25519"));
}

static EVP_PKEY *find_key(const struct verifier *verifier, const char *kid)
{
	if (!kid || !verifier->has_jwks)
		return verifier->key;
	for (size_t i = 0; i < verifier->count; i++)
		if (!strcmp(verifier->keys[i].kid, kid))
			return verifier->keys[i].key;
	return NULL;
}

/* Adds one key of a JWKS; says what is wrong with it. */
static const char *add_jwk(struct verifier *verifier, const json_t *jwk)
{
	struct named_key *new = &verifier->keys[verifier->count];
	const char *kid = member(jwk, "kid");
	const char *x = member(jwk, "x");
	uint8_t bytes[BASE64URL_ROOM(BASE64URL_LENGTH(ED25519_KEY_BYTES))];
	size_t size;

	if (!json_is_object(jwk))
		return "has a key that is no object";
	if (!is_of_use(jwk))
		return NULL;
	if (verifier->count == KEYS_MAX)
		return "has too many keys";
	if (find_key(verifier, kid))
		return "has two keys with the same kid";
	if (!x || strlen(x) != BASE64URL_LENGTH(ED25519_KEY_BYTES) ||
	    !base64url_decode(x, strlen(x), bytes, &size))
		return "has a key of Ed25519 whose x is not 32 bytes in base64url";
	new->key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, size);
	new->kid = strdup(kid);
	verifier->count++;
	return new->key && new->kid ? NULL : "has a key that cannot be taken";
}

static const char *read_jwks(const struct file_text *text, struct verifier *verifier)
{
	json_t *jwks = json_loadb(text->bytes, text->size, JSON_REJECT_DUPLICATES, NULL);
	const json_t *list = json_object_get(jwks, "keys");
	const char *wrong = json_is_array(list) ? NULL : "is no JWKS";
	const json_t *jwk;
	size_t i;

	verifier->has_jwks = true;
	json_array_foreach(list, i, jwk)
		if (!wrong)
			wrong = add_jwk(verifier, jwk);
	json_decref(jwks);
	if (!wrong && !verifier->count)
		wrong = "has no key of Ed25519 with a kid";
	return wrong;
}

static enum status load_jwks(const char *path, struct verifier *verifier)
{
	struct file_text text;
	enum status status;
	const char *wrong;

	status = file_read("JWKS", path, FILE_OWN, FILE_BYTES_MAX, &text);
	if (status != STATUS_OK)
		return status;
	wrong = read_jwks(&text, verifier);
	file_wipe(&text);
	if (!wrong)
		return STATUS_OK;
	return report(STATUS_BAD_KEY, "JWKS %s %s", key_hide(path), wrong);
}

enum status verifier_load(const char *pem, const char *jwks, struct verifier **verifier)
{
	enum status status = STATUS_OK;

	*verifier = calloc(1, sizeof(**verifier));
	if (!*verifier)
		return report(STATUS_FAILED, "no memory");
	if (pem)
		status = load_pem(pem, *verifier);
	if (status == STATUS_OK && jwks)
		status = load_jwks(jwks, *verifier);
	if (status != STATUS_OK) {
		verifier_free(*verifier);
		*verifier = NULL;
	}
	return status;
}

void verifier_free(struct verifier *verifier)
{
	if (!verifier)
		return;
	EVP_PKEY_free(verifier->key);
	for (size_t i = 0; i < verifier->count; i++) {
		EVP_PKEY_free(verifier->keys[i].key);
		free(verifier->keys[i].kid);
	}
	free(verifier);
}

/* An object from its base64url; NULL where it is none. */
static json_t *read_part(const char *text, size_t length)
{
	uint8_t *bytes = malloc(BASE64URL_ROOM(length));
	json_t *object = NULL;
	size_t size;

	if (bytes && base64url_decode(text, length, bytes, &size))
		object = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, NULL);
	free(bytes);
	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

/* Whether a signature is right for what was signed. */
static bool verify(EVP_PKEY *key, const char *text, size_t length, const char *signature)
{
	uint8_t bytes[BASE64URL_ROOM(BASE64URL_LENGTH(ED25519_SIGNATURE_BYTES))];
	EVP_MD_CTX *context;
	size_t size;
	bool right;

	if (strlen(signature) != BASE64URL_LENGTH(ED25519_SIGNATURE_BYTES) ||
	    !base64url_decode(signature, strlen(signature), bytes, &size))
		return false;
	context = EVP_MD_CTX_new();
	right = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
		EVP_DigestVerify(context, bytes, size, (const uint8_t *)text, length) == 1;
	EVP_MD_CTX_free(context);
	return right;
}

/* The key that a header names; NULL after saying what is wrong. */
static EVP_PKEY *choose_key(const struct verifier *verifier, const json_t *header,
			    const char **wrong)
{
	const char *algorithm = member(header, "alg");
	const json_t *kid = json_object_get(header, "kid");
	EVP_PKEY *key = NULL;

	if (!algorithm || strcmp(algorithm, "EdDSA") != 0)
		*wrong = "the token is not signed by EdDSA";
	else if (json_object_get(header, "crit"))
		*wrong = "the token asks for extensions";
	else if (kid && !json_is_string(kid))
		*wrong = "the token's kid is no text";
	else
		key = find_key(verifier, json_string_value(kid));
	if (!key && !*wrong)
		*wrong = kid ? "the token names a key that is unknown here" :
			       "the token names no key";
	return key;
}

/* A claim that is a time, in seconds since the epoch. */
static bool read_time(const json_t *claims, const char *name, int64_t *time)
{
	const json_t *value = json_object_get(claims, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*time = json_integer_value(value);
	return true;
}

static const char *check_times(const json_t *claims, int64_t now, int64_t *expiry)
{
	int64_t begin = 0;

	if (!read_time(claims, "exp", expiry))
		return "the token has no exp that is a time";
	if (now > VERIFIER_LEEWAY && *expiry <= now - VERIFIER_LEEWAY)
		return "the token has expired";
	if (json_object_get(claims, "nbf") && !read_time(claims, "nbf", &begin))
		return "the token's nbf is no time";
	if (begin > now + VERIFIER_LEEWAY)
		return "the token is not valid yet";
	return NULL;
}

static const char *check_audience(const json_t *claims)
{
	const json_t *audience = json_object_get(claims, "aud");
	const json_t *one;
	size_t i;

	if (is_text_or_absent(claims, "aud", AUDIENCE))
		return NULL;
	json_array_foreach(audience, i, one)
		if (json_is_string(one) && !strcmp(json_string_value(one), AUDIENCE))
			return NULL;
	return "the token is for another audience";
}

static bool is_uuid(const char *text)
{
	if (!text || strlen(text) != UUID_LENGTH)
		return false;
	for (int i = 0; i < UUID_LENGTH; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? text[i] != '-' :
			     !strchr("0123456789abcdefABCDEF", text[i]))
			return false;
	}
	return true;
}

/* Base64url of a byte of zero, which is the version of what follows, and a UUID. */
static bool is_versioned_uuid(const char *text)
{
	uint8_t bytes[BASE64URL_ROOM(BASE64URL_LENGTH(1 + UUID_BYTES))];
	size_t size;

	return text && strlen(text) == BASE64URL_LENGTH(1 + UUID_BYTES) &&
	       base64url_decode(text, strlen(text), bytes, &size) && !bytes[0];
}

/* What tokens of each version have; the values of many are nobody's business. */
static const char *check_version(const json_t *claims)
{
	const json_t *version = json_object_get(claims, "ver");
	const char *subject = member(claims, "pssid");
	int64_t time;

	if (!version)
		return is_uuid(subject) ? NULL : "the token has no pssid that is a UUID";
	if (!json_is_integer(version) || json_integer_value(version) != 1)
		return "the token is of an unknown version";
	if (!member(claims, "iss") || !member(claims, "aud"))
		return "the token lacks iss, or has no single aud";
	if (!read_time(claims, "nbf", &time) || !read_time(claims, "iat", &time))
		return "the token has no nbf or iat that is a time";
	return is_versioned_uuid(subject) ? NULL : "the token's pssid makes no sense";
}

static const char *read_claims(const json_t *object, int64_t now,
			       struct verifier_claims *claims)
{
	const char *jti = member(object, "jti");
	const char *wrong;

	if (!object)
		return "the token's payload is no object";
	wrong = check_times(object, now, &claims->expiry);
	if (!wrong)
		wrong = check_audience(object);
	if (!wrong)
		wrong = check_version(object);
	if (!wrong && (!jti || !*jti))
		wrong = "the token has no jti";
	if (!wrong && EVP_Digest(jti, strlen(jti), claims->jti, NULL, EVP_sha256(), NULL) != 1)
		wrong = "the token's jti cannot be hashed";
	return wrong;
}

const char *verifier_check(const struct verifier *verifier, const char *token, int64_t now,
			   struct verifier_claims *claims)
{
	const char *payload = strchr(token, '.');
	const char *signature = payload ? strchr(payload + 1, '.') : NULL;
	const char *wrong = NULL;
	json_t *object;
	EVP_PKEY *key;

	if (strlen(token) > JWT_BYTES_MAX || !signature)
		return "the token is no JWT";
	object = read_part(token, (size_t)(payload++ - token));
	if (!object)
		return "the token has no header that is an object";
	key = choose_key(verifier, object, &wrong);
	json_decref(object);
	if (!key)
		return wrong;
	if (!verify(key, token, (size_t)(signature - token), signature + 1))
		return "the token's signature is wrong";
	object = read_part(payload, (size_t)(signature - payload));
	wrong = read_claims(object, now, claims);
	json_decref(object);
	return wrong;
}
