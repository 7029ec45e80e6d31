// SPDX-License-Identifier: GPL-2.0-or-later
/* What a SNAP's control plane is asked, and answers. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "endhost.pb-c.h"
#include "rpc.h"
#include "snap.pb-c.h"
#include "snap_service.h"

#define PROTO		"application/proto"
#define SCHEME		"Bearer "

#define MS_PER_SECOND	1000U

/* The module's bound for times: a hundred years of 365 days. */
#define LIFETIME_MAX	(100LL * 365 * 24 * 3600)

/* HTTP's own, where Connect has no code for it. */
#define METHOD_NOT_ALLOWED	405
#define CONTENT_TOO_LARGE	413
#define UNSUPPORTED_MEDIA_TYPE	415

/**
 * struct call - a call that is being answered
 * @service: The control plane.
 * @request: The request, with a token that is right.
 * @claims: What that says.
 * @now: The time, in seconds since the epoch.
 * @answer: Where the answer goes.
 */
struct call {
	const struct snap_service *service;
	const struct http_request *request;
	struct verifier_claims claims;
	int64_t now;
	struct http_answer *answer;
};

/* The statuses that Anapaya's servers have for the codes that are used here. */
static unsigned int status_of(enum rpc_code code)
{
	switch (code) {
	case RPC_INVALID_ARGUMENT:
		return 400;
	case RPC_UNAUTHENTICATED:
		return 401;
	case RPC_NOT_FOUND:
		return 404;
	case RPC_RESOURCE_EXHAUSTED:
	case RPC_UNAVAILABLE:
		return 503;
	default:
		return 500;
	}
}

/* Answers with an error. */
static void fail(struct http_answer *answer, enum rpc_code code, const char *message)
{
	json_t *error = json_pack("{s:s, s:s, s:n}", "code", rpc_code_name(code),
				  "message", message, "detail");

	answer->status = status_of(code);
	answer->content_type = "application/json";
	if (error)
		answer->size = json_dumpb(error, (char *)answer->body, HTTP_ANSWER_MAX,
					  JSON_COMPACT);
	/* Of a longer one nothing would be right. */
	if (answer->size > HTTP_ANSWER_MAX)
		answer->size = 0;
	json_decref(error);
}

static void answer_with(struct http_answer *answer, const ProtobufCMessage *message)
{
	size_t size = protobuf_c_message_get_packed_size(message);

	if (size > HTTP_ANSWER_MAX) {
		fail(answer, RPC_INTERNAL, "the answer is too long");
		return;
	}
	answer->status = 200;
	answer->content_type = PROTO;
	answer->size = protobuf_c_message_pack(message, answer->body);
}

/* The message in a request; NULL after answering that there is none. */
static void *unpack(const struct call *call, const ProtobufCMessageDescriptor *type)
{
	void *message = protobuf_c_message_unpack(type, NULL, call->request->size,
						  call->request->body);

	if (!message)
		fail(call->answer, RPC_INVALID_ARGUMENT, "the body is no protobuf of its kind");
	return message;
}

static void get_data_plane(const struct call *call)
{
	const struct config *config = call->service->config;
	Snap__DataPlaneResponse response = SNAP__DATA_PLANE_RESPONSE__INIT;
	uint8_t key[SNAPTUN_KEY_LEN];
	void *request;

	request = unpack(call, &snap__data_plane_request__descriptor);
	if (!request)
		return;
	protobuf_c_message_free_unpacked(request, NULL);
	if (device_key(call->service->device, key) != STATUS_OK) {
		fail(call->answer, RPC_UNAVAILABLE, "there is no data plane at the moment");
		return;
	}
	response.address = config->data_plane;
	response.control_address = config->control_url;
	response.static_key.data = key;
	response.static_key.len = sizeof(key);
	answer_with(call->answer, &response.base);
}

/* Registers, with a request that is right. */
static void register_key(const struct call *call, const uint8_t *key)
{
	Snap__RegisterResponse response = SNAP__REGISTER_RESPONSE__INIT;
	int64_t seconds = call->claims.expiry - call->now;
	uint8_t psk_share[SNAPTUN_KEY_LEN] = { 0 };

	if (seconds <= 0) {
		fail(call->answer, RPC_INVALID_ARGUMENT, "the token has no time left");
		return;
	}
	if (seconds > LIFETIME_MAX)
		seconds = LIFETIME_MAX;
	switch (registry_add(call->service->registry, call->claims.jti, key,
			     (uint64_t)seconds * MS_PER_SECOND)) {
	case REGISTRY_DONE:
		break;
	case REGISTRY_BAD_KEY:
		fail(call->answer, RPC_INVALID_ARGUMENT, "the static key is of low order");
		return;
	case REGISTRY_FULL:
		fail(call->answer, RPC_RESOURCE_EXHAUSTED, "there is no room for it");
		return;
	case REGISTRY_FAILED:
		fail(call->answer, RPC_UNAVAILABLE, "the data plane cannot take it");
		return;
	}
	response.psk_share.data = psk_share;
	response.psk_share.len = sizeof(psk_share);
	answer_with(call->answer, &response.base);
}

