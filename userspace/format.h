/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members of JSON objects, amounts and times, as people read them. */
#ifndef SNAPTUN_FORMAT_H
#define SNAPTUN_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* Room for an amount of bytes or a time. */
#define FORMAT_BYTES	64

/**
 * member_number() - a number in an object
 * @object: The object.
 * @name: The member's name.
 *
 * Return: the number; 0 where there is none.
 */
long long member_number(const json_t *object, const char *name);

/**
 * member_text() - a text in an object
 * @object: The object.
 * @name: The member's name.
 *
 * Return: the text; "unknown" where there is none.
 */
const char *member_text(const json_t *object, const char *name);

/**
 * member_is_true() - a switch in an object
 * @object: The object.
 * @name: The member's name.
 *
 * Return: whether it is there and on.
 */
bool member_is_true(const json_t *object, const char *name);

/**
 * member_authorised() - how long an identity is authorised
 * @identity: The identity.
 *
 * Return: milliseconds until the last of its authorisations ends; 0 where they have
 * ended, -1 where one has no end.
 */
long long member_authorised(const json_t *identity);

/**
 * format_plural() - the end of a word
 * @count: How many things it stands for.
 *
 * Return: "s", or "" for one.
 */
const char *format_plural(long long count);

/**
 * format_amount() - write an amount of bytes
 * @bytes: The amount.
 * @buffer: Where the text goes.
 *
 * Return: @buffer.
 */
const char *format_amount(long long bytes, char buffer[FORMAT_BYTES]);

/**
 * format_span() - write how long something lasts: "1 minute, 2 seconds"
 * @milliseconds: The time.
 * @buffer: Where the text goes: the two largest units that are not zero.
 *
 * Return: @buffer.
 */
const char *format_span(long long milliseconds, char buffer[FORMAT_BYTES]);

/**
 * format_age() - write how long ago something was: "1 minute, 2 seconds ago"
 * @milliseconds: The time since then.
 * @buffer: Where the text goes.
 *
 * Return: @buffer.
 */
const char *format_age(long long milliseconds, char buffer[FORMAT_BYTES]);

/**
 * format_short_age() - write it in a few characters: "1 min"
 * @milliseconds: The time since then.
 * @buffer: Where the text goes.
 *
 * Return: @buffer.
 */
const char *format_short_age(long long milliseconds, char buffer[FORMAT_BYTES]);

/**
 * format_registration() - write how a registration stands: "registered for another
 *	59 minutes, 3 seconds"
 * @plane: The control plane.
 * @buffer: Where the text goes.
 *
 * Return: @buffer.
 */
const char *format_registration(const json_t *plane, char buffer[FORMAT_BYTES]);

/**
 * format_list() - write the texts of an array
 * @list: The array.
 * @most: How many of them to write; the others are counted.
 * @buffer: Where the text goes: "none", "10.0.0.0/8, 2001:db8::/32 and 3 more".
 * @size: Room for it; what does not fit is cut.
 *
 * Return: @buffer.
 */
const char *format_list(const json_t *list, size_t most, char *buffer,
			size_t size);

#endif /* SNAPTUN_FORMAT_H */
