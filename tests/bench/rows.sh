# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# What tests/bench can measure: the rows, in the order in which they are measured, and on
# which machine. README.md tells what each is.
#
# Sourced. A row is FIGURE, or FIGURE@MACHINE where it takes a machine of its own:
# one-cpu, the same kernel with one processor, or debian-6.1.

# What `make bench` measures. Handshakes are over in a fraction of a second, so there are
# more rounds of them.
ROWS=(tcp-1 handshakes tcp-4 udp-64 scion udp-1350 handshakes udp-1350-loop udp-gso rust
	tcp-no-uso handshakes ping ping-load
	tcp-1@one-cpu handshakes@one-cpu
	tcp-1@debian-6.1)
# What it measures where it is asked to: throughput by flows and by packet size.
CURVES=(flows-{1,2,4,8,16,32} size-{64,128,256,512,1024,1350})

# chosen MACHINE GLOB…: the rows for that machine ("" for those of none of their own)
# that match one of the globs, each without the machine.
chosen() {
	local row glob machine=$1

	shift
	for row in "${ROWS[@]}" "${CURVES[@]}"; do
		[[ $row == "${row%@*}${machine:+@$machine}" ]] || continue
		for glob; do
			# shellcheck disable=SC2053 # it is a pattern
			if [[ $row == $glob ]]; then
				printf '%s\n' "${row%@*}"
				break
			fi
		done
	done
}