static void register_identity(const struct call *call)
{
	Snap__RegisterRequest *request = unpack(call, &snap__register_request__descriptor);

	if (!request)
		return;
	if (request->static_key.len != SNAPTUN_KEY_LEN)
		fail(call->answer, RPC_INVALID_ARGUMENT, "the static key is not of 32 bytes");
	else if (request->psk_share.len != SNAPTUN_KEY_LEN)
		fail(call->answer, RPC_INVALID_ARGUMENT, "the psk_share is not of 32 bytes");
	else
		register_key(call, request->static_key.data);
	protobuf_c_message_free_unpacked(&request->base, NULL);
}

/* Whether the SNAP is for that AS; for one of which nothing is known, too. */
static bool is_for(const struct config_ases *ases, uint64_t isd_as)
{
	for (size_t i = 0; i < ases->count; i++)
		if (ases->list[i] == isd_as)
			return true;
	return !isd_as;
}

static void list_underlays(const struct call *call)
{
	const struct config *config = call->service->config;
	Endhost__UnderlaysResponse response = ENDHOST__UNDERLAYS_RESPONSE__INIT;
	Endhost__UdpUnderlay udp = ENDHOST__UDP_UNDERLAY__INIT;
	Endhost__SnapUnderlay underlay = ENDHOST__SNAP_UNDERLAY__INIT;
	Endhost__Snap snap = ENDHOST__SNAP__INIT;
	Endhost__Snap *snaps[] = { &snap };
	Endhost__UnderlaysRequest *request;

	request = unpack(call, &endhost__underlays_request__descriptor);
	if (!request)
		return;
	snap.address = config->control_url;
	snap.isd_ases = (uint64_t *)config->snap_ases.list;
	snap.n_isd_ases = config->snap_ases.count;
	underlay.snaps = snaps;
	underlay.n_snaps = is_for(&config->snap_ases, request->isd_as);
	response.udp = &udp;
	response.snap = &underlay;
	answer_with(call->answer, &response.base);
	protobuf_c_message_free_unpacked(&request->base, NULL);
}

static const struct {
	const char *path;
	void (*answer)(const struct call *call);
} calls[] = {
	{ "/anapaya.snap.v1.SnapControl/GetSnapDataPlaneAddress", get_data_plane },
	{ "/anapaya.snap.v1.SnapControl/RegisterSnapTunIdentity", register_identity },
	{ "/scion.endhost.v1.UnderlayService/ListUnderlays", list_underlays },
};

/* Whether HTTP is spoken as Connect wants it; answers if not. */
static bool is_call(const struct http_request *request, struct http_answer *answer)
{
	if (strcmp(request->method, "POST") != 0) {
		fail(answer, RPC_UNKNOWN, "calls are made by POST");
		answer->status = METHOD_NOT_ALLOWED;
		answer->header = "Allow";
		answer->value = "POST";
	} else if (!request->content_type ||
		   strcasecmp(request->content_type, PROTO) != 0) {
		fail(answer, RPC_INVALID_ARGUMENT, "the content type is not " PROTO);
		answer->status = UNSUPPORTED_MEDIA_TYPE;
	} else if (request->is_too_long) {
		fail(answer, RPC_INVALID_ARGUMENT, "the body is too long");
		answer->status = CONTENT_TOO_LARGE;
	} else {
		return true;
	}
	return false;
}

/* Whether there is a token that is right; answers if not. */
static bool is_authorised(struct call *call)
{
	const char *token = call->request->authorization;
	const char *wrong = "there is no token";

	if (token && !strncasecmp(token, SCHEME, strlen(SCHEME))) {
		token += strlen(SCHEME);
		token += strspn(token, " ");
		wrong = verifier_check(call->service->verifier, token, call->now,
				       &call->claims);
	}
	if (!wrong)
		return true;
	fail(call->answer, RPC_UNAUTHENTICATED, wrong);
	call->answer->header = "WWW-Authenticate";
	call->answer->value = "Bearer";
	return false;
}

void snap_service_answer(const struct snap_service *service,
			 const struct http_request *request, struct http_answer *answer)
{
	struct call call = {
		.service = service, .request = request, .now = time(NULL), .answer = answer,
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (strcmp(calls[i].path, request->path) != 0)
			continue;
		if (is_call(request, answer) && is_authorised(&call))
			calls[i].answer(&call);
		return;
	}
	fail(answer, RPC_NOT_FOUND, "there is no such call");
}
