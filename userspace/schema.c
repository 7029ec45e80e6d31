// SPDX-License-Identifier: GPL-2.0-or-later
/* The netlink specification as tables: names and types of all attributes. */
#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/snaptun.h>

#include "key.h"
#include "schema.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* The most attributes that a set may have, the number 0 included. */
#define SET_MAX		64

/* How an attribute's bytes are to be read. 0 marks gaps in the tables. */
enum attribute_type {
	TYPE_NONE = 0,
	TYPE_SWITCH,	/* a byte, 0 or 1 */
	TYPE_U8,
	TYPE_U16,
	TYPE_BE16,
	TYPE_U32,
	TYPE_U64,
	TYPE_STRING,
	TYPE_KEY,
	TYPE_SECRET,	/* never received */
	TYPE_FLAG,
	TYPE_STATE,	/* enum snaptun_tunnel_state */
	TYPE_PLANE_STATE, /* enum snaptun_control_plane_state */
	TYPE_HEX,	/* any bytes */
	TYPE_IPV4,
	TYPE_IPV6,
	TYPE_NEST,
	TYPE_PREFIXES,	/* a nest of any number of prefixes */
	TYPE_NESTS,	/* a nest of any number of nests of one kind */
};

struct attribute {
	const char *name;
	enum attribute_type type;
	const struct attribute_set *nest;
};

/* The name is the attribute that tells the things of a dump apart; may be NULL. */
struct attribute_set {
	const struct attribute *attributes;
	size_t count;
	const char *name;
};

#define SET(array) {							\
	.attributes = (array),						\
	.count = ARRAY_SIZE(array),					\
}

#define NAMED_SET(array, attribute) {					\
	.attributes = (array),						\
	.count = ARRAY_SIZE(array),					\
	.name = (attribute),						\
}

static const struct attribute address_attributes[] = {
	[SNAPTUN_A_ADDRESS_IPV4] = { "ipv4", TYPE_IPV4 },
	[SNAPTUN_A_ADDRESS_IPV6] = { "ipv6", TYPE_IPV6 },
	[SNAPTUN_A_ADDRESS_PORT] = { "port", TYPE_BE16 },
	[SNAPTUN_A_ADDRESS_SCOPE_ID] = { "scope-id", TYPE_U32 },
};

static const struct attribute_set address = SET(address_attributes);

static const struct attribute prefix_attributes[] = {
	[SNAPTUN_A_PREFIX_IPV4] = { "ipv4", TYPE_IPV4 },
	[SNAPTUN_A_PREFIX_IPV6] = { "ipv6", TYPE_IPV6 },
	[SNAPTUN_A_PREFIX_LENGTH] = { "length", TYPE_U8 },
};

static const struct attribute_set prefix = SET(prefix_attributes);

static const struct attribute allowed_ips_attributes[] = {
	[SNAPTUN_A_ALLOWED_IPS_PREFIX] = { "prefix", TYPE_NEST, .nest = &prefix },
};

static const struct attribute_set allowed_ips = SET(allowed_ips_attributes);

