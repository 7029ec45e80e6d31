/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper's subcommands and the exit codes that they share. */
#ifndef SNAPTUN_COMMAND_H
#define SNAPTUN_COMMAND_H

/**
 * enum status - what the helper tells its caller when it ends
 * @STATUS_OK: It is done.
 * @STATUS_FAILED: It could not be done; the kernel or the system refused.
 * @STATUS_USAGE: The command line makes no sense.
 * @STATUS_NOT_FOUND: No such device, tunnel or identity.
 * @STATUS_DENIED: The caller may not do this.
 * @STATUS_BAD_KEY: A file with a key cannot be read or holds no key.
 * @STATUS_NO_MODULE: The kernel knows no snaptun devices.
 * @STATUS_REFUSED: A control plane refused, or has no token to accept: trying again does
 *	not help.
 * @STATUS_UNREACHABLE: No control plane could be asked, or did what it was asked for.
 * @STATUS_TIMEOUT: It took too long.
 * @STATUS_INTERRUPTED: A signal ended it.
 *
 * Scripts tell these numbers apart; snaptun(8) documents them.
 */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_NOT_FOUND = 3,
	STATUS_DENIED = 4,
	STATUS_BAD_KEY = 5,
	STATUS_NO_MODULE = 6,
	STATUS_REFUSED = 7,
	STATUS_UNREACHABLE = 8,
	STATUS_TIMEOUT = 9,
	STATUS_INTERRUPTED = 10,
};

/**
 * struct command - one subcommand
 * @name: Its word, or its two words with a space between.
 * @synopsis: What follows the name on the command line.
 * @summary: One line for the list of subcommands.
 * @details: The options, one a line, for its own help; NULL without any.
 * @print_more: Prints what follows @details; NULL without any.
 * @run: Does it. Gets the arguments from the name's last word on, and has
 *	reported every failure when it returns.
 */
struct command {
	const char *name;
	const char *synopsis;
	const char *summary;
	const char *details;
	void (*print_more)(void);
	enum status (*run)(const struct command *command, int argc, char **argv);
};

/* Those of the program, in the order in which its help tells them, and NULL. */
extern const struct command *const commands[];

extern const struct command command_genkey;
extern const struct command command_genpsk;
extern const struct command command_pubkey;
extern const struct command command_set;
extern const struct command command_show;
extern const struct command command_monitor;
extern const struct command command_connect;
extern const struct command command_daemon;
extern const struct command command_disconnect;
extern const struct command command_up;
extern const struct command command_down;
extern const struct command command_serve;
extern const struct command command_tunnel_add;
extern const struct command command_tunnel_set;
extern const struct command command_tunnel_del;
extern const struct command command_identity_add;
extern const struct command command_identity_set;
extern const struct command command_identity_del;

/* What both programs say of the commands of snaptun-control. */
#define SUMMARY_CONNECT \
	"Make tunnels to SNAPs, register there, and print the assigned addresses"
#define SUMMARY_DISCONNECT	"Remove a device's tunnels to SNAPs"
#define SUMMARY_DAEMON \
	"Keep devices connected, by /etc/snaptun/NAME.conf or by options"
#define SUMMARY_UP \
	"Make a device and connect it, as /etc/snaptun/NAME.conf says"
#define SUMMARY_DOWN		"Remove a device, and its tunnels with it"
#define SUMMARY_SERVE \
	"Be the control plane of a SNAP, with a device as its data plane"

#endif /* SNAPTUN_COMMAND_H */
