#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The control plane of a SNAP as a service: nothing starts it before it is configured, it
# serves from within its sandbox, over https and on a low port, and a client that is in does
# not notice that it is restarted or dies. From the next boot on it is there by itself.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "${0%/*}/lib.sh"
UNIT=snaptun-serve.service

# identities: how many are known.
identities() { snaptun show serve0 | grep -c '^  identity: ' || true; }

# serves: whether it runs, and its device is there.
serves() { systemctl is-active --quiet "$UNIT" && ip link show serve0 >/dev/null 2>&1; }

# main: its process.
main() { systemctl show --property MainPID --value "$UNIT"; }

# another MAIN: whether it serves by another process than that.
another() { serves && [[ $(main) != "$1" ]]; }

configure_serve() { # KEY-FILE
	cat >/etc/snaptun-serve.conf <<-END
		device = serve0
		listen-port = 5001
		data-plane = 127.0.0.1:5001
		control-listen = 127.0.0.1:443
		token-key-file = /etc/snaptun/token.pub
		tls-certificate-file = /etc/snaptun/serve.pem
		tls-key-file = $1
	END
}

step "it is neither enabled nor started, and does not start without a configuration"
[[ $(systemctl is-enabled "$UNIT" || true) == disabled ]] || fail "it is enabled"
systemctl start "$UNIT"
! systemctl is-active --quiet "$UNIT" || fail "it runs"
healthy

step "it serves, and a client gets in"
command install -m 644 good.pem /etc/snaptun/serve.pem
command install -m 644 ca.pem token.pub /etc/snaptun
command install -D -m 600 good.key /run/credstore/snaptun-serve.tls-key
configure_serve credential:snaptun-serve.tls-key
systemctl --quiet enable --now "$UNIT"
serves || fail "it does not run"
printf '%s\n' 'snap = https://127.0.0.1' 'ca-file = /etc/snaptun/ca.pem' 'token-file = /run/snap/token' \
	>/etc/snaptun/visitor0.conf
snaptun up visitor0 --timeout 60 || fail "no tunnel"
[[ $(identities) == 1 ]] || fail "$(identities) identities"

step "nobody notices a reload, a restart and a crash"
command install -m 600 good.key /etc/snaptun/serve.key
configure_serve /etc/snaptun/serve.key
systemctl reload "$UNIT"
serves || fail "it does not run"
before=$(main)
systemctl restart "$UNIT"
another "$before" || fail "it was not restarted"
before=$(main)
kill -9 "$before"
within 60 another "$before" || fail "it does not come back"
[[ $(identities) == 1 ]] || fail "$(identities) identities"

step "when its device goes, it makes another one"
before=$(main)
ip link del serve0
within 60 another "$before" || fail "it does not come back"
[[ $(identities) == 0 ]] || fail "$(identities) identities"

step "stopped, it leaves the device, and who is in"
snaptun down visitor0
snaptun up visitor0 --timeout 60 || fail "no tunnel"
systemctl stop "$UNIT"
[[ $(identities) == 1 ]] || fail "$(identities) identities"
snaptun down visitor0
snaptun down serve0
healthy