static const struct attribute counters_attributes[] = {
	[SNAPTUN_A_COUNTERS_TX_NO_TUNNEL] = { "tx-no-tunnel", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_MALFORMED] = { "tx-malformed", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_TOO_BIG] = { "tx-too-big", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_STAGED_OVERFLOW] = { "tx-staged-overflow", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_NO_SESSION] = { "tx-no-session", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_NO_BUFFER] = { "tx-no-buffer", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_NO_ROUTE] = { "tx-no-route", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_PATH_MTU] = { "tx-path-mtu", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_LOOP] = { "tx-loop", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_UNREGISTERED] = { "tx-unregistered", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TX_UNAUTHORISED] = { "tx-unauthorised", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_MALFORMED] = { "rx-malformed", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_BAD_MAC1] = { "rx-bad-mac1", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_QUEUE_FULL] = { "rx-queue-full", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_RATE_LIMITED] = { "rx-rate-limited", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_BAD_HANDSHAKE] = { "rx-bad-handshake", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_UNKNOWN_IDENTITY] = { "rx-unknown-identity", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_REPLAYED_HANDSHAKE] = { "rx-replayed-handshake", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_FOREIGN_KEY] = { "rx-foreign-key", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_TUNNEL_LIMIT] = { "rx-tunnel-limit", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_BAD_COOKIE] = { "rx-bad-cookie", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_NO_SESSION] = { "rx-no-session", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_WRONG_SOURCE] = { "rx-wrong-source", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_EXPIRED] = { "rx-expired", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_BAD_TAG] = { "rx-bad-tag", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_REPLAY] = { "rx-replay", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_BAD_PAYLOAD] = { "rx-bad-payload", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_NOT_ALLOWED] = { "rx-not-allowed", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_BAD_ECN] = { "rx-bad-ecn", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_NO_BUFFER] = { "rx-no-buffer", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_BACKLOG] = { "rx-backlog", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_DOWN] = { "rx-down", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_RX_UNAUTHORISED] = { "rx-unauthorised", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_HANDSHAKES_INITIATED] = { "handshakes-initiated", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_HANDSHAKES_ANSWERED] = { "handshakes-answered", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_SESSIONS] = { "sessions", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_TUNNELS_EVICTED] = { "tunnels-evicted", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_KEEPALIVES_SENT] = { "keepalives-sent", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_KEEPALIVES_RECEIVED] = { "keepalives-received", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_COOKIES_SENT] = { "cookies-sent", TYPE_U64 },
	[SNAPTUN_A_COUNTERS_COOKIES_RECEIVED] = { "cookies-received", TYPE_U64 },
};

static const struct attribute_set counters = SET(counters_attributes);

static const struct attribute pool_attributes[] = {
	[SNAPTUN_A_POOL_ALLOCATED] = { "allocated", TYPE_U64 },
	[SNAPTUN_A_POOL_IN_USE] = { "in-use", TYPE_U64 },
	[SNAPTUN_A_POOL_RECYCLED] = { "recycled", TYPE_U64 },
	[SNAPTUN_A_POOL_MISSED] = { "missed", TYPE_U64 },
	[SNAPTUN_A_POOL_RECLAIMED] = { "reclaimed", TYPE_U64 },
};

static const struct attribute_set pool = SET(pool_attributes);

static const struct attribute device_attributes[] = {
	[SNAPTUN_A_DEVICE_IFINDEX] = { "ifindex", TYPE_U32 },
	[SNAPTUN_A_DEVICE_IFNAME] = { "ifname", TYPE_STRING },
	[SNAPTUN_A_DEVICE_PRIVATE_KEY] = { "private-key", TYPE_SECRET },
	[SNAPTUN_A_DEVICE_PUBLIC_KEY] = { "public-key", TYPE_KEY },
	[SNAPTUN_A_DEVICE_LISTEN_PORT] = { "listen-port", TYPE_U16 },
	[SNAPTUN_A_DEVICE_FWMARK] = { "fwmark", TYPE_U32 },
	[SNAPTUN_A_DEVICE_DEFAULT_TUNNEL] = { "default-tunnel", TYPE_U32 },
	[SNAPTUN_A_DEVICE_HANDSHAKE_RATE] = { "handshake-rate", TYPE_U32 },
	[SNAPTUN_A_DEVICE_SOURCE_RATE] = { "source-rate", TYPE_U32 },
	[SNAPTUN_A_DEVICE_SOURCE_BURST] = { "source-burst", TYPE_U32 },
	[SNAPTUN_A_DEVICE_MAX_TUNNELS] = { "max-tunnels", TYPE_U32 },
	[SNAPTUN_A_DEVICE_MAX_IDENTITY_TUNNELS] = { "max-identity-tunnels", TYPE_U32 },
	[SNAPTUN_A_DEVICE_ESTABLISHED] = { "established", TYPE_U32 },
	[SNAPTUN_A_DEVICE_TUNNELS] = { "tunnels", TYPE_U32 },
	[SNAPTUN_A_DEVICE_IDENTITIES] = { "identities", TYPE_U32 },
	[SNAPTUN_A_DEVICE_COUNTERS] = { "counters", TYPE_NEST, .nest = &counters },
	[SNAPTUN_A_DEVICE_POOL] = { "pool", TYPE_NEST, .nest = &pool },
};

