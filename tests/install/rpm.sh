#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The spec file for Fedora and openSUSE builds both packages, with all that `make install`
# installs but hooks of ifupdown. No system of the kind is here: this tells that rpmbuild and
# rpmlint are content, and nothing of dependencies and macros that only those have.
# kernels: host
# long
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=../check/lib.sh
. "$(dirname "$0")/../check/lib.sh"

need rpm rpmlint
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' dkms.conf)
mkdir "$work/SOURCES"
tree_files | tar -c --transform "s,^,snaptun-$version/," -T - -zf "$work/SOURCES/snaptun-$version.tar.gz"
rpmbuild -ba --nodeps --define "_topdir $work" packaging/rpm/snaptun.spec >"$work/log" 2>&1 ||
	{ tail -n 30 "$work/log"; exit 1; }
readarray -t packages < <(find "$work" -name '*.rpm' | sort)
((${#packages[@]} == 3))

# What is in the packages, without what rpm adds.
DESTDIR=$work/tree PREFIX=/usr MODULE=dkms scripts/install
files() { sort | sed -e '/\/man[1-8]\//s,\.gz$,,'; }
diff <(rpm -qpl --noghost "${packages[@]:0:2}" | files >"$work/all" &&
	while IFS= read -r file; do
		[[ ! -f $work/tree$file ]] || echo "$file"
	done <"$work/all" | sort -u) \
	<(cd "$work/tree" && find . -type f ! -path './etc/*' | sed 's,^\.,,' | files)

# Signatures, tags of build services, and licences by their new names are none of its errors.
cat >"$work/rpmlint.toml" <<-'END'
	Filters = [
		"no-signature", "no-packager-tag", "no-group-tag", "no-changelogname-tag",
		"non-standard-dir-perm /etc/snaptun", "bad-manual-page-folder",
	]
END
rpmlint --config "$work/rpmlint.toml" "${packages[@]}" >"$work/log" 2>&1 || true
grep -q '; 0 errors,' "$work/log" || { grep ' E: ' "$work/log"; exit 1; }
