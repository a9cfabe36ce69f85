#!/usr/bin/env bash
# Every example experiment can be planned, and its first and last cell computed:
# on a made-up data set and a small network, for an epoch. Other scripts run some
# of them whole.
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/.." || exit 1

# Without the settings of those names at the top level.
without() { # file, names
    awk -v names=" $2 " '
        BEGIN { RS = "^$" }
        {
            gsub(/#[^\n]*/, "")
            depth = 0; statement = ""
            for (i = 1; i <= length($0); i++) {
                c = substr($0, i, 1)
                if (c ~ /[({[]/) depth++
                if (c ~ /[])}]/) depth--
                statement = statement c
                if (c == ";" && depth == 0) {
                    name = statement
                    sub(/^[ \t\n]*/, "", name); sub(/[ \t\n:=].*/, "", name)
                    if (!index(names, " " name " ")) print statement
                    statement = ""
                }
            }
        }' "$1"
}
shrink() { # file
    without "$1" "dataset network seeds" |
        sed -E 's/n_epochs = [0-9]+/n_epochs = 1/; s/batch_size = [0-9]+/batch_size = 16/; s/n_steps = 100/n_steps = 9/'
    printf '%s\n' 'dataset = { kind = "synthetic"; n_train = 48; n_test = 16; height = 16; width = 16; n_channels = 3; };' \
        'network = { kind = "csnn"; channels = [4]; hidden = [8]; n_steps = 4; };'
}
plans() { "$SPIKESWEEP" plan --untimed "$WORK/small.cfg" >"$WORK/out" 2>"$WORK/err" || { cat "$WORK/err"; return 1; }; }
computes() { "$SPIKESWEEP" trial "$WORK/small.cfg" "$1" >"$WORK/out" 2>"$WORK/err" || { cat "$WORK/err"; return 1; }; }

for file in jobs/*.cfg; do
    grep -qw "$(basename "$file" .cfg)" tests/studies.sh tests/encodings.sh && continue
    shrink "$file" >"$WORK/small.cfg"
    expect "$file can be planned" plans
    n_cells=$(sed -nE 's/^([0-9]+) cells? .*/\1/p' "$WORK/out" | head -n 1)
    expect "its first cell can be computed" computes 0
    expect "and its last" computes $((${n_cells:-1} - 1))
done
finish
