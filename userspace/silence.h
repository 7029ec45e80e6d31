/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds tunnels that send, and get no answers. */
#ifndef SNAPTUN_SILENCE_H
#define SNAPTUN_SILENCE_H

#include <jansson.h>

/**
 * silence_count() - look what tunnels have sent and received
 * @seen: What they had at the last look, by their ids; NULL before the first. It is
 *	replaced, and the caller's to free.
 * @tunnels: The tunnels, as the kernel tells of them. Each gets a member "silent": how
 *	many looks in a row have seen it send without an answer.
 * @interval: How far apart looks are, in ms.
 */
void silence_count(json_t **seen, json_t *tunnels, long long interval);

#endif /* SNAPTUN_SILENCE_H */
