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
for i in 1 2 3 4 5 6 7 8; do
    on_ranks 2 timeout -s KILL "0.$i" "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none \
        >"$WORK/log" 2>&1
    [ "$i" = 6 ] && rm -f "$folder"/models/*.h5
done
expect "what was killed goes on" on_ranks 2 "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none
digest=$(results_digest "$folder")
expect "and comes to the same results ($digest)" test "$digest" = "$reference"

# Seed 2 attacked itself, and as its own source: the second of three attacks is
# of the changes "training.seed = 2", the first of none.
values() { # NAME
    h5dump -d "/robustness/$1" "$WORK/on-0/sweep.h5"
}
expect "the results name the sources" grep -q 'training.seed = 2' <(values attack_source_changes)
accuracy() { # TRIAL ATTACK
    h5dump -d /robustness/robust_accuracy -s "$1,$2,0" -c 1,1,5 "$WORK/on-0/sweep.h5" |
        grep '^ *([0-9]' | sed 's/.*: //'
}
expect "a cell that is its own source is attacked as a white box" \
    test -n "$(accuracy 1 0)" -a "$(accuracy 1 0)" = "$(accuracy 1 1)"

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
    grep -Eq '^evaluations.* 1$' <("$SPIKESWEEP" status "$WORK/lost")
finish
