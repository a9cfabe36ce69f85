#!/usr/bin/env bash
# Evaluations in parts: one digest for any size of parts, any number of ranks,
# with runs that are killed and go on with parts of another size.
# KILLS=N sets the number of these (default 6).
. tests/lib.sh
. tests/sweep_lib.sh

# Two of the networks' surrogates are fitted to batches of 64 images: there
# parts are of whole batches.
experiment() { # FILE SAMPLES_PER_TASK N_STEPS
    cat >"$1" <<TEXT
dataset   = { kind = "synthetic"; n_train = 256; n_test = 150; height = 8; width = 8; };
network   = { kind = "mlp"; hidden = [32]; n_steps = 4; };
encoding  = [ "direct", "poisson" ];
surrogate = [ "triangular", "pdsg" ];
training  = { kind = "bptt"; n_epochs = 2; batch_size = 32; };
attacks   = ( { kind = "fgsm"; samples_per_task = $2; },
              { kind = "pgd"; n_steps = $3; n_draws = 2; samples_per_task = $2; },
              { kind = "gaussian"; n_samples = 130; samples_per_task = $2; } );
TEXT
}

# What readers see, but for what tells of the hour and the machine.
values() { # DIR
    h5dump -g /robustness "$1/sweep.h5" | awk '
        /DATASET "/ { leave = $0 ~ /"evaluation_/ }
        !leave && !/^HDF5/' | md5sum
}

n_done() { # DIR: tasks that have a result, as status tells it
    "$SPIKESWEEP" status "$1" | sed -n 's/^experiment: .* tasks; \([0-9]*\) have a result, 0 do not$/\1/p'
}

reference= reference_values=
for size in 0 1024 64 50 7; do
    experiment "$WORK/$size.cfg" $size 5
    for n in 1 2 3 5; do
        [ $n -le 2 ] || [ $size = 50 ] || continue
        folder=$WORK/on-$size-$n
        if ! on_ranks $n "$SPIKESWEEP" run "$WORK/$size.cfg" -o "$folder" --progress plain >"$WORK/log" 2>&1; then
            cat "$WORK/log"
            fail "parts of $size on $n ranks: the sweep ends with status 0"
            continue
        fi
        digest=$(results_digest "$folder")
        : "${reference:=$digest}" "${reference_values:=$(values "$folder")}"
        expect "parts of $size on $n ranks: the results are the same to the bit ($digest)" \
            test -n "$digest" -a "$digest" = "$reference"
        expect "parts of $size on $n ranks: so is all that sweep.h5 says of them" \
            test "$(values "$folder")" = "$reference_values"
        n_outcomes=$(result_number "$folder" n_outcomes)
        n_tasks=$(sed -n 's/.* cells, \([0-9]*\) tasks (.*/\1/p' "$WORK/log")
        expect "parts of $size on $n ranks: no part was computed twice ($n_outcomes of $n_tasks)" \
            test -n "$n_tasks" -a "$n_outcomes" = "$n_tasks"
        expect "parts of $size on $n ranks: status knows them all" test "$(n_done "$folder")" = "$n_tasks"
    done
done

# 4 cells: trainings; fgsm and pgd of 150, gaussian of 130 samples, by 50 or (of
# whole batches) by 64.
expect "attacks are cut into parts of 50 or of 64" \
    test "$(result_number "$WORK/on-50-1" n_outcomes)" = $((4 + 4 * 9))
expect "small attacks stay whole" test "$(result_number "$WORK/on-1024-1" n_outcomes)" = 16
folder=$WORK/on-7-1
"$SPIKESWEEP" run "$WORK/50.cfg" -o "$folder" --progress plain >"$WORK/log" 2>&1
expect "another size of parts computes nothing anew" grep -q 'tasks are done already' "$WORK/log"
expect "and changes no result" \
    test "$(result_number "$folder" n_outcomes)" = "$(result_number "$WORK/on-7-2" n_outcomes)" \
    -a "$(results_digest "$folder")" = "$reference"

# Kills ------------------------------------------------------------------

RANDOM=${SEED:-20261128}
sizes=(7 50 0 20)
for size in "${sizes[@]}"; do experiment "$WORK/long-$size.cfg" $size 300; done
"$SPIKESWEEP" run "$WORK/long-0.cfg" -o "$WORK/whole" --progress none >"$WORK/log" 2>&1 || cat "$WORK/log"
folder=$WORK/killed
n_killed=0 n_missing=
for ((i = 0; i < ${KILLS:-6}; i++)); do
    setsid mpirun --oversubscribe -n 3 "$SPIKESWEEP" run "$WORK/long-${sizes[i % 4]}.cfg" -o "$folder" \
        --progress none --refresh 0.2 --attempts 1000 --set-aside 0 >"$WORK/log" 2>&1 &
    job=$!
    sleep "$((1 + RANDOM % 2)).$((RANDOM % 900 + 100))"
    if kill -0 "$job" 2>/dev/null; then
        kill -9 "$job" $(pgrep -f "$folder") 2>/dev/null
        n_killed=$((n_killed + 1))
    fi
    { wait "$job"; } 2>/dev/null
    # On a machine that is slow, before it had begun: then there is nothing to read.
    [ -e "$folder/experiment.cfg" ] || { n_killed=0; continue; }
    "$SPIKESWEEP" status "$folder" >"$WORK/said" 2>&1 ||
        { cat "$WORK/said"; fail "status reads what was killed"; }
done
on_ranks 2 "$SPIKESWEEP" run "$WORK/long-7.cfg" -o "$folder" --set-aside 0 --progress plain >"$WORK/log" 2>&1 || cat "$WORK/log"
expect "runs were killed in the midst ($n_killed)" test "$n_killed" -ge 2
digest=$(results_digest "$folder")
expect "after kills and other sizes the results are those of whole evaluations ($digest)" \
    test -n "$digest" -a "$digest" = "$(results_digest "$WORK/whole")"
expect "and so is all that sweep.h5 says of them" \
    test "$(values "$folder")" = "$(values "$WORK/whole")"
# Outcomes: as many as tasks, so that none was done twice. What is killed here
# counts for nobody's death (--set-aside 0), which were an outcome as well.
expect "nothing was done twice" \
    test "$(result_number "$folder" n_outcomes)" = "$(n_done "$folder")"
finish
