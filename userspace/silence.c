// SPDX-License-Identifier: GPL-2.0-or-later
/* Finds tunnels that send, and get no answers. */
#include <stdbool.h>
#include <stdio.h>

#include "format.h"
#include "silence.h"

/* Whether something came since the last look: a packet, or a handshake succeeded. */
static bool is_answered(const json_t *before, const json_t *tunnel, long long interval)
{
	if (member_number(tunnel, "rx-bytes") != member_number(before, "rx-bytes"))
		return true;
	/* A session that is still the same is older by as much as looks are apart. */
	return !json_object_get(before, "handshake-age") ||
	       member_number(tunnel, "handshake-age") <
		       member_number(before, "handshake-age") + interval / 2;
}

static long long count(const json_t *before, const json_t *tunnel, long long interval)
{
	long long looks;

	if (!before || is_answered(before, tunnel, interval))
		return 0;
	looks = member_number(before, "silent");
	if (!looks &&
	    member_number(tunnel, "tx-bytes") == member_number(before, "tx-bytes"))
		return 0;
	return looks + 1;
}

void silence_count(json_t **seen, json_t *tunnels, long long interval)
{
	json_t *now = json_object();
	json_t *tunnel;
	long long looks;
	char id[32];
	size_t i;

	json_array_foreach(tunnels, i, tunnel) {
		snprintf(id, sizeof(id), "%lld", member_number(tunnel, "id"));
		looks = count(json_object_get(*seen, id), tunnel, interval);
		json_object_set_new(tunnel, "silent", json_integer(looks));
		json_object_set(now, id, tunnel);
	}
	json_decref(*seen);
	*seen = now;
}
