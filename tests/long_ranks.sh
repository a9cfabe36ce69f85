#!/usr/bin/env bash
# One digest of all results of a larger sweep on the real Fashion-MNIST, on any
# number of ranks; each of its tasks computed once.
. tests/lib.sh
. tests/sweep_lib.sh

if [ ! -e /usr/share/datasets/fashion-mnist ]; then
    skip "a sweep on Fashion-MNIST" "there is no /usr/share/datasets/fashion-mnist (Debian: dataset-fashion-mnist)"
    finish
fi
experiment=$WORK/fashion.cfg
cat >"$experiment" <<'TEXT'
dataset     = { kind = "fashion_mnist"; n_train = 1000; n_test = 500; };
network     = ( { kind = "csnn"; channels = [8, 16]; hidden = [64]; n_steps = 4; },
                { kind = "mlp"; hidden = [128]; n_steps = 6; } );
encoding    = [ "direct", "poisson", "latency" ];
surrogate   = [ "triangular", "rectangular", "sigmoid" ];
regularizer = ( { kind = "none"; }, { kind = "mpd_sgr"; weight = [ 0.1, 0.4 ]; } );
training    = { n_epochs = 1; batch_size = 50; };
attacks     = ( { kind = "fgsm"; n_samples = 50; n_draws = 2; },
                { kind = "pgd"; n_steps = 5; n_samples = 20; n_draws = 2; },
                { kind = "gaussian"; n_samples = 50; } );
TEXT
reference=
for n in 1 2 3 5; do
    folder=$WORK/on-$n
    on_ranks "$n" "$SPIKESWEEP" run "$experiment" -o "$folder" --progress plain >"$WORK/log" 2>&1
    status=$?
    [ "$status" -eq 0 ] || cat "$WORK/log"
    expect "a sweep on $n ranks ends with status 0" test "$status" -eq 0
    digest=$(results_digest "$folder")
    : "${reference:=$digest}"
    n_tasks=$(sed -n 's/.* cells, \([0-9]*\) tasks (.*/\1/p' "$WORK/log")
    n_outcomes=$(result_number "$folder" n_outcomes)
    expect "on $n ranks the results of $n_tasks tasks are the same to the bit ($digest)" \
        test -n "$digest" -a "$digest" = "$reference"
    expect "on $n ranks no task was computed twice ($n_outcomes outcomes)" \
        test -n "$n_tasks" -a "$n_outcomes" = "$n_tasks"
    expect "on $n ranks every file is readable" h5_files_readable "$folder"
done
finish
