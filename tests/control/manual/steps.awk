# SPDX-License-Identifier: GPL-2.0-or-later
# What the examples of a manual page in mdoc have people type, and what they show in return:
#
#	file NAME       a configuration file, which opens with a line `# NAME`
#	line TEXT       one line of it
#	command TEXT    what is typed behind `# `
#	more TEXT       a line that continues it, where the one before ends with a backslash
#	output TEXT     a line that the command prints
#
# Displays of the section EXAMPLES are examples, and no others.

function fail(why) {
	printf "%s:%d: %s\n", FILENAME, FNR, why >"/dev/stderr"
	failed = 1
	exit 1
}

# What is on paper where a line of a display has that in the source.
function plain(text,    out, at) {
	if (text ~ /^\./)
		fail("a macro in a display")
	while (at = index(text, "\\")) {
		out = out substr(text, 1, at - 1)
		text = substr(text, at)
		if (text ~ /^\\e/) { out = out "\\"; text = substr(text, 3) }
		else if (text ~ /^\\[-]/) { out = out "-"; text = substr(text, 3) }
		else if (text ~ /^\\&/) text = substr(text, 3)
		else if (text ~ /^\\\(aq/) { out = out "'"; text = substr(text, 5) }
		else if (text ~ /^\\\(ga/) { out = out "`"; text = substr(text, 5) }
		else if (text ~ /^\\\(ha/) { out = out "^"; text = substr(text, 5) }
		else if (text ~ /^\\\(ti/) { out = out "~"; text = substr(text, 5) }
		else fail("an escape that this does not know")
	}
	return out text
}

/^\.Sh / { examples = $0 == ".Sh EXAMPLES" }
!examples { next }
/^\.Bd -literal/ { display = 1; begins = 1; kind = ""; next }
/^\.Ed/ { display = 0; next }
!display { next }
# These would not be the same on paper everywhere, and people copy them.
/['`^~]/ { fail("a quote, an accent or a tilde, which is written \\(aq, \\(ga, \\(ha, \\(ti") }
{ text = plain($0) }
begins && text ~ /^# \/[^ ]*\.conf$/ { print "file " substr(text, 3); kind = "file" }
{ begins = 0 }
kind == "file" { print "line " text; next }
kind == "more" || text ~ /^# / {
	print (kind == "more" ? "more " text : "command " substr(text, 3))
	kind = text ~ /\\$/ ? "more" : "output"
	next
}
kind == "output" { print "output " text; next }
{ fail("neither a file nor a command") }
END { if (!failed && display) fail("a display has no end") }
