#!/usr/bin/env bash
# Whether `verify` passes what a run has left, and nothing that was damaged
# since: what it prints, and its exit status. Each line by itself:
# tests/test_verify.c.
. tests/lib.sh

cat >"$WORK/study.cfg" <<'TEXT'
dataset  = { kind = "synthetic"; n_train = 128; n_test = 64; height = 8; width = 8; };
network  = { kind = "mlp"; hidden = [16]; n_steps = 2; };
encoding = [ "direct", "poisson" ];
training = { n_epochs = 1; batch_size = 32; };
attacks  = ( { kind = "fgsm"; epsilons = [0, 8/255]; } );
TEXT
"$SPIKESWEEP" run "$WORK/study.cfg" -o "$WORK/study" --progress none >"$WORK/log" 2>&1 || cat "$WORK/log"

verify() { # PATH...: what it says, and its exit status
    timeout 60 "$SPIKESWEEP" verify "$@" >"$WORK/said" 2>"$WORK/errors"
    echo $? >"$WORK/status"
}
ends_with() { [ "$(cat "$WORK/status")" = "$1" ]; }
says() { grep -qE "$1" "$WORK/said"; }
bytes() { stat -c %s "$1"; }

verify "$WORK/study"
expect "a sweep is whole" ends_with 0
expect "by 17 lines" [ "$(grep -c ' ok ' "$WORK/said")" = 17 ]
expect "all of them" [ "$(grep -vc ' ok ' "$WORK/said")" = 0 ]
expect "with the digest that is in the file" says "^digest +ok +$(h5dump -a /results_digest "$WORK/study/sweep.h5" |
    grep -oE '[0-9a-f]{32}'),"
expect "nothing is written" [ -z "$(find "$WORK/study" -newer "$WORK/said")" ]

cp "$WORK/study/sweep.h5" "$WORK/alone.h5"
verify "$WORK/alone.h5"
expect "so is the file alone" ends_with 0
expect "by what can be told of it" [ "$(grep -c ' ok ' "$WORK/said")" = 15 ]

# More cells in the experiment than results: nothing is damaged.
sed 's/"poisson"/"poisson", "ttfs"/' "$WORK/study.cfg" >"$WORK/study/experiment.cfg"
rm "$WORK/study/sweep.h5"
"$SPIKESWEEP" pack "$WORK/study" >/dev/null
verify "$WORK/study"
expect "cells without a result are open" says '^coverage +open +2 of 6 trainings and evaluations have no result: cell'
expect "and named" says 'training: pending; cell [0-9]+ .*fgsm: pending'
expect "and no failure" ends_with 0
verify --complete "$WORK/study"
expect "unless they are to be there" ends_with 1

head -c "$(($(bytes "$WORK/alone.h5") - 1))" "$WORK/alone.h5" >"$WORK/cut.h5"
verify "$WORK/cut.h5"
expect "a cut file fails" ends_with 1
expect "and is said to be cut" says '^file +FAILED .*truncated'

# A byte at 12 places: either it does not pass, or none of the values is changed.
# (HDF5 may stumble over its own structures without end: then time is up.)
cp -r "$WORK/study" "$WORK/flipped"
n_silent=0
for ((i = 1; i <= 12; i++)); do
    cp "$WORK/study/sweep.h5" "$WORK/flipped/sweep.h5"
    at=$(($(bytes "$WORK/study/sweep.h5") * i / 13))
    old=$(od -An -tu1 -j $at -N1 "$WORK/flipped/sweep.h5")
    printf "\\x$(printf %x $((old ^ 16)))" | dd of="$WORK/flipped/sweep.h5" bs=1 seek=$at conv=notrunc status=none
    verify "$WORK/flipped"
    ends_with 0 || continue
    h5diff "$WORK/study/sweep.h5" "$WORK/flipped/sweep.h5" >"$WORK/changed" && continue
    n_silent=$((n_silent + 1))
    cat "$WORK/changed"
done
expect "no flipped byte changes a value unseen" [ $n_silent = 0 ]

echo "no HDF5" >"$WORK/text.h5"
verify "$WORK/text.h5"
expect "what is no HDF5 fails" ends_with 1
verify "$WORK/nowhere"
expect "what is not there is refused" ends_with 2
expect "by name" grep -q "nowhere" "$WORK/errors"
finish
