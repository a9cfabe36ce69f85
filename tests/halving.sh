#!/usr/bin/env bash
# Successive halving of a real sweep: who goes on is asked of what is known, what
# they find out is what they would have found out anyway, and it ends.
. tests/lib.sh
. tests/sweep_lib.sh

# experiment NAME [FIGURE FACTOR]: nine lineages at three rungs.
experiment() {
    cat >"$WORK/$1.cfg" <<TEXT
dataset   = { kind = "synthetic"; n_train = 512; n_test = 128; height = 8; width = 8; noise = 0.8; };
network   = { kind = "mlp"; hidden = [24]; n_steps = 4; };
optimizer = { kind = "sgd"; learning_rate = { from = 0.0001; to = 1.0; count = 9; scale = "log"; }; };
training  = { n_epochs = 6; batch_size = 32; until_epoch = [1, 2, 0]; };
attacks   = { kind = "fgsm"; epsilons = [0, 0.1]; samples_per_task = 50; };
TEXT
    [ -z "${2:-}" ] || echo "halving = { figure = \"$2\"; factor = $3; };" >>"$WORK/$1.cfg"
}

run() { # NAME FOLDER RANKS
    on_ranks "$3" "$SPIKESWEEP" run "$WORK/$1.cfg" -o "$WORK/$2" --progress none >"$WORK/log" 2>&1
}

values() { # FOLDER VARIABLE: one a line
    local file=$WORK/values.$BASHPID
    h5dump -m %.17g -y -w 1 -o "$file" -d "/$2" "$WORK/$1/sweep.h5" >/dev/null && tr -d ' ,"' <"$file" | grep .
}

# "trial accuracy area" of each trained cell.
results() { # FOLDER
    paste <(values "$1" trials/trial) <(values "$1" trials/clean_accuracy) <(values "$1" robustness/robust_area) |
        grep -vi nan | sort
}

# at_rung FOLDER UNTIL: how many cells have results there.
at_rung() {
    paste <(values "$1" trials/training_until_epoch) <(values "$1" trials/clean_accuracy) |
        grep -vi nan | grep -c "^$2	"
}

finds_nothing_else() { # FOLDER
    results "$1" >"$WORK/found"
    [ "$(comm -23 "$WORK/found" "$WORK/all" | wc -l)" -eq 0 ] && [ "$(wc -l <"$WORK/found")" -ge 13 ]
}

experiment whole
run whole whole 0 || cat "$WORK/log"
results whole >"$WORK/all"
expect "without halving all 27 cells are run" [ "$(wc -l <"$WORK/all")" -eq 27 ]

for figure in clean_accuracy omega robust_accuracy; do
    experiment "$figure" "$figure" 3
    for n in 0 3; do
        folder=$figure-$n
        expect "a halving by $figure on $n ranks comes to its end" run "$figure" "$folder" "$n"
        low=$(at_rung "$folder" 1) middle=$(at_rung "$folder" 2) high=$(at_rung "$folder" 0)
        expect "all begin, few go on: $low, $middle, $high" \
            [ "$low" -eq 9 -a "$middle" -ge 3 -a "$middle" -lt 9 -a "$high" -ge 1 -a "$high" -lt "$middle" ]
        expect "what they find out is what all would have" finds_nothing_else "$folder"
        expect "status accounts for those that are spared" \
            test "$("$SPIKESWEEP" status "$WORK/$folder" | grep -cE "^trainings +$((low + middle + high))( +0)+ +$((27 - low - middle - high)) +27$")" -eq 1
    done
done

# The one that looks best after an epoch goes on, whenever it began.
best=$(paste <(values whole trials/training_until_epoch) <(values whole trials/clean_accuracy) \
    <(values whole trials/optimizer_learning_rate) | grep '^1	' | sort -k 2 -g | tail -1 | cut -f 3)
went_on() {
    paste <(values clean_accuracy-0 trials/training_until_epoch) <(values clean_accuracy-0 trials/clean_accuracy) \
        <(values clean_accuracy-0 trials/optimizer_learning_rate) | grep -vi nan | grep -q "^2	.*	$1\$"
}
expect "the best of the lowest rung is among those that go on ($best)" went_on "$best"

# Killed again and again, it still ends, and finds nothing else.
folder=killed
for i in 1 2 3 4 5 6; do
    on_ranks 2 timeout -s KILL "0.$((i + 3))" "$SPIKESWEEP" run "$WORK/robust_accuracy.cfg" -o "$WORK/$folder" --progress none >"$WORK/log" 2>&1
done
expect "after kills a halving comes to its end" run robust_accuracy "$folder" 2
expect "what it finds out is what all would have" finds_nothing_else "$folder"

refuses_shares() {
    ! "$SPIKESWEEP" run "$WORK/omega.cfg" -o "$WORK/shared" --share 1/2 >"$WORK/log" 2>&1 &&
        grep -q 'cannot be divided into 2 shares: its cells compete' "$WORK/log" && [ ! -e "$WORK/shared" ]
}
expect "cells that compete are not divided into shares" refuses_shares

# A smaller factor lets more go on: what is known is not computed again.
experiment more clean_accuracy 1.5
cp -r "$WORK/clean_accuracy-0" "$WORK/more"
before=$(results more | wc -l)
expect "with a smaller factor the sweep goes on" run more more 0
expect "more cells go on then: $(results more | wc -l) have results instead of $before" [ "$(results more | wc -l)" -gt "$before" ]
finish
