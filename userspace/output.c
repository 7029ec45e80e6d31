// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints devices for people. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "format.h"
#include "output.h"
#include "table.h"

/* More tunnels, control planes or identities of one device than these make a table. */
#define LONG_FORM_MAX	12

/* The prefixes that are shown of a tunnel or identity, and room for them. */
#define PREFIXES_SHOWN	8
#define PREFIXES_BYTES	512

/* What a device has unless it is set. */
#define HANDSHAKE_RATE		20
#define SOURCE_RATE		10
#define SOURCE_BURST		20
#define MAX_TUNNELS		65536
#define MAX_IDENTITY_TUNNELS	4096

static void print_allowed_ips(const json_t *object)
{
	const json_t *list = json_object_get(object, "allowed-ips");
	char buffer[PREFIXES_BYTES];

	if (json_array_size(list))
		printf("    allowed ips: %s\n",
		       format_list(list, PREFIXES_SHOWN, buffer, sizeof(buffer)));
}

static void print_settings(const json_t *object)
{
	long long seconds = member_number(object, "keepalive");

	printf("    settings: ");
	if (seconds)
		printf("keepalive every %lld second%s", seconds,
		       format_plural(seconds));
	else
		printf("keepalive off");
	if (json_is_false(json_object_get(object, "answer-keepalives")))
		printf(", keepalives not answered");
	printf(", bursts of up to %lld bytes", member_number(object, "burst-limit"));
	if (member_is_true(object, "fixed-address"))
		printf(", fixed address");
	printf("\n");
}

static void print_tunnel(const json_t *tunnel)
{
	const json_t *handshake = json_object_get(tunnel, "handshake-age");
	const json_t *assigned = json_object_get(tunnel, "assigned");
	const json_t *endpoint = json_object_get(tunnel, "endpoint");
	char address[ADDRESS_TEXT_SIZE];
	char received[FORMAT_BYTES];
	char sent[FORMAT_BYTES];
	char since[FORMAT_BYTES];

	printf("\n  tunnel %lld: %s%s%s%s%s\n", member_number(tunnel, "id"),
	       member_text(tunnel, "state"),
	       member_is_true(tunnel, "responder") ? ", responder" : "",
	       member_is_true(tunnel, "default") ? ", default" : "",
	       member_is_true(tunnel, "provisional") ? ", provisional" : "",
	       member_is_true(tunnel, "has-psk") ? ", pre-shared key" : "");
	printf("    remote key: %s\n", member_text(tunnel, "remote-key"));
	printf("    endpoint: %s, local port %lld\n",
	       endpoint ? address_format(endpoint, address) : "none",
	       member_number(tunnel, "local-port"));
	if (assigned)
		printf("    assigned address: %s\n", address_format(assigned, address));
	if (handshake)
		printf("    latest handshake: %s\n",
		       format_age(json_integer_value(handshake), since));
	printf("    transfer: %s received, %s sent",
	       format_amount(member_number(tunnel, "rx-bytes"), received),
	       format_amount(member_number(tunnel, "tx-bytes"), sent));
	if (member_number(tunnel, "staged"))
		printf(", %lld packet%s waiting", member_number(tunnel, "staged"),
		       format_plural(member_number(tunnel, "staged")));
	printf("\n");
	if (member_number(tunnel, "control-plane"))
		printf("    control plane: %lld\n",
		       member_number(tunnel, "control-plane"));
	print_allowed_ips(tunnel);
	print_settings(tunnel);
}

static void print_control_plane(const json_t *plane)
{
	char state[FORMAT_BYTES];

	printf("\n  control plane %lld: %s\n", member_number(plane, "id"),
	       format_registration(plane, state));
	printf("    URL: %s\n    tunnels: %lld\n", member_text(plane, "url"),
	       member_number(plane, "tunnels"));
}

/* Until when it may start tunnels; nothing where that has no end. */
static void print_authorisations(const json_t *identity)
{
	long long left = member_authorised(identity);
	char span[FORMAT_BYTES];

	if (left < 0)
		return;
	printf("    authorised: %s%s\n", left ? "for another " : "no longer",
	       left ? format_span(left, span) : "");
}

