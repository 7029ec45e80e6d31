// SPDX-License-Identifier: GPL-2.0-or-later
/* What the helper asks others: the requests, and who gets the answers. */
#include <stdlib.h>
#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "aa.pb-c.h"
#include "discovery.pb-c.h"
#include "endhost.pb-c.h"
#include "report.h"
#include "snap.pb-c.h"
#include "snap_answer.h"
#include "snap_api.h"

#define SNAP_CONTROL	"anapaya.snap.v1.SnapControl/"

/*
 * Each call's `done` travels through rpc.h as a function without a type. These types
 * bring it back.
 */
typedef void (*data_plane_done)(void *data, const struct snap_data_plane *plane,
				const struct rpc_error *error);
typedef void (*register_done)(void *data, const struct rpc_error *error);
typedef void (*underlays_done)(void *data,
			       const struct snap_api_underlays *underlays,
			       const struct rpc_error *error);
typedef void (*endhost_apis_done)(void *data,
				  const struct snap_api_endhost_apis *apis,
				  const struct rpc_error *error);
typedef void (*token_done)(void *data, const struct snap_api_token *token,
			   const struct rpc_error *error);

/* Begins a call whose request and URL are all that is missing; NULL after a report. */
static struct rpc_call *start(struct rpc *rpc,
			      const struct rpc_request *partial,
			      const ProtobufCMessage *message,
			      const struct url *service, bool relative,
			      const char *path)
{
	struct rpc_request request = *partial;
	char text[URL_TEXT_SIZE];

	if (!(relative ? url_relative(service, path, text) :
			 url_below_origin(service, path, text))) {
		report(STATUS_FAILED, "%.*s: a URL of that is too long",
		       (int)service->origin_length, service->text);
		return NULL;
	}
	request.url = text;
	request.body_size = protobuf_c_message_get_packed_size(message);
	request.body = malloc(request.body_size + 1);
	if (!request.body) {
		report(STATUS_FAILED, "no memory");
		return NULL;
	}
	protobuf_c_message_pack(message, request.body);
	return rpc_start(rpc, &request);
}

static bool data_plane_answered(const struct rpc_request *request,
				const uint8_t *body, size_t size,
				struct rpc_error *error)
{
	struct snap_data_plane plane;

	if (!snap_answer_data_plane(body, size, &plane, error))
		return false;
	((data_plane_done)request->done)(request->data, &plane, NULL);
	return true;
}

static void data_plane_failed(const struct rpc_request *request,
			      const struct rpc_error *error)
{
	((data_plane_done)request->done)(request->data, NULL, error);
}

struct rpc_call *
snap_api_data_plane(struct rpc *rpc, const struct url *control, const char *token,
		    void (*done)(void *data, const struct snap_data_plane *plane,
				 const struct rpc_error *error),
		    void *data)
{
	struct rpc_request request = {
		.token = token,
		.answer_max = RPC_ANSWER_MAX,
		.answered = data_plane_answered,
		.failed = data_plane_failed,
		.done = (void (*)(void))done,
		.data = data,
	};
	Snap__DataPlaneRequest message = SNAP__DATA_PLANE_REQUEST__INIT;

	return start(rpc, &request, &message.base, control, false,
		     SNAP_CONTROL "GetSnapDataPlaneAddress");
}

static bool register_answered(const struct rpc_request *request,
			      const uint8_t *body, size_t size,
			      struct rpc_error *error)
{
	if (!snap_answer_register(body, size, error))
		return false;
	((register_done)request->done)(request->data, NULL);
	return true;
}

static void register_failed(const struct rpc_request *request,
			    const struct rpc_error *error)
{
	((register_done)request->done)(request->data, error);
}

struct rpc_call *
snap_api_register(struct rpc *rpc, const struct url *control, const char *token,
		  const uint8_t key[SNAPTUN_KEY_LEN],
		  void (*done)(void *data, const struct rpc_error *error),
		  void *data)
{
	struct rpc_request request = {
		.token = token,
		.answer_max = RPC_ANSWER_MAX,
		.answered = register_answered,
		.failed = register_failed,
		.done = (void (*)(void))done,
		.data = data,
	};
	Snap__RegisterRequest message = SNAP__REGISTER_REQUEST__INIT;
	uint8_t key_copy[SNAPTUN_KEY_LEN];
	uint8_t psk_share[SNAPTUN_KEY_LEN] = { 0 };

	memcpy(key_copy, key, sizeof(key_copy));
	message.static_key.data = key_copy;
	message.static_key.len = sizeof(key_copy);
	message.psk_share.data = psk_share;
	message.psk_share.len = sizeof(psk_share);
	return start(rpc, &request, &message.base, control, false,
		     SNAP_CONTROL "RegisterSnapTunIdentity");
}