static const struct attribute_set device = SET(device_attributes);

static const struct attribute tunnel_attributes[] = {
	[SNAPTUN_A_TUNNEL_IFINDEX] = { "ifindex", TYPE_U32 },
	[SNAPTUN_A_TUNNEL_ID] = { "id", TYPE_U32 },
	[SNAPTUN_A_TUNNEL_IFNAME] = { "ifname", TYPE_STRING },
	[SNAPTUN_A_TUNNEL_REMOTE_KEY] = { "remote-key", TYPE_KEY },
	[SNAPTUN_A_TUNNEL_ENDPOINT] = { "endpoint", TYPE_NEST, .nest = &address },
	[SNAPTUN_A_TUNNEL_LOCAL_PORT] = { "local-port", TYPE_U16 },
	[SNAPTUN_A_TUNNEL_PSK] = { "psk", TYPE_SECRET },
	[SNAPTUN_A_TUNNEL_HAS_PSK] = { "has-psk", TYPE_FLAG },
	[SNAPTUN_A_TUNNEL_KEEPALIVE] = { "keepalive", TYPE_U16 },
	[SNAPTUN_A_TUNNEL_BURST_LIMIT] = { "burst-limit", TYPE_U32 },
	[SNAPTUN_A_TUNNEL_DEFAULT] = { "default", TYPE_SWITCH },
	[SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES] = { "answer-keepalives", TYPE_SWITCH },
	[SNAPTUN_A_TUNNEL_FIXED_ADDRESS] = { "fixed-address", TYPE_SWITCH },
	[SNAPTUN_A_TUNNEL_PROVISIONAL] = { "provisional", TYPE_SWITCH },
	[SNAPTUN_A_TUNNEL_ALLOWED_IPS] = { "allowed-ips", TYPE_PREFIXES, .nest = &allowed_ips },
	[SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL] = { "control-plane-url", TYPE_STRING },
	[SNAPTUN_A_TUNNEL_CONTROL_PLANE] = { "control-plane", TYPE_U32 },
	[SNAPTUN_A_TUNNEL_CONTROL_PLANE_STATE] = { "control-plane-state", TYPE_PLANE_STATE },
	[SNAPTUN_A_TUNNEL_CONTROL_PLANE_TUNNELS] = { "control-plane-tunnels", TYPE_U32 },
	[SNAPTUN_A_TUNNEL_STATE] = { "state", TYPE_STATE },
	[SNAPTUN_A_TUNNEL_ASSIGNED] = { "assigned", TYPE_NEST, .nest = &address },
	[SNAPTUN_A_TUNNEL_RESPONDER] = { "responder", TYPE_FLAG },
	[SNAPTUN_A_TUNNEL_HANDSHAKE_AGE] = { "handshake-age", TYPE_U64 },
	[SNAPTUN_A_TUNNEL_RX_PACKETS] = { "rx-packets", TYPE_U64 },
	[SNAPTUN_A_TUNNEL_RX_BYTES] = { "rx-bytes", TYPE_U64 },
	[SNAPTUN_A_TUNNEL_TX_PACKETS] = { "tx-packets", TYPE_U64 },
	[SNAPTUN_A_TUNNEL_TX_BYTES] = { "tx-bytes", TYPE_U64 },
	[SNAPTUN_A_TUNNEL_STAGED] = { "staged", TYPE_U32 },
};

static const struct attribute_set tunnel = NAMED_SET(tunnel_attributes, "id");

