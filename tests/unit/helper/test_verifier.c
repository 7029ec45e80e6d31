// SPDX-License-Identifier: GPL-2.0-or-later
/* Which SNAP tokens are right: by whom and how they are signed, when they count, what is in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "scene.h"
#include "verifier.h"

#define TOKEN_MAX	32768
#define NOW		1000000

#define HEADER		"{\"alg\":\"EdDSA\"}"
#define UUID		"01234567-89ab-cdef-0123-456789abcdef"

/* What is in every token that is right, and in one of version 1 besides. */
#define CLAIMS		"\"exp\":1000600,\"jti\":\"one\",\"pssid\":\"" UUID "\""
#define CLAIMS_1	"\"ver\":1,\"iss\":\"x\",\"aud\":\"snap\",\"nbf\":0,\"iat\":0," \
			"\"exp\":1000600,\"jti\":\"one\""
#define PSSID_1		"\"pssid\":\"AAEjRWeJq83vASNFZ4mrze8\""

#define UNTIMED		"\"jti\":\"one\",\"pssid\":\"" UUID "\""

/* RFC 8037, appendix A.4: what its key has signed, which are no claims. */
#define RFC_TOKEN							\
	"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."	\
	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

static EVP_PKEY *ours, *theirs;
static struct verifier *verifier;
static struct verifier_claims claims;

/* Writes base64url, and a zero. */
static void encode(const void *bytes, size_t size, char *text)
{
	int length = EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);

	while (length && text[length - 1] == '=')
		text[--length] = '\0';
	for (; *text; text++)
		*text = *text == '+' ? '-' : *text == '/' ? '_' : *text;
}

/* A token of these texts, until the next one is made. */
static const char *token_by(EVP_PKEY *key, const char *header, const char *payload)
{
	static char token[TOKEN_MAX];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t signature[64];
	size_t size = sizeof(signature);

	encode(header, strlen(header), token);
	strcat(token, ".");
	encode(payload, strlen(payload), token + strlen(token));
	assert_int_equal(EVP_DigestSignInit(context, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(context, signature, &size, (uint8_t *)token,
					strlen(token)), 1);
	EVP_MD_CTX_free(context);
	strcat(token, ".");
	encode(signature, size, token + strlen(token));
	return token;
}

static const char *token_of(const char *payload)
{
	return token_by(ours, HEADER, payload);
}

static const char *check(const char *token)
{
	return verifier_check(verifier, token, NOW, &claims);
}

/* It is refused, and these words are in the reason. */
static void refuse(const char *token, const char *words)
{
	const char *wrong = check(token);

	if (!wrong || !strstr(wrong, words))
		fail_msg("\"%.200s\": %s, and not %s", token, wrong ? wrong : "accepted", words);
}

static void refuse_claims(const char *payload, const char *words)
{
	const char *wrong = check(token_of(payload));

	if (!wrong || !strstr(wrong, words))
		fail_msg("%s: %s, and not %s", payload, wrong ? wrong : "accepted", words);
}

static void accept_claims(const char *payload)
{
	const char *wrong = check(token_of(payload));

	if (wrong)
		fail_msg("%s: %s", payload, wrong);
}

static void load(const char *pem, const char *jwks)
{
	verifier_free(verifier);
	assert_int_equal(verifier_load(pem, jwks, &verifier), STATUS_OK);
}

/* The file of a public key. */
static const char *pem_of(const char *name, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const char *path;
	char *text;
	long size;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	size = BIO_get_mem_data(bio, &text);
	path = scene_write(name, 0600, text, (size_t)size);
	BIO_free(bio);
	return path;
}

/* A key as a member of a JWKS. */
static const char *jwk_of(const char *kid, EVP_PKEY *key, char text[256])
{
	uint8_t bytes[32];
	size_t size = sizeof(bytes);
	char x[64];

	assert_int_equal(EVP_PKEY_get_raw_public_key(key, bytes, &size), 1);
	encode(bytes, size, x);
	snprintf(text, 256, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":\"%s\"}",
		 kid, x);
	return text;
}

static int begin(void **state)
{
	ours = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	theirs = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	verifier = NULL;
	if (scene_begin(state))
		return -1;
	load(pem_of("ours", ours), NULL);
	return 0;
}

static int end(void **state)
{
	verifier_free(verifier);
	EVP_PKEY_free(ours);
	EVP_PKEY_free(theirs);
	return scene_end(state);
}

static void right_token_tells_its_jti_and_its_end(void **state)
{
	static const uint8_t hash[VERIFIER_JTI_BYTES] = {
		0x76, 0x92, 0xc3, 0xad, 0x35, 0x40, 0xbb, 0x80, 0x3c, 0x02, 0x0b,
		0x3a, 0xee, 0x66, 0xcd, 0x88, 0x87, 0x12, 0x32, 0x34, 0xea, 0x0c,
		0x6e, 0x71, 0x43, 0xc0, 0xad, 0xd7, 0x3f, 0xf4, 0x31, 0xed,
	};

	(void)state;
	accept_claims("{" CLAIMS "}");
	assert_int_equal(claims.expiry, 1000600);
	assert_memory_equal(claims.jti, hash, sizeof(hash));
	accept_claims("{" CLAIMS_1 "," PSSID_1 "}");
	assert_memory_equal(claims.jti, hash, sizeof(hash));
}

static void signature_is_that_of_the_rfc(void **state)
{
	static const uint8_t public_key[] = {
		0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
		0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
		0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
	};
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key,
						    sizeof(public_key));
	char token[] = RFC_TOKEN;
	const char *payload = strchr(token, '.') + 1;

	(void)state;
	load(pem_of("rfc", key), NULL);
	EVP_PKEY_free(key);
	refuse(token, "payload is no object");
	/* The last character has bits that are none of the signature's. */
	for (char *c = token; c[1]; c++) {
		*c ^= 1;
		refuse(token, c >= payload && *c != ('.' ^ 1) ? "signature is wrong" : "the token");
		*c ^= 1;
	}
	refuse(token, "payload is no object");
}

