#!/usr/bin/env bash
# What the documents say works: blocks marked "sh run" are run in the order in
# which they stand, in a scratch folder of their document; what is to be "shown"
# is looked for in what the block above it said, three dots standing for
# anything; blocks with a file's name are written to that file. Every command,
# option, target, file and link that is named anywhere exists.
#   ```sh run          ```text shows          ```libconfig study.cfg
# <!-- small: SED --> above a block makes what it computes small enough to test.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sweep_lib.sh"
sources=$(realpath "$(dirname "$0")/..")
mkdir "$WORK/bin" "$WORK/home"
ln -s "$SPIKESWEEP" "$WORK/bin/spikesweep"
export PATH=$WORK/bin:$PATH HOME=$WORK/home XDG_CACHE_HOME=$WORK/home/.cache OMP_WAIT_POLICY=passive
unset SPIKESWEEP_ENGINE "${!SLURM_@}" "${!MAKE@}" MFLAGS
cd "$sources" || exit 1
documents=(README.md CONTRIBUTING.md docs/*.md)
[ $# -gt 0 ] && documents=("$@")

# blocks -------------------------------------------------------------

# Cuts a document into files K.what: its marks, the line and the small-making
# sed; and K.text.
cut_blocks() { # DOCUMENT FOLDER
    awk -v folder="$2" '
        /^<!-- small: .* -->$/ { small = $0; sub(/^<!-- small: /, "", small); sub(/ -->$/, "", small); next }
        /^```/ && !inside { inside = 1; k++; name = sprintf("%s/%03d", folder, k)
            print substr($0, 4) > (name ".what"); print FNR > (name ".line")
            print small > (name ".small"); printf "" > (name ".text"); next }
        /^```/ { inside = 0; small = ""; close(name ".text"); next }
        inside { print > (name ".text") }' "$1"
}

# Every line of the pattern is in the text, in this order; "..." is anything.
shows() { # PATTERN TEXT
    python3 - "$1" "$2" <<'END'
import re, sys
lines = open(sys.argv[2]).read().split("\n")
at = 0
for wanted in open(sys.argv[1]).read().rstrip("\n").split("\n"):
    if wanted.strip() in ("", "..."):
        continue
    form = re.sub(r"(\\ )+", r"\\s+", re.escape(wanted.strip())).replace(r"\.\.\.", ".*")
    form = re.compile(r"\s*" + form + r"\s*$")
    while at < len(lines) and not form.match(lines[at]):
        at += 1
    if at == len(lines):
        sys.exit("not shown: " + wanted)
    at += 1
END
}

run_block() { # FILE: in the document's folder
    (cd "$place" && bash -e -o pipefail "$1" >"$WORK/said" 2>&1 </dev/null) && return
    echo "this failed:"
    cat "$1" "$WORK/said"
    return 1
}

run_document() {
    local block what line name=${1//\//_}
    place=$WORK/$name
    mkdir "$place" "$place.blocks"
    ln -s "$sources/jobs" "$sources/docs" "$sources/tests" "$place/"
    cut_blocks "$1" "$place.blocks"
    for block in "$place.blocks"/*.what; do
        [ -e "$block" ] || continue
        block=${block%.what} what=$(<"$block.what") line=$(<"$block.line")
        [ -z "$(<"$block.small")" ] || sed -i -E "$(<"$block.small")" "$block.text"
        case $what in
        'sh run') expect "$1:$line: $(head -1 "$block.text")" run_block "$block.text" ;;
        'text shows') expect "$1:$line: what is shown is what was said" shows "$block.text" "$WORK/said" ;;
        *' '*.*) cp "$block.text" "$place/${what##* }" ;;
        esac
    done
}

# names --------------------------------------------------------------

commands=" $(spikesweep --help | sed -n '/^usage/,/^Exit/s/^  \([a-z]\{3,\}\) .*/\1/p' | tr '\n' ' ')help manual "
targets=" $(sed -n 's/^\([a-z][a-z0-9-]*\):.*/\1/p' Makefile | tr '\n' ' ')"

# Every "spikesweep WORD --options" of code, in blocks and in the text: the words
# behind it up to the end of the code, a comment, a pipe or a semicolon.
calls_of() { # DOCUMENT
    { sed -n '/^```/,/^```/p' "$1"; grep -oE '`[^`]+`' "$1" | tr -d '`'; grep -E '^    ' "$1"; } |
        grep -oE '(^|[ /])spikesweep [a-z][^#|;&`]*' | sed 's/^[ /]*//' | sort -u
}
call_is_known() { # "spikesweep COMMAND ..."
    local words word
    read -ra words <<<"$1"
    [[ $commands = *" ${words[1]} "* ]] || { [[ ${words[1]} =~ ^[a-z]+$ ]] && echo "no command: $1" && return 1; return 0; }
    for word in "${words[@]:2}"; do
        [[ $word =~ ^--[a-z] ]] || continue
        word=${word%%=*} word=${word%%[^a-z0-9-]*}
        spikesweep help "${words[1]}" | grep -qE -e "^ .* $word( |\$)|, $word( |\$)" || [ "$word" = --help ] ||
            { echo "no option $word: $1"; return 1; }
    done
}
calls_are_known() {
    local call all=0
    while read -r call; do call_is_known "$call" || all=1; done < <(calls_of "$1")
    return "$all"
}
targets_exist() {
    local target all=0
    for target in $( { sed -n '/^```/,/^```/p' "$1"; grep -oE '`make [^`]+`' "$1"; } |
        grep -oE '(^|[`$ ])make( [A-Z0-9_]+=[^ `]*)* [a-z][a-z0-9-]+' | grep -oE '[a-z][a-z0-9-]+$' | sort -u); do
        [[ $targets = *" $target "* ]] || { echo "no target: make $target"; all=1; }
    done
    return "$all"
}
# Files of the project by their path; a star stands for at least one.
files_exist() {
    local path all=0
    for path in $(sed '/^```diff/,/^```/d' "$1" | grep -oP '(?<![\w./])(core|io|sweep|analysis|jobs|tests|docs)/[\w./*-]*[\w*]\.[a-z0-9]+\b' | sort -u); do
        compgen -G "$path" >/dev/null || { echo "no file: $path"; all=1; }
    done
    return "$all"
}
links_hold() {
    local link all=0
    for link in $(grep -oE '\]\([^)]+\)' "$1" | sed 's/^](//; s/)$//; s/#.*//' | grep -vE '^(https?:|mailto:|$)' | sort -u); do
        [ -e "$(dirname "$1")/$link" ] || { echo "no such page: $link"; all=1; }
    done
    return "$all"
}

# Kinds by `axis.kind`.
kinds_exist() {
    local kind all=0
    for kind in $(grep -oE '`[a-z_]+\.[a-z0-9_]+`' "$1" | tr -d '`' | sort -u); do
        spikesweep list "${kind%%.*}" >/dev/null 2>&1 || continue
        spikesweep list "${kind%%.*}" "${kind#*.}" >/dev/null || all=1
    done
    return "$all"
}

for document in "${documents[@]}"; do
    expect "$document: commands and options exist" calls_are_known "$document"
    expect "$document: targets of make exist" targets_exist "$document"
    expect "$document: files exist" files_exist "$document"
    [ "$document" != docs/science.md ] || expect "$document: kinds exist" kinds_exist "$document"
    expect "$document: links lead somewhere" links_hold "$document"
    run_document "$document"
done
if [ $# -eq 0 ]; then
    science_is_new() {
        diff <(sed -n '/^## What the papers leave open$/,$p' docs/science.md) <(spikesweep manual science) && return
        echo "sed -i '/^## What the papers leave open\$/,\$d' docs/science.md && spikesweep manual science >>docs/science.md"
        return 1
    }
    expect "the second half of docs/science.md is what the kinds' rows say" science_is_new
    every_room_is_toured() { # all headers' folders, and every large step of the way
        local file all=0
        for file in core/kind.h core/trial.h io/experiment.h io/segment.h io/store.h sweep/coordinator.h \
            sweep/supervisor.h sweep/wire.h analysis/table.h jobs/main.c; do
            grep -qF "$file" docs/tour.md || { echo "not in the tour: $file"; all=1; }
        done
        return "$all"
    }
    expect "the tour comes through every room" every_room_is_toured
fi
finish