/* What events have of them; flags and prefixes that are not there say nothing. */
static const struct attribute tunnel_event_attributes[] = {
	[SNAPTUN_A_TUNNEL_IFINDEX] = { "ifindex", TYPE_U32 },
	[SNAPTUN_A_TUNNEL_ID] = { "id", TYPE_U32 },
	[SNAPTUN_A_TUNNEL_IFNAME] = { "ifname", TYPE_STRING },
	[SNAPTUN_A_TUNNEL_REMOTE_KEY] = { "remote-key", TYPE_KEY },
	[SNAPTUN_A_TUNNEL_ENDPOINT] = { "endpoint", TYPE_NEST, .nest = &address },
	[SNAPTUN_A_TUNNEL_LOCAL_PORT] = { "local-port", TYPE_U16 },
	[SNAPTUN_A_TUNNEL_CONTROL_PLANE] = { "control-plane", TYPE_U32 },
	[SNAPTUN_A_TUNNEL_STATE] = { "state", TYPE_STATE },
	[SNAPTUN_A_TUNNEL_ASSIGNED] = { "assigned", TYPE_NEST, .nest = &address },
	[SNAPTUN_A_TUNNEL_RESPONDER] = { "responder", TYPE_FLAG },
};

static const struct attribute_set tunnel_event = SET(tunnel_event_attributes);

static const struct attribute authorisation_attributes[] = {
	[SNAPTUN_A_AUTHORISATION_TAG] = { "tag", TYPE_HEX },
	[SNAPTUN_A_AUTHORISATION_LIFETIME] = { "lifetime", TYPE_U64 },
};

static const struct attribute_set authorisation = SET(authorisation_attributes);

static const struct attribute authorisations_attributes[] = {
	[SNAPTUN_A_AUTHORISATIONS_AUTHORISATION] = { "authorisation", TYPE_NEST, .nest = &authorisation },
};

static const struct attribute_set authorisations = SET(authorisations_attributes);

static const struct attribute identity_attributes[] = {
	[SNAPTUN_A_IDENTITY_IFINDEX] = { "ifindex", TYPE_U32 },
	[SNAPTUN_A_IDENTITY_KEY] = { "key", TYPE_KEY },
	[SNAPTUN_A_IDENTITY_PSK] = { "psk", TYPE_SECRET },
	[SNAPTUN_A_IDENTITY_HAS_PSK] = { "has-psk", TYPE_FLAG },
	[SNAPTUN_A_IDENTITY_KEEPALIVE] = { "keepalive", TYPE_U16 },
	[SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES] = { "answer-keepalives", TYPE_SWITCH },
	[SNAPTUN_A_IDENTITY_BURST_LIMIT] = { "burst-limit", TYPE_U32 },
	[SNAPTUN_A_IDENTITY_ALLOWED_IPS] = { "allowed-ips", TYPE_PREFIXES, .nest = &allowed_ips },
	[SNAPTUN_A_IDENTITY_TUNNELS] = { "tunnels", TYPE_U32 },
	[SNAPTUN_A_IDENTITY_AUTHORISATIONS] = { "authorisations", TYPE_NESTS, .nest = &authorisations },
};

static const struct attribute_set identity = NAMED_SET(identity_attributes, "key");

/* What events have of them. */
static const struct attribute identity_event_attributes[] = {
	[SNAPTUN_A_IDENTITY_IFINDEX] = { "ifindex", TYPE_U32 },
	[SNAPTUN_A_IDENTITY_IFNAME] = { "ifname", TYPE_STRING },
	[SNAPTUN_A_IDENTITY_KEY] = { "key", TYPE_KEY },
	[SNAPTUN_A_IDENTITY_TUNNELS] = { "tunnels", TYPE_U32 },
};

static const struct attribute_set identity_event = SET(identity_event_attributes);

static const struct attribute control_plane_attributes[] = {
	[SNAPTUN_A_CONTROL_PLANE_IFINDEX] = { "ifindex", TYPE_U32 },
	[SNAPTUN_A_CONTROL_PLANE_IFNAME] = { "ifname", TYPE_STRING },
	[SNAPTUN_A_CONTROL_PLANE_ID] = { "id", TYPE_U32 },
	[SNAPTUN_A_CONTROL_PLANE_URL] = { "url", TYPE_STRING },
	[SNAPTUN_A_CONTROL_PLANE_STATE] = { "state", TYPE_PLANE_STATE },
	[SNAPTUN_A_CONTROL_PLANE_TUNNELS] = { "tunnels", TYPE_U32 },
	[SNAPTUN_A_CONTROL_PLANE_LIFETIME] = { "lifetime", TYPE_U64 },
	[SNAPTUN_A_CONTROL_PLANE_DEADLINE] = { "deadline", TYPE_U64 },
};

