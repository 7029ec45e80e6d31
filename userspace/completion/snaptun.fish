# SPDX-License-Identifier: GPL-2.0-or-later
# Completion for fish: subcommands, options and their values, devices, names of configuration
# files, and where the caller may ask the module, tunnels and keys. What there is comes from
# --help, which needs no privilege, and so does what is told of it.
#
# Loaded by fish itself when `snaptun` is typed.

# __snaptun_ask PROGRAM WORD...: what it says to that.
function __snaptun_ask
    # Where people who are not root do not look.
    set -lx PATH $PATH /usr/local/sbin /usr/sbin

    $argv 2>/dev/null
end

# The names of the devices of this network namespace.
function __snaptun_devices
    for folder in /sys/class/net/*
        if test -r $folder/uevent; and string match -q DEVTYPE=snaptun <$folder/uevent
            string replace -r '.*/' '' -- $folder
        end
    end
end

# The names that there are configuration files for, where the caller may know.
function __snaptun_names
    for file in /etc/snaptun/*.conf
        string replace -r '.*/(.*)\.conf$' '$1' -- $file
    end
end

# __snaptun_rows PROGRAM DEVICE TITLE: the first column of the table with that title.
function __snaptun_rows
    set -l inside 0

    test -n "$argv[2]"; or return
    for row in (__snaptun_ask $argv[1] show $argv[2] --brief)
        set -l cell (string match -r -- '[^ ]+' $row)
        if test "$cell" = $argv[3]
            set inside 1
        else if test -z "$cell"
            set inside 0
        else if test $inside = 1
            echo $cell
        end
    end
end

# __snaptun_values PROGRAM DEVICE KIND CURRENT: what may stand where the help says KIND, such
# as FILE or SECONDS|off.
function __snaptun_values
    for kind in (string split '|' -- $argv[3])
        switch $kind
            case DEV
                __snaptun_devices
            case NAME
                __snaptun_names
            case ID
                __snaptun_rows $argv[1] "$argv[2]" id
            case KEY
                __snaptun_rows $argv[1] "$argv[2]" identity
            case FILE
                __fish_complete_path "$argv[4]" ''
            case '*'
                string match -r -- '.*[a-z].*' $kind
        end
    end
end

# __snaptun_commands PROGRAM [FIRST]: what the command can begin with, or go on with after
# that word.
function __snaptun_commands
    set -l offered

    for row in (__snaptun_ask $argv[1] --help)
        set -l part (string match -r -- '^  ([a-z]+)( [a-z]+|)  +(.*)$' $row); or continue
        set -l second (string trim -- $part[3])
        if set -q argv[2]
            test $part[2] = $argv[2] -a -n "$second"; and set -a offered $second\t$part[4]
        else if test -z "$second"
            set -a offered $part[2]\t$part[4]
        else if not string match -q -- $part[2]\t'*' $offered
            set -a offered $part[2]\t"and one word more"
        end
    end
    set -q offered[1]; or return
    printf '%s\n' $offered --help\t'tell how to use it'
    set -q argv[2]; or printf '%s\n' --version\t'tell the version'
end

# __snaptun_arguments PROGRAM CURRENT COUNT WORD...: what may stand after these words, of which
# the first COUNT are the command.
function __snaptun_arguments
    set -l program $argv[1]
    set -l current $argv[2]
    set -l command $argv[4..(math 3 + $argv[3])]
    set -l kinds
    set -l more
    set -l options
    set -l values
    set -l about
    set -l operands
    set -l option

    for row in (__snaptun_ask $program $command --help)
        if string match -q -- "Usage: snaptun $command *" $row
            # After a | stands what an operand can be instead, and of what ends in dots there
            # can be more.
            for word in (string replace -a ' | ' '|' -- $row | string replace -ar '[\[\]]' '' | string split ' ')
                set -l part (string match -r -- '^(DEV|ID|NAME)([.]{3}|)([|]DEV|)$' $word); or continue
                set -a kinds $part[2]$part[4]
                test -z "$part[3]"; or set more $part[2]
            end
        else
            set -l part (string match -r -- '^  (--[a-z0-9-]+)( [^ ]+|)  +([^;]*)' $row); or continue
            set -a options $part[2]
            set -a values (string trim -- "$part[3]")
            set -a about (string replace -r ', as in$' '' -- $part[4])
        end
    end

    for word in $argv[(math 4 + $argv[3])..]
        if set -q option[1]
            set -e option
        else if string match -q -- '-*' $word
            set -l number (contains -i -- $word $options); and test -n "$values[$number]"
            and set option $number
        else
            set -a operands $word
        end
    end
    set -l kind $kinds[(math 1 + (count $operands))] $more
    set -l part (string match -r -- '^(--[a-z0-9-]+=)(.*)$' $current)
    if set -q option[1]
        __snaptun_values $program "$operands[1]" $values[$option] $current
    else if set -q part[1]
        if set option (contains -i -- (string trim -r -c = -- $part[2]) $options)
            string join -- \n $part[2](__snaptun_values $program "$operands[1]" "$values[$option]" $part[3])
        end
    else if set -q kind[1]; and not string match -q -- '-*' $current
        __snaptun_values $program "$operands[1]" $kind[1] $current
    else
        for number in (seq (count $options))
            printf '%s\t%s\n' $options[$number] $about[$number]
        end
        printf '%s\n' --help\t'tell how to use it'
    end
end

# What may stand where the cursor is.
function __snaptun_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l commands (__snaptun_ask $program --help | string match -rg -- '^  ([a-z]+(?: [a-z]+)?)  ')

    # The command has one word or two.
    for count in 1 2
        if test (count $words) -ge $count; and contains -- "$words[1..$count]" $commands
            __snaptun_arguments $program (commandline -ct) $count $words
            return
        end
    end
    if test (count $words) -le 1
        __snaptun_commands $program $words
    end
end

complete -c snaptun -f -a '(__snaptun_complete)'