static bool underlays_answered(const struct rpc_request *request,
			       const uint8_t *body, size_t size,
			       struct rpc_error *error)
{
	struct snap_api_underlays underlays;

	if (!snap_answer_underlays(body, size, &underlays, error))
		return false;
	((underlays_done)request->done)(request->data, &underlays, NULL);
	snap_answer_free_underlays(&underlays);
	return true;
}

static void underlays_failed(const struct rpc_request *request,
			     const struct rpc_error *error)
{
	((underlays_done)request->done)(request->data, NULL, error);
}

struct rpc_call *
snap_api_underlays(struct rpc *rpc, const struct url *api, const char *token,
		   uint64_t isd_as,
		   void (*done)(void *data,
				const struct snap_api_underlays *underlays,
				const struct rpc_error *error),
		   void *data)
{
	struct rpc_request request = {
		.token = token,
		.answer_max = RPC_LISTING_MAX,
		.answered = underlays_answered,
		.failed = underlays_failed,
		.done = (void (*)(void))done,
		.data = data,
	};
	Endhost__UnderlaysRequest message = ENDHOST__UNDERLAYS_REQUEST__INIT;

	message.isd_as = isd_as;
	return start(rpc, &request, &message.base, api, true,
		     "scion.endhost.v1.UnderlayService/ListUnderlays");
}

static bool endhost_apis_answered(const struct rpc_request *request,
				  const uint8_t *body, size_t size,
				  struct rpc_error *error)
{
	struct snap_api_endhost_apis apis;

	if (!snap_answer_endhost_apis(body, size, &apis, error))
		return false;
	((endhost_apis_done)request->done)(request->data, &apis, NULL);
	snap_answer_free_endhost_apis(&apis);
	return true;
}

static void endhost_apis_failed(const struct rpc_request *request,
				const struct rpc_error *error)
{
	((endhost_apis_done)request->done)(request->data, NULL, error);
}

struct rpc_call *
snap_api_endhost_apis(struct rpc *rpc, const struct url *discovery,
		      void (*done)(void *data,
				   const struct snap_api_endhost_apis *apis,
				   const struct rpc_error *error),
		      void *data)
{
	struct rpc_request request = {
		.answer_max = RPC_LISTING_MAX,
		.answered = endhost_apis_answered,
		.failed = endhost_apis_failed,
		.done = (void (*)(void))done,
		.data = data,
	};
	Discovery__ApisRequest message = DISCOVERY__APIS_REQUEST__INIT;

	return start(rpc, &request, &message.base, discovery, true,
		     "endhost.discovery.v1.EndhostApiDiscoveryService/GetEndhostApis");
}

static bool token_answered(const struct rpc_request *request,
			   const uint8_t *body, size_t size,
			   struct rpc_error *error)
{
	struct snap_api_token token;

	if (!snap_answer_token(body, size, &token, error))
		return false;
	((token_done)request->done)(request->data, &token, NULL);
	snap_answer_free_token(&token);
	return true;
}

static void token_failed(const struct rpc_request *request,
			 const struct rpc_error *error)
{
	((token_done)request->done)(request->data, NULL, error);
}

struct rpc_call *
snap_api_token(struct rpc *rpc, const struct url *service, const char *api_key,
	       const char *device_id, uint32_t validity,
	       void (*done)(void *data, const struct snap_api_token *token,
			    const struct rpc_error *error),
	       void *data)
{
	struct rpc_request request = {
		.secret = api_key,
		.answer_max = RPC_ANSWER_MAX,
		.answered = token_answered,
		.failed = token_failed,
		.done = (void (*)(void))done,
		.data = data,
	};
	Aa__TokenRequest message = AA__TOKEN_REQUEST__INIT;

	if (!service->https && !service->loopback) {
		report(STATUS_FAILED, "%.*s: an API key goes over https only",
		       (int)service->origin_length, service->text);
		return NULL;
	}
	/* protobuf-c writes nothing there, but knows no const. */
	message.api_key = (char *)api_key;
	message.device_id = (char *)device_id;
	message.requested_validity = (int32_t)validity;
	return start(rpc, &request, &message.base, service, true,
		     "anapaya.aa.v1.AuthService/AuthenticateByKey");
}