static const struct attribute_set control_plane = SET(control_plane_attributes);

static const char *const state_names[] = {
	[SNAPTUN_TUNNEL_STATE_IDLE] = "idle",
	[SNAPTUN_TUNNEL_STATE_CONNECTING] = "connecting",
	[SNAPTUN_TUNNEL_STATE_ESTABLISHED] = "established",
	[SNAPTUN_TUNNEL_STATE_EXPIRED] = "expired",
	[SNAPTUN_TUNNEL_STATE_CLOSED] = "closed",
	[SNAPTUN_TUNNEL_STATE_CANDIDATE] = "candidate",
};

static const char *const plane_state_names[] = {
	[SNAPTUN_CONTROL_PLANE_STATE_IDLE] = "idle",
	[SNAPTUN_CONTROL_PLANE_STATE_REGISTERING] = "registering",
	[SNAPTUN_CONTROL_PLANE_STATE_REGISTERED] = "registered",
	[SNAPTUN_CONTROL_PLANE_STATE_FAILED] = "failed",
};

static const char *const event_names[] = {
	[SNAPTUN_CMD_TUNNEL_NEW_NTF] = "tunnel-new",
	[SNAPTUN_CMD_TUNNEL_DEL_NTF] = "tunnel-del",
	[SNAPTUN_CMD_TUNNEL_STATE_NTF] = "tunnel-state",
	[SNAPTUN_CMD_TUNNEL_ADDRESS_NTF] = "tunnel-address",
	[SNAPTUN_CMD_ADDRESS_CONFLICT_NTF] = "address-conflict",
	[SNAPTUN_CMD_CONTROL_PLANE_NEW_NTF] = "control-plane-new",
	[SNAPTUN_CMD_CONTROL_PLANE_DEL_NTF] = "control-plane-del",
	[SNAPTUN_CMD_CONTROL_PLANE_STATE_NTF] = "control-plane-state",
	[SNAPTUN_CMD_CONTROL_PLANE_LOST_NTF] = "control-plane-lost",
	[SNAPTUN_CMD_IDENTITY_ENDED_NTF] = "identity-ended",
};

const struct attribute_set *schema_command_set(uint8_t command)
{
	switch (command) {
	case SNAPTUN_CMD_DEVICE_GET:
	case SNAPTUN_CMD_DEVICE_SET:
		return &device;
	case SNAPTUN_CMD_TUNNEL_NEW:
	case SNAPTUN_CMD_TUNNEL_SET:
	case SNAPTUN_CMD_TUNNEL_DEL:
	case SNAPTUN_CMD_TUNNEL_GET:
		return &tunnel;
	case SNAPTUN_CMD_IDENTITY_NEW:
	case SNAPTUN_CMD_IDENTITY_SET:
	case SNAPTUN_CMD_IDENTITY_DEL:
	case SNAPTUN_CMD_IDENTITY_GET:
		return &identity;
	case SNAPTUN_CMD_CONTROL_PLANE_GET:
	case SNAPTUN_CMD_CONTROL_PLANE_SET:
	case SNAPTUN_CMD_CONTROL_PLANE_NEW_NTF:
	case SNAPTUN_CMD_CONTROL_PLANE_DEL_NTF:
	case SNAPTUN_CMD_CONTROL_PLANE_STATE_NTF:
	case SNAPTUN_CMD_CONTROL_PLANE_LOST_NTF:
		return &control_plane;
	case SNAPTUN_CMD_IDENTITY_ENDED_NTF:
		return &identity_event;
	default:
		return schema_event_name(command) ? &tunnel_event : NULL;
	}
}

const char *schema_event_name(uint8_t command)
{
	return command < ARRAY_SIZE(event_names) ? event_names[command] : NULL;
}

