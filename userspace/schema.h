/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The netlink specification as tables: names and types of all attributes. */
#ifndef SNAPTUN_SCHEMA_H
#define SNAPTUN_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <netlink/attr.h>

struct attribute_set;

/**
 * schema_command_set() - the attribute set that a command's messages use
 * @command: One of %SNAPTUN_CMD_DEVICE_GET and so on.
 *
 * Return: the set, or NULL for an unknown command.
 */
const struct attribute_set *schema_command_set(uint8_t command);

/**
 * schema_event_name() - what an event is called
 * @command: One of %SNAPTUN_CMD_TUNNEL_NEW_NTF and so on.
 *
 * Return: its name in the specification without the "-ntf", or NULL where the
 * command is no event that this version knows.
 */
const char *schema_event_name(uint8_t command);

/**
 * schema_decode() - turn received attributes into a JSON object
 * @set: The set that they belong to.
 * @first: The first attribute.
 * @size: Bytes of all attributes.
 *
 * Members are named and ordered as in Documentation/netlink/specs/snaptun.yaml.
 * Keys become base64, addresses text, flags and switches booleans (an absent
 * flag is false), prefixes an array of texts and authorisations one of objects (empty
 * where there are none), their tags hexadecimal digits, enumerations their names, all
 * numbers integers; what this version does not know is left out.
 *
 * Return: a new reference, or NULL where an attribute is too short or memory
 * ran out.
 */
json_t *schema_decode(const struct attribute_set *set, struct nlattr *first,
		      int size);

/**
 * schema_append() - add a received message to those before it
 * @set: The set that its attributes belong to.
 * @objects: Array of what schema_decode() made of the messages before it.
 * @first: The first attribute.
 * @size: Bytes of all attributes.
 *
 * A tunnel or identity with many prefixes comes in several messages, one after the
 * other; only the first has more than its name and prefixes. They become one
 * object.
 *
 * Return: 0, or -1 where an attribute is too short or memory ran out.
 */
int schema_append(const struct attribute_set *set, json_t *objects,
		  struct nlattr *first, int size);

/**
 * schema_attribute_name() - name the attribute at a place in a message
 * @set: The set that the attributes belong to.
 * @first: The first attribute.
 * @size: Bytes of all attributes.
 * @place: Address of an attribute or of something in it; never read.
 * @name: Where the name goes, a nested attribute's after its parent's.
 * @name_size: Room for the name.
 *
 * Return: @name, or NULL where no attribute is at that place.
 */
const char *schema_attribute_name(const struct attribute_set *set,
				  struct nlattr *first, int size,
				  const void *place, char *name,
				  size_t name_size);

/**
 * schema_type_name() - name an attribute type
 * @set: The set that the type belongs to.
 * @type: The type's number.
 *
 * Return: its name, or NULL where this version does not know it.
 */
const char *schema_type_name(const struct attribute_set *set, uint32_t type);

#endif /* SNAPTUN_SCHEMA_H */