static void token_is_signed_by_the_key(void **state)
{
	const char *token = token_by(theirs, HEADER, "{" CLAIMS "}");

	(void)state;
	refuse(token, "signature is wrong");
	load(pem_of("theirs", theirs), NULL);
	assert_null(check(token));
	refuse_claims("{" CLAIMS "}", "signature is wrong");
}

static void header_says_how_and_nothing_else(void **state)
{
	static const char *const algorithms[] = {
		"{}", "{\"alg\":\"none\"}", "{\"alg\":\"eddsa\"}", "{\"alg\":\"Ed25519\"}",
		"{\"alg\":\"HS256\"}", "{\"alg\":\"ES256\"}", "{\"alg\":[\"EdDSA\"]}",
		"{\"alg\":null}", "{\"alg\":\"\"}",
	};
	static const char *const none[] = {
		"", "[]", "null", "\"EdDSA\"", "{\"alg\":\"EdDSA\"", "{\"alg\":\"EdDSA\"}x",
		"{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\"}", "{\"alg\":\"EdDSA\\u0000\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++)
		refuse(token_by(ours, algorithms[i], "{" CLAIMS "}"), "not signed by EdDSA");
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		refuse(token_by(ours, none[i], "{" CLAIMS "}"), "no header");
	refuse(token_by(ours, "{\"alg\":\"EdDSA\",\"crit\":[\"b64\"],\"b64\":false}",
			"{" CLAIMS "}"), "extensions");
	refuse(token_by(ours, "{\"alg\":\"EdDSA\",\"kid\":1}", "{" CLAIMS "}"), "kid");
	refuse(token_by(ours, "{\"alg\":\"EdDSA\",\"kid\":null}", "{" CLAIMS "}"), "kid");
	assert_null(check(token_by(ours, "{\"typ\":\"JWT\",\"alg\":\"EdDSA\",\"x\":[]}",
				   "{" CLAIMS "}")));
}

static void token_has_three_parts_of_base64url(void **state)
{
	static const char *const none[] = {
		"", "a", ".", "..", "...", "a.b", "a.b.c", "e30.e30.", "e30.e30",
		"eyJhbGciOiJFZERTQSJ9.", "eyJhbGciOiJFZERTQSJ9..",
	};
	char token[TOKEN_MAX];
	char *dot;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		refuse(none[i], "");
	strcpy(token, token_of("{" CLAIMS "}"));
	assert_null(check(token));
	for (size_t length = strlen(token) - 1; length; length--) {
		token[length] = '\0';
		refuse(token, "");
	}
	strcpy(token, token_of("{" CLAIMS "}"));
	strcat(token, "=");
	refuse(token, "signature is wrong");
	strcpy(token, token_of("{" CLAIMS "}"));
	strcat(token, ".e30");
	refuse(token, "signature is wrong");
	/* What was signed is the text, and the text is what is read. */
	strcpy(token, token_of("{" CLAIMS "}"));
	dot = strrchr(token, '.');
	memmove(dot + 1, dot, strlen(dot) + 1);
	*dot = '=';
	refuse(token, "signature is wrong");
}

static void token_has_a_bound(void **state)
{
	char payload[TOKEN_MAX / 2];

	(void)state;
	strcpy(payload, "{" CLAIMS ",\"more\":\"");
	memset(payload + strlen(payload), 'x', 12000);
	strcpy(payload + strlen("{" CLAIMS ",\"more\":\"") + 12000, "\"}");
	accept_claims(payload);
	strcpy(payload, "{" CLAIMS ",\"more\":\"");
	memset(payload + strlen(payload), 'x', 13000);
	strcpy(payload + strlen("{" CLAIMS ",\"more\":\"") + 13000, "\"}");
	refuse_claims(payload, "no JWT");
}

static void claims_are_one_object(void **state)
{
	static const char *const none[] = {
		"", "null", "[]", "\"x\"", "[{" CLAIMS "}]", "{" CLAIMS "}x", "{" CLAIMS,
		"{" CLAIMS ",}", "{" CLAIMS ",\"exp\":1000600}", "{" CLAIMS ",\"jti\":\"one\"}",
		"{" CLAIMS ",\"more\":{\"a\":1,\"a\":1}}", "{" CLAIMS ",\"more\":\"\\u0000\"}",
		"{" CLAIMS ",\"more\":\"\xff\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		refuse_claims(none[i], "payload is no object");
	accept_claims(" {" CLAIMS ",\"sub\":1,\"more\":{\"a\":null},\"scope\":[]}\n");
}

/* From when on a token with these claims is right, and until when. */
static void counts(const char *payload, int64_t from, int64_t until)
{
	const char *token = token_of(payload);

	if (from)
		assert_string_equal(verifier_check(verifier, token, from - 1, &claims),
				    "the token is not valid yet");
	assert_null(verifier_check(verifier, token, from, &claims));
	assert_null(verifier_check(verifier, token, until, &claims));
	assert_string_equal(verifier_check(verifier, token, until + 1, &claims),
			    "the token has expired");
}

static void token_counts_for_its_time(void **state)
{
	static const char *const no_exp[] = {
		"{" UNTIMED "}", "{" UNTIMED ",\"exp\":\"1000600\"}", "{" UNTIMED ",\"exp\":null}",
		"{" UNTIMED ",\"exp\":1000600.0}", "{" UNTIMED ",\"exp\":1e10}",
		"{" UNTIMED ",\"exp\":-1}", "{" UNTIMED ",\"exp\":[1000600]}",
		"{" UNTIMED ",\"exp\":true}",
	};
	static const char *const no_nbf[] = {
		"{" CLAIMS ",\"nbf\":\"1\"}", "{" CLAIMS ",\"nbf\":null}", "{" CLAIMS ",\"nbf\":1.5}",
		"{" CLAIMS ",\"nbf\":-1}", "{" CLAIMS ",\"nbf\":{}}",
	};

	(void)state;
	counts("{" CLAIMS "}", 0, 1000600 + VERIFIER_LEEWAY - 1);
	counts("{" CLAIMS ",\"nbf\":1000000}", 1000000 - VERIFIER_LEEWAY,
	       1000600 + VERIFIER_LEEWAY - 1);
	for (size_t i = 0; i < sizeof(no_exp) / sizeof(*no_exp); i++)
		refuse_claims(no_exp[i], "exp");
	for (size_t i = 0; i < sizeof(no_nbf) / sizeof(*no_nbf); i++)
		refuse_claims(no_nbf[i], "nbf");
	refuse_claims("{" UNTIMED ",\"exp\":0}", "expired");
	accept_claims("{" UNTIMED ",\"exp\":9223372036854775807}");
	assert_int_equal(claims.expiry, INT64_MAX);
	refuse_claims("{" UNTIMED ",\"exp\":9223372036854775808}", "");
	refuse_claims("{" CLAIMS ",\"nbf\":9223372036854775807}", "not valid yet");
	/* A clock that was never set. */
	assert_null(verifier_check(verifier, token_of("{" UNTIMED ",\"exp\":0}"), 0, &claims));
}

static void audience_is_ours_where_there_is_one(void **state)
{
	static const char *const others[] = {
		"\"other\"", "\"\"", "\"SNAP\"", "\"snap \"", "[]", "[\"other\"]", "null", "1",
		"{\"snap\":\"snap\"}", "[[\"snap\"]]", "[null]",
	};
	char payload[256];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		snprintf(payload, sizeof(payload), "{" CLAIMS ",\"aud\":%s}", others[i]);
		refuse_claims(payload, "another audience");
	}
	accept_claims("{" CLAIMS ",\"aud\":\"snap\"}");
	accept_claims("{" CLAIMS ",\"aud\":[\"snap\"]}");
	accept_claims("{" CLAIMS ",\"aud\":[\"other\",1,\"snap\"]}");
}

static void token_is_named_and_somebodys(void **state)
{
	static const char *const none[] = { "\"\"", "null", "1", "[\"one\"]" };
	static const char *const no_uuid[] = {
		"\"\"", "null", "1", "\"01234567-89ab-cdef-0123-456789abcde\"",
		"\"01234567-89ab-cdef-0123-456789abcdef0\"",
		"\"0123456789abcdef0123456789abcdef\"",
		"\"01234567-89ab-cdef-0123-456789abcdeg\"",
		"\"0123456-789ab-cdef-0123-456789abcdef\"",
		"\"AAEjRWeJq83vASNFZ4mrze8\"",
	};
	char payload[256];

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		snprintf(payload, sizeof(payload),
			 "{\"exp\":1000600,\"pssid\":\"" UUID "\",\"jti\":%s}", none[i]);
		refuse_claims(payload, "no jti");
	}
	refuse_claims("{\"exp\":1000600,\"pssid\":\"" UUID "\"}", "no jti");
	for (size_t i = 0; i < sizeof(no_uuid) / sizeof(*no_uuid); i++) {
		snprintf(payload, sizeof(payload),
			 "{\"exp\":1000600,\"jti\":\"one\",\"pssid\":%s}", no_uuid[i]);
		refuse_claims(payload, "pssid");
	}
	refuse_claims("{\"exp\":1000600,\"jti\":\"one\"}", "pssid");
	accept_claims("{\"exp\":1000600,\"jti\":\"one\",\"pssid\":\"01234567-89AB-CDEF-0123-456789ABCDEF\"}");
}