/* The least bytes that an attribute of each type has. */
static const int least_bytes[] = {
	[TYPE_SWITCH] = 1,
	[TYPE_U8] = 1,
	[TYPE_U16] = 2,
	[TYPE_BE16] = 2,
	[TYPE_U32] = 4,
	[TYPE_U64] = 8,
	[TYPE_STRING] = 1,
	[TYPE_KEY] = SNAPTUN_KEY_LEN,
	[TYPE_STATE] = 4,
	[TYPE_PLANE_STATE] = 4,
	[TYPE_HEX] = 0,
	[TYPE_IPV4] = 4,
	[TYPE_IPV6] = 16,
	[TYPE_NEST] = 0,
	[TYPE_PREFIXES] = 0,
	[TYPE_NESTS] = 0,
};

static json_t *decode_key(const struct nlattr *received)
{
	char text[KEY_TEXT_SIZE];

	key_encode(nla_data(received), text);
	return json_string(text);
}

/*
 * A device's name may have bytes that are no UTF-8, which JSON cannot carry;
 * they become question marks.
 */
static json_t *decode_string(const struct nlattr *received)
{
	size_t length = strnlen(nla_data(received), (size_t)nla_len(received));
	json_t *value = json_stringn(nla_data(received), length);
	char *text;

	if (value)
		return value;
	text = strndup(nla_data(received), length);
	for (char *c = text; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	value = json_string(text);
	free(text);
	return value;
}

static json_t *decode_host(int family, const struct nlattr *received)
{
	char text[INET6_ADDRSTRLEN];

	return json_string(inet_ntop(family, nla_data(received), text,
				     sizeof(text)));
}

static json_t *decode_state(const struct nlattr *received,
			    const char *const *names, size_t count)
{
	uint32_t state = nla_get_u32(received);

	if (state < count)
		return json_string(names[state]);
	return json_integer(state);
}

static json_t *decode_hex(const struct nlattr *received)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = nla_data(received);
	size_t size = (size_t)nla_len(received);
	char *text = malloc(2 * size + 1);
	json_t *value;

	if (!text)
		return NULL;
	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * size] = '\0';
	value = json_string(text);
	free(text);
	return value;
}

/* "10.0.0.0/8"; NULL where a part of it is missing. */
static json_t *decode_prefix(struct nlattr *received)
{
	json_t *parts = schema_decode(&prefix, nla_data(received),
				      nla_len(received));
	const json_t *length = json_object_get(parts, "length");
	const json_t *host = json_object_get(parts, "ipv4");
	json_t *text = NULL;

	if (!host)
		host = json_object_get(parts, "ipv6");
	if (host && length)
		text = json_sprintf("%s/%d", json_string_value(host),
				    (int)json_integer_value(length));
	json_decref(parts);
	return text;
}

/*
 * The texts of all prefixes in an attribute, or the objects of all nests; none where it
 * is not there. What is in there is all of one type, the first of the nest's set.
 */
static json_t *decode_list(const struct attribute *attribute,
			   struct nlattr *received)
{
	const struct attribute_set *set = attribute->nest->attributes[1].nest;
	json_t *list = json_array();
	struct nlattr *each;
	json_t *item;
	int left;

