// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints devices for people. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <linux/snaptun.h>

#include "address.h"
#include "output.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* Room for an amount of bytes or a time as people read them. */
#define AMOUNT_BYTES	64

static long long number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value ? value : "unknown";
}

static bool is_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static const char *plural(long long count)
{
	return count == 1 ? "" : "s";
}

static const char *amount(long long bytes, char buffer[AMOUNT_BYTES])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(buffer, AMOUNT_BYTES, "%lld B", bytes);
		return buffer;
	}
	while (value >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(buffer, AMOUNT_BYTES, "%.2f %s", value, units[unit]);
	return buffer;
}

/* The two largest units that are not zero, which is exact enough for an age. */
static const char *age(long long milliseconds, char buffer[AMOUNT_BYTES])
{
	static const struct {
		const char *name;
		long long seconds;
	} units[] = {
		{ "day", 86400 }, { "hour", 3600 }, { "minute", 60 }, { "second", 1 },
	};
	long long seconds = milliseconds / 1000;
	size_t length = 0;
	int printed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(units) && printed < 2; i++) {
		long long count = seconds / units[i].seconds;

		if (!count)
			continue;
		seconds %= units[i].seconds;
		length += (size_t)snprintf(buffer + length, AMOUNT_BYTES - length,
					   "%s%lld %s%s", printed ? ", " : "",
					   count, units[i].name, plural(count));
		printed++;
	}
	snprintf(buffer + length, AMOUNT_BYTES - length, "%s",
		 printed ? " ago" : "now");
	return buffer;
}

static void print_keepalive(const json_t *object)
{
	long long seconds = number(object, "keepalive");

	if (seconds)
		printf("keepalive every %lld second%s", seconds, plural(seconds));
	else
		printf("keepalive off");
	if (json_is_false(json_object_get(object, "answer-keepalives")))
		printf(", keepalives not answered");
}

static void print_tunnel(const json_t *tunnel)
{
	const json_t *handshake = json_object_get(tunnel, "handshake-age");
	const json_t *assigned = json_object_get(tunnel, "assigned");
	const json_t *endpoint = json_object_get(tunnel, "endpoint");
	char address[ADDRESS_TEXT_SIZE];
	char received[AMOUNT_BYTES];
	char sent[AMOUNT_BYTES];
	char since[AMOUNT_BYTES];

	printf("\n  tunnel %lld: %s%s%s%s\n", number(tunnel, "id"),
	       text(tunnel, "state"),
	       is_true(tunnel, "responder") ? ", responder" : "",
	       is_true(tunnel, "default") ? ", default" : "",
	       is_true(tunnel, "has-psk") ? ", pre-shared key" : "");
	printf("    remote key: %s\n", text(tunnel, "remote-key"));
	printf("    endpoint: %s, local port %lld\n",
	       endpoint ? address_format(endpoint, address) : "none",
	       number(tunnel, "local-port"));
	if (assigned)
		printf("    assigned address: %s\n", address_format(assigned, address));
	if (handshake)
		printf("    latest handshake: %s\n",
		       age(json_integer_value(handshake), since));
	printf("    transfer: %s received, %s sent",
	       amount(number(tunnel, "rx-bytes"), received),
	       amount(number(tunnel, "tx-bytes"), sent));
	if (number(tunnel, "staged"))
		printf(", %lld packet%s waiting", number(tunnel, "staged"),
		       plural(number(tunnel, "staged")));
	printf("\n    settings: ");
	print_keepalive(tunnel);
	printf(", bursts of up to %lld bytes\n", number(tunnel, "burst-limit"));
}

static void print_identity(const json_t *identity)
{
	printf("\n  identity: %s\n    tunnels: %lld%s\n    settings: ",
	       text(identity, "key"), number(identity, "tunnels"),
	       is_true(identity, "has-psk") ? ", pre-shared key" : "");
	print_keepalive(identity);
	printf(", bursts of up to %lld bytes\n", number(identity, "burst-limit"));
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

static void print_device(const json_t *device)
{
	const json_t *tunnels = json_object_get(device, "tunnels");
	const json_t *identities = json_object_get(device, "identities");
	const json_t *public_key = json_object_get(device, "public-key");
	const json_t *item;
	size_t established = 0;
	size_t i;

	json_array_foreach(tunnels, i, item)
		if (!strcmp(text(item, "state"), "established"))
			established++;

	printf("device: %s\n", text(device, "ifname"));
	printf("  public key: %s\n",
	       public_key ? json_string_value(public_key) : "none");
	if (number(device, "listen-port"))
		printf("  listening port: %lld\n", number(device, "listen-port"));
	if (number(device, "fwmark"))
		printf("  fwmark: 0x%llx\n", number(device, "fwmark"));
	printf("  tunnels: %zu, %zu of them established\n",
	       json_array_size(tunnels), established);
	if (json_array_size(identities))
		printf("  identities: %zu\n", json_array_size(identities));
	print_counters(device, "counters", "counters");
	print_counters(device, "pool", "packet buffers of all devices");

	json_array_foreach(tunnels, i, item)
		print_tunnel(item);
	json_array_foreach(identities, i, item)
		print_identity(item);
}

void output_devices(const json_t *devices)
{
	const json_t *device;
	size_t i;

	json_array_foreach(devices, i, device) {
		if (i)
			printf("\n");
		print_device(device);
	}
}