static void version_1_has_more(void **state)
{
	static const char *const unknown[] = {
		"0", "2", "-1", "\"1\"", "null", "1.0", "true", "[1]",
	};
	static const char *const no_pssid[] = {
		"\"" UUID "\"", "\"AQEjRWeJq83vASNFZ4mrze8\"", "\"AAEjRWeJq83vASNFZ4mrzQ\"",
		"\"AAEjRWeJq83vASNFZ4mrze8=\"", "\"AAEjRWeJq83vASNFZ4mrz+8\"", "1", "null",
	};
	static const char *const lacking[] = {
		"\"aud\":\"snap\",\"nbf\":0,\"iat\":0", "\"iss\":\"x\",\"nbf\":0,\"iat\":0",
		"\"iss\":\"x\",\"aud\":\"snap\",\"iat\":0", "\"iss\":\"x\",\"aud\":\"snap\",\"nbf\":0",
		"\"iss\":1,\"aud\":\"snap\",\"nbf\":0,\"iat\":0",
		"\"iss\":\"x\",\"aud\":[\"snap\"],\"nbf\":0,\"iat\":0",
		"\"iss\":\"x\",\"aud\":\"snap\",\"nbf\":0,\"iat\":\"0\"",
	};
	char payload[512];

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		snprintf(payload, sizeof(payload), "{" CLAIMS ",\"ver\":%s}", unknown[i]);
		refuse_claims(payload, "unknown version");
	}
	for (size_t i = 0; i < sizeof(no_pssid) / sizeof(*no_pssid); i++) {
		snprintf(payload, sizeof(payload), "{" CLAIMS_1 ",\"pssid\":%s}", no_pssid[i]);
		refuse_claims(payload, "pssid");
	}
	refuse_claims("{" CLAIMS_1 "}", "pssid");
	for (size_t i = 0; i < sizeof(lacking) / sizeof(*lacking); i++) {
		snprintf(payload, sizeof(payload),
			 "{\"ver\":1,\"exp\":1000600,\"jti\":\"one\"," PSSID_1 ",%s}", lacking[i]);
		refuse_claims(payload, "the token");
	}
	accept_claims("{" CLAIMS_1 "," PSSID_1 ",\"more\":1}");
}

