#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A stock kernel that dies at boot of a breakpoint which QEMU shows it too late boots once
# more, and only once; what else it dies of is told at once.
#
# kernels: host
# needs: debian-6.1
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
qemu=$(command -v qemu-system-x86_64)

# An emulator whose kernel dies as often as $work/deaths says; then it is the real one.
mkdir "$work/bin"
cat >"$work/bin/qemu-system-x86_64" <<END
#!/bin/bash
read -r left why <$work/deaths
echo boot >>$work/boots
((left)) || exec $qemu "\$@"
echo "\$((left - 1)) \$why" >$work/deaths
for word; do
	[[ \$word != file,id=log,path=* ]] || echo "[    3.799057] \$why" >"\${word##*path=}"
done
END
printf '#!/bin/bash\necho "begun with $*"\nexit 5\n' >"$work/script"
chmod +x "$work/bin/qemu-system-x86_64" "$work/script"

# deaths N WHY STATUS BOOTS: that many at first make for this status after so many boots.
deaths() {
	local status=0 boots

	echo "$1 $2" >"$work/deaths"
	: >"$work/boots"
	PATH=$work/bin:$PATH TMPDIR=$work "$here/testbed/run" --no-load --log "$work/log" debian-6.1 \
		"$work/script" 'two words' >"$work/out" 2>"$work/err" </dev/null || status=$?
	cat "$work/err"
	boots=$(wc -l <"$work/boots")
	((status == $3 && boots == $4)) || {
		echo "$1 times $2: status $status after $boots boots instead of $3 after $4"
		exit 1
	}
}

deaths 1 'Oops: int3: 0000 [#1] PREEMPT SMP NOPTI' 5 2
[[ $(tr -d '\r' <"$work/out") == 'begun with two words' ]]
grep -q 'once more' "$work/err"
deaths 2 'Oops: int3: 0000 [#1] PREEMPT SMP NOPTI' 71 2
deaths 1 'Oops: 0000 [#1] PREEMPT SMP NOPTI' 71 1
[[ -z $(find "$work" -name 'testbed.*') ]]
