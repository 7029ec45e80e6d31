// SPDX-License-Identifier: GPL-2.0-or-later
/* Members of JSON objects, amounts and times, as people read them. */
#include <stdio.h>
#include <string.h>

#include "format.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	const char *abbreviation;
	long long seconds;
} units_of_time[] = {
	{ "day", "d", 86400 },
	{ "hour", "h", 3600 },
	{ "minute", "min", 60 },
	{ "second", "s", 1 },
};

long long member_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

const char *member_text(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return value ? value : "unknown";
}

bool member_is_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

long long member_authorised(const json_t *identity)
{
	const json_t *list = json_object_get(identity, "authorisations");
	const json_t *authorisation;
	long long latest = 0;
	size_t i;

	json_array_foreach(list, i, authorisation) {
		const json_t *lifetime = json_object_get(authorisation, "lifetime");

		if (!lifetime)
			return -1;
		/* Its last millisecond counts. */
		if (json_integer_value(lifetime) >= latest)
			latest = json_integer_value(lifetime) + 1;
	}
	return latest;
}

const char *format_plural(long long count)
{
	return count == 1 ? "" : "s";
}

const char *format_amount(long long bytes, char buffer[FORMAT_BYTES])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(buffer, FORMAT_BYTES, "%lld B", bytes);
		return buffer;
	}
	while (value >= 1024 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(buffer, FORMAT_BYTES, "%.2f %s", value, units[unit]);
	return buffer;
}

const char *format_span(long long milliseconds, char buffer[FORMAT_BYTES])
{
	long long seconds = milliseconds / 1000;
	size_t length = 0;
	int printed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(units_of_time) && printed < 2; i++) {
		long long count = seconds / units_of_time[i].seconds;

		if (!count)
			continue;
		seconds %= units_of_time[i].seconds;
		length += (size_t)snprintf(buffer + length, FORMAT_BYTES - length,
					   "%s%lld %s%s", printed ? ", " : "",
					   count, units_of_time[i].name,
					   format_plural(count));
		printed++;
	}
	if (!printed)
		snprintf(buffer, FORMAT_BYTES, "less than a second");
	return buffer;
}

const char *format_age(long long milliseconds, char buffer[FORMAT_BYTES])
{
	size_t length;

	if (milliseconds < 1000) {
		snprintf(buffer, FORMAT_BYTES, "now");
		return buffer;
	}
	length = strlen(format_span(milliseconds, buffer));
	snprintf(buffer + length, FORMAT_BYTES - length, " ago");
	return buffer;
}

const char *format_short_age(long long milliseconds, char buffer[FORMAT_BYTES])
{
	long long seconds = milliseconds / 1000;
	size_t unit = 0;

	while (unit + 1 < ARRAY_SIZE(units_of_time) &&
	       seconds < units_of_time[unit].seconds)
		unit++;
	snprintf(buffer, FORMAT_BYTES, "%lld %s",
		 seconds / units_of_time[unit].seconds,
		 units_of_time[unit].abbreviation);
	return buffer;
}

const char *format_registration(const json_t *plane, char buffer[FORMAT_BYTES])
{
	const json_t *lifetime = json_object_get(plane, "lifetime");
	const char *state = member_text(plane, "state");
	bool registered = !strcmp(state, "registered");
	char left[FORMAT_BYTES];

	if (lifetime)
		snprintf(buffer, FORMAT_BYTES, "%s%sregistered for another %.24s",
			 registered ? "" : state, registered ? "" : ", ",
			 format_span(json_integer_value(lifetime), left));
	else
		snprintf(buffer, FORMAT_BYTES, "%s", state);
	return buffer;
}

const char *format_list(const json_t *list, size_t most, char *buffer,
			size_t size)
{
	size_t length = 0;
	const json_t *item;
	size_t i;

	snprintf(buffer, size, "none");
	json_array_foreach(list, i, item) {
		if (length >= size)
			break;
		if (i == most) {
			snprintf(buffer + length, size - length, " and %zu more",
				 json_array_size(list) - most);
			break;
		}
		length += (size_t)snprintf(buffer + length, size - length, "%s%s",
					   i ? ", " : "", json_string_value(item));
	}
	return buffer;
}