static void set_of_keys_is_for_tokens_that_name_one(void **state)
{
	char jwks[1024], one[256], other[256];
	char named[TOKEN_MAX];

	(void)state;
	snprintf(jwks, sizeof(jwks), "{\"keys\":[%s,%s]}", jwk_of("one", theirs, one),
		 jwk_of("other", ours, other));
	load(pem_of("ours", ours), scene_file("jwks", 0600, jwks));
	accept_claims("{" CLAIMS "}");
	strcpy(named, token_by(theirs, "{\"alg\":\"EdDSA\",\"kid\":\"one\"}", "{" CLAIMS "}"));
	assert_null(check(named));
	refuse(token_by(theirs, "{\"alg\":\"EdDSA\",\"kid\":\"other\"}", "{" CLAIMS "}"),
	       "signature is wrong");
	refuse(token_by(ours, "{\"alg\":\"EdDSA\",\"kid\":\"third\"}", "{" CLAIMS "}"), "unknown");
	refuse(token_by(ours, "{\"alg\":\"EdDSA\",\"kid\":\"\"}", "{" CLAIMS "}"), "unknown");
	load(NULL, scene_path("jwks"));
	assert_null(check(named));
	refuse_claims("{" CLAIMS "}", "names no key");
	/* Without a set, a name means nothing. */
	load(pem_of("theirs", theirs), NULL);
	assert_null(check(named));
}

