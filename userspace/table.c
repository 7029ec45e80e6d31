// SPDX-License-Identifier: GPL-2.0-or-later
/* Prints many tunnels, control planes or identities for people: one line each. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <linux/snaptun.h>

#include "address.h"
#include "format.h"
#include "table.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* Room for the text of a cell, of which URLs are the longest. */
#define CELL_BYTES	(SNAPTUN_URL_MAX + 1)

#define COLUMNS_MAX	8

/**
 * struct column - what a table tells of each object
 * @title: What stands above it.
 * @right: Its texts end below one another, as numbers do.
 * @write: Writes an object's text.
 */
struct column {
	const char *title;
	bool right;
	void (*write)(const json_t *object, char cell[CELL_BYTES]);
};

static void print_cell(const struct column *column, const char *text,
		       size_t width, bool last)
{
	if (column->right)
		printf("  %*s", (int)width, text);
	else if (last)
		printf("  %s", text);
	else
		printf("  %-*s", (int)width, text);
}

/* Goes over all objects twice: the widest text of each column comes first. */
static void print_table(const json_t *objects, const struct column *columns,
			size_t count)
{
	size_t widths[COLUMNS_MAX];
	char cell[CELL_BYTES];
	const json_t *object;
	size_t i;

	for (size_t c = 0; c < count; c++) {
		widths[c] = strlen(columns[c].title);
		json_array_foreach(objects, i, object) {
			columns[c].write(object, cell);
			if (strlen(cell) > widths[c])
				widths[c] = strlen(cell);
		}
	}
	for (size_t c = 0; c < count; c++)
		print_cell(&columns[c], columns[c].title, widths[c], c + 1 == count);
	printf("\n");
	json_array_foreach(objects, i, object) {
		for (size_t c = 0; c < count; c++) {
			columns[c].write(object, cell);
			print_cell(&columns[c], cell, widths[c], c + 1 == count);
		}
		printf("\n");
	}
}

static void write_id(const json_t *tunnel, char cell[CELL_BYTES])
{
	snprintf(cell, CELL_BYTES, "%lld", member_number(tunnel, "id"));
}

static void write_state(const json_t *tunnel, char cell[CELL_BYTES])
{
	snprintf(cell, CELL_BYTES, "%s", member_text(tunnel, "state"));
}

static void write_address(const json_t *address, char cell[CELL_BYTES])
{
	char text[ADDRESS_TEXT_SIZE];

	snprintf(cell, CELL_BYTES, "%s",
		 address ? address_format(address, text) : "-");
}

static void write_endpoint(const json_t *tunnel, char cell[CELL_BYTES])
{
	write_address(json_object_get(tunnel, "endpoint"), cell);
}

static void write_assigned(const json_t *tunnel, char cell[CELL_BYTES])
{
	write_address(json_object_get(tunnel, "assigned"), cell);
}

static void write_handshake(const json_t *tunnel, char cell[CELL_BYTES])
{
	const json_t *age = json_object_get(tunnel, "handshake-age");
	char text[FORMAT_BYTES];

	snprintf(cell, CELL_BYTES, "%s",
		 age ? format_short_age(json_integer_value(age), text) : "-");
}

static void write_received(const json_t *tunnel, char cell[CELL_BYTES])
{
	char text[FORMAT_BYTES];

	snprintf(cell, CELL_BYTES, "%s",
		 format_amount(member_number(tunnel, "rx-bytes"), text));
}

static void write_sent(const json_t *tunnel, char cell[CELL_BYTES])
{
	char text[FORMAT_BYTES];

	snprintf(cell, CELL_BYTES, "%s",
		 format_amount(member_number(tunnel, "tx-bytes"), text));
}

/* The switches that are on, as one list, and what else is unusual; "-" where nothing is. */
static void write_notes(const json_t *object, char cell[CELL_BYTES])
{
	static const struct {
		const char *member;
		const char *words;
	} notes[] = {
		{ "responder", "responder" },
		{ "default", "default" },
		{ "has-psk", "pre-shared key" },
		{ "fixed-address", "fixed address" },
		{ "provisional", "provisional" },
	};
	size_t length = 0;

	snprintf(cell, CELL_BYTES, "-");
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++)
		if (member_is_true(object, notes[i].member))
			length += (size_t)snprintf(cell + length, CELL_BYTES - length,
						   "%s%s", length ? ", " : "",
						   notes[i].words);
	if (member_number(object, "control-plane"))
		length += (size_t)snprintf(cell + length, CELL_BYTES - length,
					   "%scontrol plane %lld",
					   length ? ", " : "",
					   member_number(object, "control-plane"));
	if (json_object_get(object, "authorisations") && !member_authorised(object))
		snprintf(cell + length, CELL_BYTES - length,
			 "%sno longer authorised", length ? ", " : "");
}

void table_tunnels(const json_t *tunnels)
{
	static const struct column columns[] = {
		{ "id", true, write_id },
		{ "state", false, write_state },
		{ "endpoint", false, write_endpoint },
		{ "assigned address", false, write_assigned },
		{ "handshake", true, write_handshake },
		{ "received", true, write_received },
		{ "sent", true, write_sent },
		{ "notes", false, write_notes },
	};

	print_table(tunnels, columns, ARRAY_SIZE(columns));
}

static void write_tunnels(const json_t *object, char cell[CELL_BYTES])
{
	snprintf(cell, CELL_BYTES, "%lld", member_number(object, "tunnels"));
}

static void write_registration(const json_t *plane, char cell[CELL_BYTES])
{
	char text[FORMAT_BYTES];

	snprintf(cell, CELL_BYTES, "%s", format_registration(plane, text));
}

static void write_url(const json_t *plane, char cell[CELL_BYTES])
{
	snprintf(cell, CELL_BYTES, "%s", member_text(plane, "url"));
}

void table_control_planes(const json_t *planes)
{
	static const struct column columns[] = {
		{ "control plane", true, write_id },
		{ "tunnels", true, write_tunnels },
		{ "state", false, write_registration },
		{ "URL", false, write_url },
	};

	print_table(planes, columns, ARRAY_SIZE(columns));
}

static void write_key(const json_t *identity, char cell[CELL_BYTES])
{
	snprintf(cell, CELL_BYTES, "%s", member_text(identity, "key"));
}

static void write_allowed_ips(const json_t *identity, char cell[CELL_BYTES])
{
	format_list(json_object_get(identity, "allowed-ips"), 1, cell, CELL_BYTES);
}

void table_identities(const json_t *identities)
{
	static const struct column columns[] = {
		{ "identity", false, write_key },
		{ "tunnels", true, write_tunnels },
		{ "allowed ips", false, write_allowed_ips },
		{ "notes", false, write_notes },
	};

	print_table(identities, columns, ARRAY_SIZE(columns));
}
