#!/usr/bin/env bash
# The plan of very many cells takes seconds, and what it says of them is what it
# says of few.
. tests/lib.sh

draw() { # N: to a plan of so many drawn cells
    cat >"$WORK/drawn.cfg" <<TEXT
dataset   = { kind = "synthetic"; n_train = 64; n_test = 32; };
network   = { kind = "mlp"; hidden = [8]; n_steps = [2, 4]; };
neuron    = { leak = { from = 0.1; to = 0.95; }; };
optimizer = { kind = "sgd"; learning_rate = { from = 0.001; to = 1.0; scale = "log"; }; };
sampler   = { kind = "random"; n_points = $1; };
attacks   = ( { kind = "fgsm"; epsilons = [0.1]; n_samples = 16; } );
TEXT
    timeout 100 "$SPIKESWEEP" plan --all "$WORK/drawn.cfg" >"$WORK/plan" 2>&1
}

memory() { grep 'at most .* of memory a rank' "$WORK/plan" | sed 's/, of .*//'; }
first_cells() { sed -n '2,31s/  [0-9]:[0-9:]*  / /p' "$WORK/plan"; }

expect "a plan of 30 cells" draw 30
few=$(memory) cells=$(first_cells)
expect "a plan of 20,000 cells takes no minutes" draw 20000
expect "all are listed" test "$(grep -c 'leak=' "$WORK/plan")" -eq 20000
expect "all are timed, since they take as long as others" eval '! grep -q "not timed" "$WORK/plan"'
expect "the largest is the same" test "$(memory)" = "$few"
expect "the first ones are the same" test "$(first_cells)" = "$cells"
expect "they are thirty, of two sizes" test "$(echo "$cells" | awk '{ print $3 }' | sort -u | wc -l)/$(echo "$cells" | wc -l)" = 2/30
finish