static void refuse_file(const char *pem, const char *jwks, enum status wanted, const char *words)
{
	struct verifier *none = verifier;

	assert_int_equal(verifier_load(pem, jwks, &none), wanted);
	assert_null(none);
	assert_true(scene_reported(words));
	assert_int_equal(truncate(scene_path("reports"), 0), 0);
}

static void files_that_make_no_sense_are_refused(void **state)
{
	static const char *const sets[][2] = {
		{ "", "is no JWKS" }, { "{", "is no JWKS" }, { "[]", "is no JWKS" },
		{ "{}", "is no JWKS" }, { "{\"keys\":{}}", "is no JWKS" },
		{ "{\"keys\":[]}", "has no key of Ed25519" },
		{ "{\"keys\":[1]}", "no object" },
		{ "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\"}]}", "has no key of Ed25519" },
		{ "{\"keys\":[],\"keys\":[]}", "is no JWKS" },
	};
	char text[1024], jwk[256];
	BIO *bio = BIO_new(BIO_s_mem());
	EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	const char *path;
	char *bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		refuse_file(NULL, scene_file("set", 0600, sets[i][0]), STATUS_BAD_KEY, sets[i][1]);
	jwk_of("a", ours, jwk);
	snprintf(text, sizeof(text), "{\"keys\":[%s,%s]}", jwk, jwk);
	refuse_file(NULL, scene_file("set", 0600, text), STATUS_BAD_KEY, "same kid");
	jwk[strlen(jwk) - 3] = '\0';
	snprintf(text, sizeof(text), "{\"keys\":[%s\"}]}", jwk);
	refuse_file(NULL, scene_file("set", 0600, text), STATUS_BAD_KEY, "not 32 bytes");

	refuse_file(pem_of("key", other), NULL, STATUS_BAD_KEY, "one public key of Ed25519");
	refuse_file(scene_file("key", 0600, "nonsense\n"), NULL, STATUS_BAD_KEY, "one public key");
	PEM_write_bio_PUBKEY(bio, ours);
	PEM_write_bio_PUBKEY(bio, theirs);
	scene_write("key", 0600, bytes, (size_t)BIO_get_mem_data(bio, &bytes));
	refuse_file(scene_path("key"), NULL, STATUS_BAD_KEY, "one public key");
	(void)BIO_reset(bio);
	PEM_write_bio_PrivateKey(bio, ours, NULL, NULL, 0, NULL, NULL);
	scene_write("key", 0600, bytes, (size_t)BIO_get_mem_data(bio, &bytes));
	refuse_file(scene_path("key"), NULL, STATUS_BAD_KEY, "one public key");
	path = pem_of("key", ours);
	assert_int_equal(chmod(path, 0622), 0);
	refuse_file(path, NULL, STATUS_DENIED, "");
	refuse_file(scene_path("nothing"), NULL, STATUS_NOT_FOUND, "");
	BIO_free(bio);
	EVP_PKEY_free(other);
}

