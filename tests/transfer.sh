#!/usr/bin/env bash
# Attacks that are made on other cells: the same results on any number of ranks
# and after kills, the white-box attack where a cell is its own source, and a
# clear word where the source has no network.
. tests/lib.sh
. tests/sweep_lib.sh

experiment=$WORK/transfer.cfg
cat >"$experiment" <<'TEXT'
dataset   = { kind = "synthetic"; n_train = 256; n_test = 64; height = 8; width = 8; };
network   = { kind = "mlp"; hidden = [32]; n_steps = 4; };
training  = { n_epochs = 2; batch_size = 32; };
seeds     = 2;
attacks   = { kind = "pgd"; n_steps = 5; keep_going = true; samples_per_task = 20; epsilons = [0, 0.05, 0.1, 0.2, 0.4];
              source = ( "own", { seed = 2; }, { surrogate = "atan"; seed = 3; } ); };
TEXT
reference=
for n in 0 1 2 3; do
    folder=$WORK/on-$n
    expect "a sweep of transfers on $n ranks ends with status 0" \
        on_ranks "$n" "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none
    digest=$(results_digest "$folder")
    : "${reference:=$digest}"
    expect "on $n ranks the results are the same to the bit ($digest)" \
        test -n "$digest" -a "$digest" = "$reference"
done

# Killed again and again; some of the networks get lost in between.
folder=$WORK/killed
for i in 3 5 7 9 11 13; do
    setsid mpirun --oversubscribe -n 2 "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none \
        >"$WORK/log" 2>&1 &
    job=$!
    sleep "$((i / 10)).$((i % 10))"
    kill -9 "$job" $(pgrep -f "$folder") 2>/dev/null
    { wait "$job"; } 2>/dev/null
    [ "$i" = 9 ] && rm -f "$folder"/models/*.h5
done
expect "what was killed goes on" on_ranks 2 "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none
digest=$(results_digest "$folder")
expect "and comes to the same results ($digest)" test "$digest" = "$reference"

# Seed 2 attacked as a white box, and as its own source. The file has attacks in
# an order of its own, which their changes tell: none of the white box.
changes() {
    h5dump -w 0 -d /robustness/attack_source_changes "$WORK/on-0/sweep.h5" | sed -n 's/^ *(0): //p' | head -1
}
place() { # CHANGES: where that attack is
    changes | sed 's/, /\n/g' | grep -nFx -- "$1" | cut -d: -f1
}
accuracy() { # TRIAL CHANGES
    h5dump -d /robustness/robust_accuracy -s "$1,$(($(place "$2") - 1)),0" -c 1,1,5 "$WORK/on-0/sweep.h5" |
        grep '^ *([0-9]' | sed 's/.*: //'
}
own='""' seed_2='""training.seed = 2""'
expect "the results name the sources" [ -n "$(place "$own")" -a -n "$(place "$seed_2")" ]
expect "a cell that is its own source is attacked as a white box" \
    [ -n "$(accuracy 1 "$own")" -a "$(accuracy 1 "$own")" = "$(accuracy 1 "$seed_2")" ]
expect "another cell is not" \
    [ -n "$(accuracy 0 "$own")" -a "$(accuracy 0 "$own")" != "$(accuracy 0 "$seed_2")" ]
"$SPIKESWEEP" run "$experiment" -o "$WORK/shared" --share 1/2 --progress none >"$WORK/log" 2>&1
expect "a sweep of transfers is not divided into shares" \
    [ $? -eq 2 -a -n "$(grep 'cannot be divided into 2 shares' "$WORK/log")" -a ! -e "$WORK/shared" ]

# A source that does not fit the data, of two attacks; a cell that does not.
plan() { # NETWORK ATTACKS
    cat >"$WORK/misfit.cfg" <<TEXT
dataset = { kind = "synthetic"; n_train = 64; n_test = 16; height = 8; width = 8; };
network = $1
attacks = $2
TEXT
    "$SPIKESWEEP" plan "$WORK/misfit.cfg" >"$WORK/log" 2>&1
}
mlp='{ kind = "mlp"; hidden = [8]; n_steps = 2; };'
deep='{ kind = "csnn"; channels = [4, 4, 4, 4, 4]; hidden = [8]; n_steps = 2; };'
expect "plan is not troubled by a source that does not fit the data" \
    plan "$mlp" "( \"fgsm\", { source = { network = $deep }; } );"
expect "says so" grep -q 'attack 1: pruned in the first cell: attack_source: its network csnn: .* poolings' "$WORK/log"
expect "and leaves that attack out" grep -q '^1 cells (1 pruned, 0 double), 2 attacks each, 2 tasks' "$WORK/log"
"$SPIKESWEEP" run "$WORK/misfit.cfg" -o "$WORK/misfit" --progress none >"$WORK/log" 2>&1
expect "as run does" [ $? -eq 0 -a "$(result_number "$WORK/misfit" n_outcomes)" = 2 ]
plan "$deep" "{ source = { network = $mlp }; };"
expect "without a cell to attack no source is trained" [ $? -eq 2 -a -n "$(grep 'no cell is left' "$WORK/log")" ]

# A source that diverges.
cat >"$WORK/lost.cfg" <<'TEXT'
dataset   = { kind = "synthetic"; n_train = 256; n_test = 32; height = 8; width = 8; };
network   = { kind = "mlp"; hidden = [16]; n_steps = 4; };
training  = { n_epochs = 1; batch_size = 16; };
attacks   = { kind = "fgsm"; source = { optimizer = { kind = "sgd"; learning_rate = 1000; };
                                      training = { l2_penalty = 1000; }; }; };
TEXT
"$SPIKESWEEP" run "$WORK/lost.cfg" -o "$WORK/lost" --progress plain >"$WORK/log" 2>&1
expect "an attack without its source's network is told of" \
    grep -q '1 attack has no network to attack' "$WORK/log"
expect "status counts it as such" \
    grep -Eq '^evaluations.* 1 +1$' <("$SPIKESWEEP" status "$WORK/lost")
finish