static void print_identity(const json_t *identity)
{
	printf("\n  identity: %s\n    tunnels: %lld%s\n",
	       member_text(identity, "key"), member_number(identity, "tunnels"),
	       member_is_true(identity, "has-psk") ? ", pre-shared key" : "");
	print_authorisations(identity);
	print_allowed_ips(identity);
	print_settings(identity);
}

/* Prints the members of an object that are not zero, if there are any. */
static void print_counters(const json_t *device, const char *name,
			   const char *title)
{
	json_t *counters = json_object_get(device, name);
	bool first = true;
	const char *counter;
	json_t *value;

	json_object_foreach(counters, counter, value) {
		if (!json_integer_value(value))
			continue;
		if (first)
			printf("  %s:\n", title);
		first = false;
		printf("    %-22s %lld\n", counter, (long long)json_integer_value(value));
	}
}

/* Rates and bounds that somebody has set. */
static void print_limits(const json_t *device)
{
	long long rate = member_number(device, "handshake-rate");
	long long source_rate = member_number(device, "source-rate");
	long long source_burst = member_number(device, "source-burst");
	long long tunnels = member_number(device, "max-tunnels");
	long long per_identity = member_number(device, "max-identity-tunnels");

	if (rate != HANDSHAKE_RATE)
		printf("  handshake rate: %lld per second\n", rate);
	if (source_rate != SOURCE_RATE || source_burst != SOURCE_BURST)
		printf("  rate of a source: %lld per second, %lld at once\n",
		       source_rate, source_burst);
	if (tunnels != MAX_TUNNELS || per_identity != MAX_IDENTITY_TUNNELS)
		printf("  bounds: %lld tunnel%s, %lld of an identity\n", tunnels,
		       format_plural(tunnels), per_identity);
}

/* Prints things one after the other or as a table, if there are any. */
static void print_all(const json_t *list, enum output_form form,
		      void (*print)(const json_t *object),
		      void (*print_table)(const json_t *objects))
{
	size_t size = json_array_size(list);
	const json_t *item;
	size_t i;

	if (size && (form == OUTPUT_BRIEF ||
		     (form == OUTPUT_USUAL && size > LONG_FORM_MAX))) {
		printf("\n");
		print_table(list);
		return;
	}
	json_array_foreach(list, i, item)
		print(item);
}

static void print_device(const json_t *device, enum output_form form)
{
	const json_t *tunnels = json_object_get(device, "tunnels");
	const json_t *planes = json_object_get(device, "control-planes");
	const json_t *identities = json_object_get(device, "identities");
	const json_t *public_key = json_object_get(device, "public-key");
	const json_t *tunnel;
	size_t established = 0;
	size_t i;

	/* Of those that follow; the device's own number may be newer. */
	json_array_foreach(tunnels, i, tunnel)
		if (!strcmp(member_text(tunnel, "state"), "established"))
			established++;

	printf("device: %s\n", member_text(device, "ifname"));
	printf("  public key: %s\n",
	       public_key ? json_string_value(public_key) : "none");
	if (member_number(device, "listen-port"))
		printf("  listening port: %lld\n",
		       member_number(device, "listen-port"));
	if (member_number(device, "fwmark"))
		printf("  fwmark: 0x%llx\n", member_number(device, "fwmark"));
	printf("  tunnels: %zu, %zu of them established\n",
	       json_array_size(tunnels), established);
	if (member_number(device, "default-tunnel"))
		printf("  default tunnel: %lld\n",
		       member_number(device, "default-tunnel"));
	if (json_array_size(planes))
		printf("  control planes: %zu\n", json_array_size(planes));
	if (json_array_size(identities))
		printf("  identities: %zu\n", json_array_size(identities));
	print_limits(device);
	print_counters(device, "counters", "counters");
	print_counters(device, "pool", "packet buffers of all devices");

	print_all(tunnels, form, print_tunnel, table_tunnels);
	print_all(planes, form, print_control_plane, table_control_planes);
	print_all(identities, form, print_identity, table_identities);
}

void output_devices(const json_t *devices, enum output_form form)
{
	const json_t *device;
	size_t i;

	json_array_foreach(devices, i, device) {
		if (i)
			printf("\n");
		print_device(device, form);
	}
}

void output_tunnels(const char *device, const json_t *tunnels,
		    enum output_form form)
{
	printf("device: %s\n", device);
	print_all(tunnels, form, print_tunnel, table_tunnels);
}