static void keys_for_something_else_do_not_count(void **state)
{
	static const char *const purposes[] = {
		"\"use\":\"enc\"", "\"alg\":\"ES256\"", "\"use\":1", "\"alg\":null",
	};
	char text[1024], jwk[256], good[256];

	(void)state;
	for (size_t i = 0; i < sizeof(purposes) / sizeof(*purposes); i++) {
		jwk_of("a", ours, jwk);
		snprintf(text, sizeof(text), "{\"keys\":[{%s,%s,%s]}", purposes[i], jwk + 1,
			 jwk_of("b", ours, good));
		load(NULL, scene_file("set", 0600, text));
		refuse(token_by(ours, "{\"alg\":\"EdDSA\",\"kid\":\"a\"}", "{" CLAIMS "}"), "unknown");
		assert_null(check(token_by(ours, "{\"alg\":\"EdDSA\",\"kid\":\"b\"}",
					   "{" CLAIMS "}")));
	}
	jwk_of("a", ours, jwk);
	snprintf(text, sizeof(text), "{\"keys\":[{\"use\":\"sig\",\"alg\":\"EdDSA\",%s]}", jwk + 1);
	load(NULL, scene_file("set", 0600, text));
	assert_null(check(token_by(ours, "{\"alg\":\"EdDSA\",\"kid\":\"a\"}", "{" CLAIMS "}")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(right_token_tells_its_jti_and_its_end, begin, end),
		cmocka_unit_test_setup_teardown(signature_is_that_of_the_rfc, begin, end),
		cmocka_unit_test_setup_teardown(token_is_signed_by_the_key, begin, end),
		cmocka_unit_test_setup_teardown(header_says_how_and_nothing_else, begin, end),
		cmocka_unit_test_setup_teardown(token_has_three_parts_of_base64url, begin, end),
		cmocka_unit_test_setup_teardown(token_has_a_bound, begin, end),
		cmocka_unit_test_setup_teardown(claims_are_one_object, begin, end),
		cmocka_unit_test_setup_teardown(token_counts_for_its_time, begin, end),
		cmocka_unit_test_setup_teardown(audience_is_ours_where_there_is_one, begin, end),
		cmocka_unit_test_setup_teardown(token_is_named_and_somebodys, begin, end),
		cmocka_unit_test_setup_teardown(version_1_has_more, begin, end),
		cmocka_unit_test_setup_teardown(set_of_keys_is_for_tokens_that_name_one, begin, end),
		cmocka_unit_test_setup_teardown(keys_for_something_else_do_not_count, begin, end),
		cmocka_unit_test_setup_teardown(files_that_make_no_sense_are_refused, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
