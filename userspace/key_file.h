/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file with a device's private key, which is made where there is none. */
#ifndef SNAPTUN_KEY_FILE_H
#define SNAPTUN_KEY_FILE_H

#include <stdint.h>

#include <linux/snaptun.h>

#include "command.h"

/**
 * key_file_read() - read a private key, and make it first where there is none
 * @path: The file's name. Its folder must be there, unless it is %CONFIG_KEY_FOLDER.
 * @key: Where the key goes; wiped on failure.
 *
 * A file that is made is there as a whole or not at all, and the caller's alone. Of two
 * callers that make it at once both read the same key.
 *
 * Return: %STATUS_OK, or %STATUS_BAD_KEY or %STATUS_FAILED after a report.
 */
enum status key_file_read(const char *path, uint8_t key[SNAPTUN_KEY_LEN]);

#endif /* SNAPTUN_KEY_FILE_H */
