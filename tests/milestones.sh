#!/usr/bin/env bash
# Trainings that differ in nothing but the epoch at which they end: the longer
# go on from where the shorter have come to, and end in the same bits as if they
# had begun anew.
. tests/lib.sh
. tests/sweep_lib.sh

# milestones NAME EPOCHS...: runs cells that end there, in this order.
milestones() {
    local name=$1
    shift
    cat >"$WORK/$name.cfg" <<TEXT
dataset   = { kind = "synthetic"; n_train = 512; n_test = 64; height = 8; width = 8; };
network   = { kind = "mlp"; hidden = [32]; n_steps = 4; };
schedule  = { kind = "cosine"; };
training  = { n_epochs = 6; batch_size = 32; until_epoch = [$(IFS=, && echo "$*")]; };
seeds     = 2;
attacks   = { kind = "fgsm"; };
TEXT
    "$SPIKESWEEP" run "$WORK/$name.cfg" -o "$WORK/$name" --progress none >"$WORK/log" 2>&1 || cat "$WORK/log"
}

# same A B: both have results, and the same.
same() {
    local digest
    digest=$(results_digest "$WORK/$1")
    [ -n "$digest" ] && [ "$digest" = "$(results_digest "$WORK/$2")" ]
}

# What was found in more than one go, of the trainings.
went_on() {
    h5dump -d /trials/means "$WORK/$1/sweep.h5" | grep -o 'from a checkpoint' | wc -l
}

milestones upward 1 3 5 0
milestones downward 0 5 3 1
expect "each training goes on from the one before it (6 of 8)" [ "$(went_on upward)" -eq 6 ]
expect "none goes on from one that ends later" [ "$(went_on downward)" -eq 0 ]
expect "they end in the same bits as from the beginning" \
    same upward downward
expect "no milestone is left at the end" [ -z "$(ls "$WORK/upward/checkpoints" "$WORK/downward/checkpoints" | grep milestone)" ]

# A milestone that is damaged is no loss but of time, and it is said.
sed 's/\[1,3,5,0\]/[1,3]/' "$WORK/upward.cfg" >"$WORK/cut.cfg"
cat >"$WORK/first.cfg" <<<"$(sed 's/\[1,3\]/[1]/; s/^attacks.*//' "$WORK/cut.cfg")"
"$SPIKESWEEP" run "$WORK/first.cfg" -o "$WORK/cut" --progress none --share 1/2 >"$WORK/log" 2>&1
"$SPIKESWEEP" run "$WORK/first.cfg" -o "$WORK/cut" --progress none --share 2/2 >"$WORK/log" 2>&1
expect "jobs with a share leave milestones to the others" [ "$(ls "$WORK/cut/checkpoints" | grep -c milestone)" -eq 2 ]
for file in "$WORK"/cut/checkpoints/*.milestone; do truncate -s 100 "$file"; done
"$SPIKESWEEP" run "$WORK/cut.cfg" -o "$WORK/cut" --progress none >"$WORK/log" 2>&1
sed 's/cut/whole/' "$WORK/cut.cfg" >"$WORK/whole.cfg"
"$SPIKESWEEP" run "$WORK/whole.cfg" -o "$WORK/whole" --progress none >"$WORK/log2" 2>&1
expect "nothing goes on from a damaged milestone" [ "$(went_on cut)" -eq 0 ]
expect "damaged milestones change no result" same cut whole
finish
