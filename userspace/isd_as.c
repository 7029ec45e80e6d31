// SPDX-License-Identifier: GPL-2.0-or-later
/* SCION's names of autonomous systems, read from text. */
#include <string.h>

#include "isd_as.h"
#include "key.h"
#include "options.h"
#include "report.h"

#define AS_BITS		48
#define GROUP_BITS	16
#define GROUPS		(AS_BITS / GROUP_BITS)

/* Copies up to the next separator; NULL where that is too far, else what follows. */
static const char *cut(const char *text, char separator, char *group, size_t size)
{
	size_t length = strcspn(text, (char[]){ separator, '\0' });

	if (length >= size)
		return NULL;
	memcpy(group, text, length);
	group[length] = '\0';
	return text + length + (text[length] == separator);
}

static bool parse_as(const char *text, uint64_t *as)
{
	char group[sizeof("ffff")];
	uint32_t number;

	*as = 0;
	if (!strchr(text, ':')) {
		if (!options_scan(text, 10, UINT32_MAX, &number))
			return false;
		*as = number;
		return true;
	}
	for (int i = 0; i < GROUPS; i++) {
		text = cut(text, ':', group, sizeof(group));
		if (!text || !options_scan(group, 16, UINT16_MAX, &number))
			return false;
		*as = *as << GROUP_BITS | number;
		/* A colon stands between groups, and only there. */
		if ((text[-1] == ':') != (i < GROUPS - 1))
			return false;
	}
	return !*text;
}

bool isd_as_parse(const char *text, uint64_t *isd_as)
{
	char isd_text[sizeof("65535")];
	uint32_t isd;
	uint64_t as;

	if (!strchr(text, '-'))
		return false;
	text = cut(text, '-', isd_text, sizeof(isd_text));
	if (!text || !options_scan(isd_text, 10, UINT16_MAX, &isd) ||
	    !parse_as(text, &as))
		return false;
	*isd_as = (uint64_t)isd << AS_BITS | as;
	return true;
}

enum status isd_as_option(const char *what, const char *text, uint64_t *isd_as)
{
	uint64_t number;

	if (!isd_as_parse(text, &number) || !(number >> AS_BITS) ||
	    !(number << (64 - AS_BITS)))
		return report_usage("%s: \"%.64s\" is no ISD-AS number such as 1-ff00:0:110",
				    what, key_hide(text));
	*isd_as = number;
	return STATUS_OK;
}
