// SPDX-License-Identifier: GPL-2.0-or-later
/* Answers of control planes, checked. */
#include <stdlib.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "aa.pb-c.h"
#include "discovery.pb-c.h"
#include "endhost.pb-c.h"
#include "snap.pb-c.h"
#include "snap_answer.h"
#include "wipe.h"

/* Two bytes of an answer can become a hundred: so much memory may one take, all in all. */
#define MEMORY_MAX	(16U << 20)

/**
 * struct answer - an answer while it is read
 * @allocator: Wipes what it frees, and gives no more than @left.
 * @left: How many more bytes of memory it may take.
 * @message: The answer as protobuf-c has it.
 */
struct answer {
	ProtobufCAllocator allocator;
	size_t left;
	ProtobufCMessage *message;
};

static void *take_memory(void *data, size_t size)
{
	struct answer *answer = data;

	if (size > answer->left)
		return NULL;
	answer->left -= size;
	return malloc(size);
}

static void give_back(void *data, void *memory)
{
	(void)data;
	wipe_free(memory);
}

static bool wrong(struct rpc_error *error, const char *what)
{
	rpc_error_set(error, RPC_INTERNAL, "the answer makes no sense: %s", what);
	return false;
}

/* The message in an answer, for free_answer(); NULL with an error. */
static void *unpack(struct answer *answer,
		    const ProtobufCMessageDescriptor *type, const uint8_t *body,
		    size_t size, struct rpc_error *error)
{
	answer->allocator.alloc = take_memory;
	answer->allocator.free = give_back;
	answer->allocator.allocator_data = answer;
	answer->left = MEMORY_MAX;
	answer->message = protobuf_c_message_unpack(type, &answer->allocator,
						    size, body);
	if (!answer->message)
		wrong(error, "it is no protobuf of its kind");
	return answer->message;
}