	if (!received)
		return list;
	nla_for_each_nested(each, received, left) {
		if (nla_type(each) != 1)
			continue;
		item = attribute->type == TYPE_PREFIXES ?
			       decode_prefix(each) :
			       schema_decode(set, nla_data(each), nla_len(each));
		/* Fails for a value of NULL, too. */
		if (json_array_append_new(list, item) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The value of one attribute; NULL where it is too short or memory ran out. */
static json_t *decode_value(const struct attribute *attribute,
			    struct nlattr *received)
{
	if (nla_len(received) < least_bytes[attribute->type])
		return NULL;
	switch (attribute->type) {
	case TYPE_SWITCH:
		return json_boolean(nla_get_u8(received));
	case TYPE_U8:
		return json_integer(nla_get_u8(received));
	case TYPE_U16:
		return json_integer(nla_get_u16(received));
	case TYPE_BE16:
		return json_integer(ntohs(nla_get_u16(received)));
	case TYPE_U32:
		return json_integer(nla_get_u32(received));
	case TYPE_U64:
		/* No counter lives long enough to reach the sign. */
		return json_integer((json_int_t)nla_get_u64(received));
	case TYPE_STRING:
		return decode_string(received);
	case TYPE_KEY:
		return decode_key(received);
	case TYPE_STATE:
		return decode_state(received, state_names,
				    ARRAY_SIZE(state_names));
	case TYPE_PLANE_STATE:
		return decode_state(received, plane_state_names,
				    ARRAY_SIZE(plane_state_names));
	case TYPE_HEX:
		return decode_hex(received);
	case TYPE_IPV4:
		return decode_host(AF_INET, received);
	case TYPE_IPV6:
		return decode_host(AF_INET6, received);
	case TYPE_NEST:
		return schema_decode(attribute->nest, nla_data(received),
				     nla_len(received));
	case TYPE_NONE:
	case TYPE_SECRET:
	case TYPE_FLAG:
	case TYPE_PREFIXES:
	case TYPE_NESTS:
		break;
	}
	return NULL;
}

json_t *schema_decode(const struct attribute_set *set, struct nlattr *first,
		      int size)
{
	struct nlattr *received[SET_MAX];
	json_t *object = json_object();

	assert(set->count <= SET_MAX);
	if (nla_parse(received, (int)set->count - 1, first, size, NULL) < 0)
		goto failed;
	for (size_t i = 1; i < set->count; i++) {
		const struct attribute *attribute = &set->attributes[i];
		json_t *value;

		if (attribute->type == TYPE_FLAG)
			value = json_boolean(received[i]);
		else if (attribute->type == TYPE_PREFIXES ||
			 attribute->type == TYPE_NESTS)
			value = decode_list(attribute, received[i]);
		else if (!received[i] || attribute->type == TYPE_NONE ||
			 attribute->type == TYPE_SECRET)
			continue;
		else
			value = decode_value(attribute, received[i]);
		/* Fails for a value of NULL, too. */
		if (json_object_set_new(object, attribute->name, value) < 0)
			goto failed;
	}
	return object;

failed:
	json_decref(object);
	return NULL;
}

/* Adds the prefixes of one object to those of another. */
static int join_prefixes(const struct attribute_set *set, const json_t *to,
			 const json_t *from)
{
	for (size_t i = 1; i < set->count; i++) {
		const char *name = set->attributes[i].name;

		if (set->attributes[i].type == TYPE_PREFIXES &&
		    json_array_extend(json_object_get(to, name),
				      json_object_get(from, name)) < 0)
			return -1;
	}
	return 0;
}

int schema_append(const struct attribute_set *set, json_t *objects,
		  struct nlattr *first, int size)
{
	const json_t *last = json_array_get(objects, json_array_size(objects) - 1);
	json_t *object = schema_decode(set, first, size);
	const json_t *name = set->name ? json_object_get(object, set->name) : NULL;
	int result;

	if (!name || !json_equal(name, json_object_get(last, set->name)))
		return json_array_append_new(objects, object);
	result = join_prefixes(set, last, object);
	json_decref(object);
	return result;
}

const char *schema_type_name(const struct attribute_set *set, uint32_t type)
{
	return type < set->count ? set->attributes[type].name : NULL;
}

const char *schema_attribute_name(const struct attribute_set *set,
				  struct nlattr *first, int size,
				  const void *place, char *name,
				  size_t name_size)
{
	struct nlattr *attribute;
	int left;

	nla_for_each_attr(attribute, first, size, left) {
		const char *begin = (const char *)attribute;
		const char *own = schema_type_name(set, (uint32_t)nla_type(attribute));
		const struct attribute_set *nest;
		size_t length;

		if ((const char *)place < begin ||
		    (const char *)place >= begin + nla_total_size(nla_len(attribute)))
			continue;
		if (!own)
			return NULL;
		length = (size_t)snprintf(name, name_size, "%s", own);
		nest = set->attributes[nla_type(attribute)].nest;
		if (nest && place != attribute && length + 1 < name_size) {
			name[length] = ' ';
			if (!schema_attribute_name(nest, nla_data(attribute),
						   nla_len(attribute), place,
						   name + length + 1,
						   name_size - length - 1))
				name[length] = '\0';
		}
		return name;
	}
	return NULL;
}
