# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the tests share that install the packages in a whole Debian machine: they make
# one, build the packages, and have it run one of the scripts beside this file after
# each boot.
#
# Sourced, by scripts on the host.
# shellcheck source-path=SCRIPTDIR source=../../testbed/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../testbed/lib.sh"
cd "$TB_ROOT"
HERE=tests/install/guest

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# machine RELEASE PACKAGE…: a machine with that release of Debian, freshly installed, in
# which apt can install the project's packages and the others.
machine() {
	make -s tools
	network=$(tests/interop/build-peer --network)
	scripts/deb "$work/deb"
	tests/control/certificates "$work/tls"
	"$network" token-key >"$work/tls/token.pub"
	debs=("$work"/deb/snaptun_*.deb "$work"/deb/snaptun-dkms_*.deb)
	tests/testbed/guest new "$1" "$work/machine" "${debs[@]}" "${@:2}"
}

# stage SECONDS SCRIPT ARGUMENT…: the machine boots, runs it, and shuts down.
stage() {
	local start=$SECONDS file files=()

	for file in "$HERE"/{lib.sh,snap} "$network" build/tools/scion-echo "$work"/tls/{good.*,ca.pem,token.pub} \
		/etc/ssl/certs/ca-certificates.crt "${debs[@]}"; do
		files+=(--file "$file")
	done
	printf '\n## %s\n' "${*:2}"
	tests/testbed/guest run --timeout "$1" "${files[@]}" "$work/machine" "$HERE/$2" "${@:3}"
	printf '## %s: %s\n' "$2" "$(duration $((SECONDS - start)))"
}