static void free_answer(struct answer *answer)
{
	protobuf_c_message_free_unpacked(answer->message, &answer->allocator);
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

static bool read_data_plane(const Snap__DataPlaneResponse *response,
			    struct snap_data_plane *plane,
			    struct rpc_error *error)
{
	const char *reason;

	reason = address_parse(response->address, &plane->address);
	if (reason) {
		rpc_error_set(error, RPC_INTERNAL,
			      "the answer makes no sense: the data plane's address: %s",
			      reason);
		return false;
	}
	if (!*response->control_address || !response->static_key.len) {
		rpc_error_set(error, RPC_FAILED_PRECONDITION,
			      "the SNAP must be updated: it does not say where identities are registered, or no key");
		return false;
	}
	reason = url_parse_control(response->control_address, &plane->control);
	if (reason) {
		rpc_error_set(error, RPC_INTERNAL,
			      "the answer makes no sense: the data plane's control address: %s",
			      reason);
		return false;
	}
	if (response->static_key.len != SNAPTUN_KEY_LEN)
		return wrong(error, "the data plane's key is not of 32 bytes");
	if (is_zero(response->static_key.data, SNAPTUN_KEY_LEN))
		return wrong(error, "the data plane's key is zero");
	memcpy(plane->key, response->static_key.data, SNAPTUN_KEY_LEN);
	return true;
}

bool snap_answer_data_plane(const uint8_t *body, size_t size,
			    struct snap_data_plane *plane,
			    struct rpc_error *error)
{
	const Snap__DataPlaneResponse *response;
	struct answer answer;
	bool right;

	memset(plane, 0, sizeof(*plane));
	response = unpack(&answer, &snap__data_plane_response__descriptor, body,
			  size, error);
	right = response && read_data_plane(response, plane, error);
	free_answer(&answer);
	return right;
}

bool snap_answer_register(const uint8_t *body, size_t size,
			  struct rpc_error *error)
{
	const Snap__RegisterResponse *response;
	struct answer answer;
	bool right = false;

	response = unpack(&answer, &snap__register_response__descriptor, body,
			  size, error);
	if (!response)
		return false;
	if (response->psk_share.len != SNAPTUN_KEY_LEN)
		wrong(error, "its share of a pre-shared key is not of 32 bytes");
	else if (!is_zero(response->psk_share.data, SNAPTUN_KEY_LEN))
		rpc_error_set(error, RPC_UNIMPLEMENTED,
			      "the server wants a pre-shared key of two shares, which is defined nowhere");
	else
		right = true;
	free_answer(&answer);
	return right;
}

static bool copy_ases(struct snap_api_snap *snap, const Endhost__Snap *from)
{
	size_t count = from->n_isd_ases < SNAP_API_ASES_MAX ? from->n_isd_ases :
							      SNAP_API_ASES_MAX;

	if (!count)
		return true;
	snap->ases = calloc(count, sizeof(*snap->ases));
	if (!snap->ases)
		return false;
	memcpy(snap->ases, from->isd_ases, count * sizeof(*snap->ases));
	snap->ases_count = count;
	return true;
}

static bool copy_snaps(struct snap_api_underlays *underlays,
		       const Endhost__SnapUnderlay *from)
{
	size_t most = from->n_snaps < SNAP_API_SNAPS_MAX ? from->n_snaps :
							   SNAP_API_SNAPS_MAX;

	if (!most)
		return true;
	underlays->snaps = calloc(most, sizeof(*underlays->snaps));
	if (!underlays->snaps)
		return false;
	for (size_t i = 0; i < from->n_snaps && underlays->count < most; i++) {
		struct snap_api_snap *snap = &underlays->snaps[underlays->count];

		if (url_parse(from->snaps[i]->address, &snap->control))
			continue;
		underlays->count++;
		if (!copy_ases(snap, from->snaps[i]))
			return false;
	}
	underlays->left_out = from->n_snaps - underlays->count;
	return true;
}

bool snap_answer_underlays(const uint8_t *body, size_t size,
			   struct snap_api_underlays *underlays,
			   struct rpc_error *error)
{
	const Endhost__UnderlaysResponse *response;
	struct answer answer;
	bool right = true;

	memset(underlays, 0, sizeof(*underlays));
	response = unpack(&answer, &endhost__underlays_response__descriptor,
			  body, size, error);
	if (!response)
		return false;
	if (response->snap && !copy_snaps(underlays, response->snap)) {
		snap_answer_free_underlays(underlays);
		rpc_error_set(error, RPC_RESOURCE_EXHAUSTED, "no memory");
		right = false;
	}
	free_answer(&answer);
	return right;
}

void snap_answer_free_underlays(struct snap_api_underlays *underlays)
{
	for (size_t i = 0; i < underlays->count; i++)
		free(underlays->snaps[i].ases);
	free(underlays->snaps);
	memset(underlays, 0, sizeof(*underlays));
}

static bool copy_apis(struct snap_api_endhost_apis *apis,
		      const Discovery__ApisResponse *from)
{
	size_t all = 0;

	for (size_t i = 0; i < from->n_groups; i++)
		all += from->groups[i]->n_apis;
	if (!all)
		return true;
	apis->apis = calloc(all < SNAP_API_APIS_MAX ? all : SNAP_API_APIS_MAX,
			    sizeof(*apis->apis));
	if (!apis->apis)
		return false;
	for (size_t i = 0; i < from->n_groups; i++) {
		const Discovery__Group *group = from->groups[i];

		for (size_t j = 0;
		     j < group->n_apis && apis->count < SNAP_API_APIS_MAX; j++) {
			struct snap_api_endhost_api *api = &apis->apis[apis->count];

			api->group = i;
			if (!url_parse(group->apis[j]->address, &api->url))
				apis->count++;
		}
	}
	apis->left_out = all - apis->count;
	return true;
}

bool snap_answer_endhost_apis(const uint8_t *body, size_t size,
			      struct snap_api_endhost_apis *apis,
			      struct rpc_error *error)
{
	const Discovery__ApisResponse *response;
	struct answer answer;
	bool right = true;

	memset(apis, 0, sizeof(*apis));
	response = unpack(&answer, &discovery__apis_response__descriptor, body,
			  size, error);
	if (!response)
		return false;
	if (!copy_apis(apis, response)) {
		rpc_error_set(error, RPC_RESOURCE_EXHAUSTED, "no memory");
		right = false;
	}
	free_answer(&answer);
	return right;
}

void snap_answer_free_endhost_apis(struct snap_api_endhost_apis *apis)
{
	free(apis->apis);
	memset(apis, 0, sizeof(*apis));
}

static bool read_token(const Aa__TokenResponse *response,
		       struct snap_api_token *token, struct rpc_error *error)
{
	const char *discovery = response->metadata ?
				response->metadata->discovery_url : "";
	const char *reason;

	if (!*response->snap_token)
		return wrong(error, "it has no token");
	for (const char *c = response->snap_token; *c; c++)
		if (*c <= ' ' || *c >= 0x7f)
			return wrong(error, "its token has characters in it that no token has");
	token->has_discovery = *discovery;
	reason = *discovery ? url_parse(discovery, &token->discovery) : NULL;
	if (reason) {
		rpc_error_set(error, RPC_INTERNAL,
			      "the answer makes no sense: the discovery's URL: %s",
			      reason);
		return false;
	}
	token->token = wipe_strdup(response->snap_token);
	if (token->token)
		return true;
	rpc_error_set(error, RPC_RESOURCE_EXHAUSTED, "no memory");
	return false;
}

bool snap_answer_token(const uint8_t *body, size_t size,
		       struct snap_api_token *token, struct rpc_error *error)
{
	const Aa__TokenResponse *response;
	struct answer answer;
	bool right;

	memset(token, 0, sizeof(*token));
	response = unpack(&answer, &aa__token_response__descriptor, body, size,
			  error);
	right = response && read_token(response, token, error);
	free_answer(&answer);
	return right;
}

void snap_answer_free_token(struct snap_api_token *token)
{
	wipe_free(token->token);
	memset(token, 0, sizeof(*token));
}
