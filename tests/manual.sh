#!/usr/bin/env bash
# The manual page and bash's completion, which are made from the commands' rows.
. "$(dirname "$0")/lib.sh"
sources=$(realpath "$(dirname "$0")/..")
cd "$WORK" || exit 1
export SOURCE_DATE_EPOCH=86400
"$SPIKESWEEP" manual page >spikesweep.1
"$SPIKESWEEP" manual bash >spikesweep.bash
commands=$("$SPIKESWEEP" --help | sed -n '/^usage/,/^Exit/s/^  \([a-z]\{3,\}\) .*/\1/p')

# the page ------------------------------------------------------------

quiet() { # COMMAND...: says nothing and succeeds
    "$@" >said 2>&1 && [ ! -s said ] && return
    cat said
    return 1
}
for tool in "groff -ww -b -z -man -Tutf8" "mandoc -Tlint -Wwarning"; do
    if command -v "${tool%% *}" >/dev/null; then
        expect "the page is without a warning of ${tool%% *}" quiet $tool spikesweep.1
    else
        skip "the page is without a warning of ${tool%% *}" "not installed"
    fi
done
expect "the page bears the date that the build was given" grep -q '^\.TH SPIKESWEEP 1 1970-01-02 ' spikesweep.1

# The page as it is read, every run of blanks one.
if command -v mandoc >/dev/null; then
    mandoc -Tutf8 -O width=300 spikesweep.1 | sed 's/.\x08//g' | tr -s ' \n' ' ' >page
    in_page() { grep -qF -e "$1" page || { echo "not in the page: $1"; return 1; }; }
    all_in_page() { # reads lines
        local line all=0
        while read -r line; do in_page "$line" || all=1; done
        return "$all"
    }
    for command in $commands; do
        "$SPIKESWEEP" help "$command" >help
        expect "the page has all that help $command tells" all_in_page < <(
            sed 's/^usage: //; s/ \[OPTIONS\]$//' help | tr -s ' ')
    done
    "$SPIKESWEEP" help >help
    expect "it has every exit status and variable of the overview" all_in_page < <(
        sed -n '/^Exit status/,$p' help | sed '/^[A-Z]/d' | tr -s ' ' | sed 's/^ //')
    expect "it has every variable that the sources read" all_in_page < <(
        grep -rhoE 'getenv\("[A-Z_0-9]+"\)' --include='*.c' "$sources"/{core,io,sweep,analysis,jobs} |
            sed 's/getenv("\(.*\)")/\1/' | sort -u)
else
    skip "the page has all that help tells" "mandoc is not installed"
fi
help_is_help() {
    for command in $commands; do
        cmp <("$SPIKESWEEP" help "$command") <("$SPIKESWEEP" "$command" --help) || return
    done
}
expect "help COMMAND is COMMAND --help" help_is_help
no_such_command() { "$SPIKESWEEP" help pln 2>err; [ $? -eq 2 ] && grep -q 'did you mean plan?' err; }
expect "help of an unknown command is refused, the nearest named" no_such_command

# completion ----------------------------------------------------------

mkdir -p place/study.sweep && touch place/study.cfg place/sweep.h5 place/notes.txt
# What a fresh bash offers for these words, of which the last is not finished.
offer() {
    (cd place && bash --noprofile --norc -c '
        source ../spikesweep.bash
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _spikesweep
        printf "%s\n" "${COMPREPLY[@]}"' bash "$@" 2>&1) | sort
}
offers() { # NAME, what is expected (words), WORDS...
    local name=$1 got
    got=$(offer "${@:3}" | tr '\n' ' ')
    if [ "$got" = "$2 " ]; then pass "$name"; else
        echo "for ${*:3} offered: $got; expected: $2"
        fail "$name"
    fi
}
expect "bash knows how to complete spikesweep" \
    bash --noprofile --norc -c 'source ./spikesweep.bash && complete -p spikesweep >complete'
offers "a command is completed" "plan" spikesweep pl
offers "all commands are offered" "$(printf '%s\n' help $commands | sort | tr '\n' ' ' | sed 's/ $//')" spikesweep ''
offers "no hidden command is" "" spikesweep manu
offers "help takes a command" "status" spikesweep help stat
offers "options are completed" "--checkpoint" spikesweep run --ch
offers "options stand behind arguments as well" "--threads" spikesweep run study.cfg --th
offers "an option's folder is completed" "study.sweep sweep.h5" spikesweep run --output s
offers "so it is by the option's letter" "study.sweep sweep.h5" spikesweep run -o s
offers "and behind an equals sign" "study.sweep sweep.h5" spikesweep run --output = s
offers "also of nothing yet" "study.sweep sweep.h5" spikesweep run --output =
offers "a file is completed" "notes.txt" spikesweep run no
offers "a file is completed behind an option with a value" "notes.txt" spikesweep run --threads 2 no
offers "one behind a flag, too" "notes.txt" spikesweep run --recompute no
offers "and behind one whose value may be left out" "study.sweep sweep.h5" spikesweep status --watch ''
offers "a sweep is a folder or an HDF5 file" "study.sweep sweep.h5" spikesweep table ''
offers "behind the last argument nothing is offered" "" spikesweep list attack fgsm ''
offers "nothing is offered for a number" "" spikesweep run --threads ''
offers "axes are completed" "surrogate" spikesweep list sur
offers "axes are completed as an option's value" "surrogate" spikesweep table study.sweep --rows sur
offers "kinds are completed, by the axis" "fgsm" spikesweep list attack fg
offers "kinds of another axis are not" "" spikesweep list surrogate fg
all_kinds_are_offered() {
    local axis
    for axis in $("$SPIKESWEEP" list | sed -n 's/^\([a-z_]*\) .*:$/\1/p'); do
        cmp <(offer spikesweep list "$axis" '') \
            <("$SPIKESWEEP" list "$axis" | sed -nE 's/^    ([^ :]+)( \(default\))?: .*/\1/p' | sort) || return
    done
}
expect "every kind of every axis is offered that list tells" all_kinds_are_offered
all_options_are_offered() {
    local command
    for command in $commands; do
        cmp <(offer spikesweep "$command" -- | grep -v '^--help$') \
            <("$SPIKESWEEP" help "$command" | sed -nE 's/^  (-.,|   ) (--[a-z0-9-]+).*/\2/p' | sort) || return
    done
}
expect "every option of every command is offered that help tells" all_options_are_offered
if command -v shellcheck >/dev/null; then
    expect "shellcheck finds nothing in the completion" \
        shellcheck -s bash -e SC2034,SC2154 spikesweep.bash
else
    skip "shellcheck finds nothing in the completion" "not installed"
fi
finish
