#!/usr/bin/env bash
# The commands and the Python of docs/analysis.md find the same numbers in two
# real sweeps: tests/questions.py compares them.
. "$(dirname "$0")/lib.sh"
root=$(realpath "$(dirname "$0")/..")
cd "$WORK" || exit 1

if ! /usr/bin/python3 -c 'import xarray, h5netcdf, pandas' 2>/dev/null; then
    skip "the questions of docs/analysis.md" "python3-xarray or python3-h5netcdf is not there"
    finish
fi

common='dataset = { kind = "synthetic"; n_train = 256; n_test = 64; noise = 0.35; };
network     = { kind = "mlp"; hidden = [16, 16]; n_steps = 4; };
encoding    = [ "direct", "poisson" ];
regularizer = ( { kind = "none"; }, { kind = "mpd_sgr"; weight = [0.02, 0.1]; } );'
epsilons='epsilons = [0, 8/255, 32/255];'
cat >study.cfg <<TEXT
$common
training = { n_epochs = 2; batch_size = 32; };
seeds    = 3;
attacks  = ( { kind = "pgd"; n_steps = 3; $epsilons }, { kind = "fgsm"; $epsilons }, { kind = "gaussian"; $epsilons } );
TEXT
# The same cells of one seed, and two that have no result.
cat >other.cfg <<TEXT
$common
training = ( { kind = "bptt"; n_epochs = 2; batch_size = 32; }, { kind = "dummy"; end = [ "exit", "diverge" ]; } );
exclude  = ( { training = "dummy"; encoding = "poisson"; }, { training = "dummy"; regularizer = "mpd_sgr"; } );
attacks  = ( { kind = "pgd"; n_steps = 3; $epsilons surrogate = [ "own", "atan", "rectangular" ]; } );
TEXT
for sweep in study other; do
    "$SPIKESWEEP" run $sweep.cfg -o $sweep.sweep --retry none --progress none >log 2>&1
done
expect "there are two sweeps" [ -s study.sweep/sweep.h5 -a -s other.sweep/sweep.h5 ]
/usr/bin/python3 "$root/tests/questions.py" "$root/docs/analysis.md" "$SPIKESWEEP" >said 2>&1
while read -r line; do
    case $line in
    '[  ok  ]'*) pass "${line#\[  ok  \] }" ;;
    '[ FAIL ]'*) fail "${line#\[ FAIL \] }" ;;
    esac
done <said
expect "all ten are asked" grep -qE '^10 questions, [0-9]{3,} numbers$' said
grep -qE '^10 questions' said || cat said

# A number that is not the command's is noticed.
sed 's/^answer = frame.groupby("regularizer.\*")\[figures\].mean()/answer = (frame.groupby("regularizer.*")[figures].mean() + 1e-6)/' \
    "$root/docs/analysis.md" >changed.md
expect "the test sees a wrong number" bash -c \
    "! /usr/bin/python3 '$root/tests/questions.py' changed.md '$SPIKESWEEP' 1 >said && grep -q 'FAIL.* 1\..*but .* by xarray' said"
finish
