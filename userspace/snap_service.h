/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a SNAP's control plane is asked: the calls of snap_api.h from the other side, over
 * Connect RPC.
 */
#ifndef SNAPTUN_SNAP_SERVICE_H
#define SNAPTUN_SNAP_SERVICE_H

#include "config.h"
#include "device.h"
#include "http_server.h"
#include "registry.h"
#include "verifier.h"

/**
 * struct snap_service - a SNAP's control plane
 * @config: What clients are told.
 * @verifier: Tells which tokens are right.
 * @device: The data plane.
 * @registry: Where identities are registered.
 */
struct snap_service {
	const struct config *config;
	const struct verifier *verifier;
	struct device *device;
	struct registry *registry;
};

/**
 * snap_service_answer() - answer a request
 * @service: The control plane.
 * @request: The request, whatever it is.
 * @answer: Where the answer goes, which is zero before.
 */
void snap_service_answer(const struct snap_service *service,
			 const struct http_request *request, struct http_answer *answer);

#endif /* SNAPTUN_SNAP_SERVICE_H */
