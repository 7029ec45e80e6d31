# SPDX-License-Identifier: GPL-2.0-or-later
# What fish offers: for each line of standard input, the beginning of a command, a line
# with the words that completion offers there.
#
# usage: fish --no-config ask.fish FOLDER    completions are in FOLDER
source $argv[1]/snaptun.fish
while read line
    # What stands after a tab tells what a word is.
    echo (complete -C $line | string replace -r '\t.*' '')
end
