#!/usr/bin/env bash
# What is tried again and how often, what is set aside, runs of some cells only,
# a stop at the first failure, a file that asks to stop.
. tests/lib.sh
. tests/sweep_lib.sh

cd "$WORK" || exit 1

dummies() { # FILE END...: a cell for each end, in this order
    local file=$1 ends
    shift
    ends=$(printf '"%s", ' "$@")
    echo "training = { kind = \"dummy\"; end = [ ${ends%, } ]; };" >"$file"
}

# run STATUS FILE [OPTION]...: its words are in "log".
run() {
    local wanted=$1 status
    shift
    "$SPIKESWEEP" run "$@" --progress plain >log 2>&1
    status=$?
    [ "$status" -eq "$wanted" ] || { echo "status $status instead of $wanted:"; cat log; return 1; }
}

says() { grep -qE -- "$1" log || { echo "no \"$1\" in:"; cat log; return 1; }; }
n_said() { grep -cE -- "$1" log; }
status_says() { "$SPIKESWEEP" status "$1" >status 2>&1; grep -qE -- "$2" status || { cat status; return 1; }; }

# Causes -----------------------------------------------------------------

# Each tried twice, unless the policy does not want its cause again.
causes() { # RETRY DIED MEMORY LIMIT: attempts wanted of each
    rm -rf causes.sweep
    run 1 causes.cfg --attempts 2 --limit 0.5 --set-aside 0 --retry "$1"
    expect "--retry $1: a death is tried $2 times" [ "$(n_said 'failed: (signal|exit status 3|exit status 0 without)')" -eq "$((5 * $2))" ]
    expect "--retry $1: want of memory is tried $3 times" [ "$(n_said 'failed: out of memory')" -eq "$3" ]
    expect "--retry $1: an exceeded limit is tried $4 times" [ "$(n_said 'timed out: ')" -eq "$4" ]
}
dummies causes.cfg exit segv abort kill partial hang exhaust
causes all 2 2 2
causes none 1 1 1
causes died 2 1 1
causes memory,limit 1 2 2
expect "other words are refused" run 2 causes.cfg --retry died,hunger
expect "with those there are" says 'run: --retry died,hunger: all, none, or some of died, refused, '

# Set aside --------------------------------------------------------------

dummies aside.cfg done segv exit
run 1 aside.cfg --attempts 2 --set-aside 3
expect "two deaths are two failures" [ "$(n_said 'cell [12] .*: failed: ')" -eq 4 ]
run 1 aside.cfg --attempts 2 --set-aside 3
expect "the third, in the next run, is the last" [ "$(n_said 'cell [12] .*: set aside: .*attempt 3, 3 unexplained deaths')" -eq 2 ]
expect "and there is no further attempt" [ "$(n_said 'attempt')" -eq 2 ]
expect "the end says so" says '2 tasks are set aside; spikesweep status aside.sweep tells why'
run 1 aside.cfg --attempts 2 --set-aside 3
expect "what is set aside is left alone by later runs" [ "$(n_said 'attempt')" -eq 0 ]
expect "which say so" says '2 tasks are set aside, see spikesweep status aside.sweep'
expect "status has a state for it" status_says aside.sweep 'What went wrong \(2\)'
log=$(sed -n 's/^  cell 1, training: //p' status)
expect "status names its log" [ -s "$log" ]
expect "the log tells how it died" grep -q '^set aside at attempt 3: signal 11 ' "$log"
expect "and what it said last" grep -q 'the dummy exits, as told' "$(sed -n 's/^  cell 2, training: //p' status)"
expect "sweep.h5 says the same" [ "$(h5dump -d /trials/state aside.sweep/sweep.h5 | grep -o '"set aside"' | wc -l)" -eq 2 ]

# Some cells -------------------------------------------------------------

run 1 aside.cfg --attempts 1 --set-aside 3 --only failed
expect "failed cells are tried again by name" [ "$(n_said 'failed: .*attempt 4')" -eq 2 ]
expect "and only they" says '--only failed: 2 tasks are to do'
run 1 aside.cfg --attempts 5 --set-aside 3 --only 1
expect "a cell by its number" says '--only 1: 1 task is to do'
expect "has a new life until it is set aside again" [ "$(n_said 'cell 1 .*(failed|set aside): ')" -eq 2 ]
digest=$("$SPIKESWEEP" plan aside.cfg | awk '$1 == 2 { print $2 }')
run 1 aside.cfg --attempts 5 --set-aside 0 --only "1,$digest"
expect "cells in a list, by number and digest" says "--only 1,$digest: 2 tasks are to do"
run 2 aside.cfg --only 7
expect "a cell that is not there is refused" says '--only 7: cell 7: allowed is a number below 3'

cat >real.cfg <<'TEXT'
dataset  = { kind = "synthetic"; n_train = 64; n_test = 16; height = 6; width = 6; };
network  = { kind = "mlp"; hidden = [8]; n_steps = 2; };
training = { n_epochs = 1; batch_size = 32; seed = [1, 2, 3]; };
attacks  = ( { kind = "fgsm"; }, { kind = "gaussian"; } );
TEXT
run 0 real.cfg -o whole
run 0 real.cfg -o some --only 2
expect "one cell of three is computed" says '3/3 tasks'
expect "status knows the others as pending" status_says some '^experiment: 3 cells, 9 tasks; 3 have a result, 6 do not'
run 0 real.cfg -o some --only failed
expect "nothing failed, so nothing is done" says '--only failed: 0 tasks are to do'
run 0 real.cfg -o some
expect "the rest follows, to the same bits" [ "$(results_digest some)" = "$(results_digest whole)" ]
expect "and nothing was done twice" [ "$(result_number some n_outcomes)" -eq 9 ]

# The network that an attack is made on is of a cell that was not asked for.
cat >source.cfg <<'TEXT'
dataset  = { kind = "synthetic"; n_train = 64; n_test = 16; height = 6; width = 6; };
network  = { kind = "mlp"; hidden = [8]; n_steps = 2; };
training = { n_epochs = 1; batch_size = 32; seed = [1, 2]; };
attacks  = ( { kind = "fgsm"; source = { training = { seed = 2; }; }; } );
TEXT
expect "a cell is attacked on the network of one that was not asked for" run 0 source.cfg -o source --only 0
expect "which is trained for it, and no more" says '3/3 tasks'

# The first failure ------------------------------------------------------

cat >first.cfg <<'TEXT'
training = ( { kind = "dummy"; end = "segv"; },
             { kind = "dummy"; sleep_s = 0.3; seed = { from = 1; to = 40; count = 40; }; } );
TEXT
run 1 first.cfg --stop-at-first-failure
expect "the first that fails stops the run" says 'a task has failed: all others are left'
expect "which leaves the rest" status_says first.sweep "^trainings .* 3[0-9] +0 +41$"

# The file that asks to stop ---------------------------------------------

cat >long.cfg <<'TEXT'
training = { kind = "dummy"; sleep_s = 0.3; seed = { from = 1; to = 20; count = 20; }; };
TEXT
"$SPIKESWEEP" run long.cfg --progress none >log 2>&1 &
job=$!
for ((i = 0; i < 100; i++)); do
    [ -n "$(ls long.sweep/segments/*.seg 2>/dev/null)" ] && break
    sleep 0.05
done
touch long.sweep/stop
wait "$job"
expect "a run that the file stops ends with 75" [ $? -eq 75 ]
expect "and says why" says "the file stop in the sweep's folder asks to stop"
run 2 long.cfg
expect "no run begins as long as it is there" says 'long.sweep/stop is there, .*: delete it to go on'
rm long.sweep/stop
expect "without it the sweep goes on" run 0 long.cfg
expect "and does nothing twice" [ "$(h5dump -d /trials/state long.sweep/sweep.h5 | grep -o '"done"' | wc -l)" -eq 20 ]

# A known end ------------------------------------------------------------

# A quarter of so short a time is for leaving: 6 s, of which the first task
# tells that it takes 1, and a dummy cannot be left with a checkpoint.
cat >timed.cfg <<'TEXT'
training = { kind = "dummy"; sleep_s = 1.0; seed = { from = 1; to = 20; count = 20; }; };
TEXT
began=$SECONDS
run 75 timed.cfg --time 8
expect "a run says how much it has not begun for want of time" says '^1[0-9] tasks were not begun, which could not'
expect "nothing was begun in vain" status_says timed.sweep '^trainings +[4-6] +0 +0 +0 +0 +0 +0 +1[4-6] +0 +20$'
expect "it is over before its time" [ $((SECONDS - began)) -lt 8 ]

# The costliest training comes first: by its epochs, then by its width.
cat >costs.cfg <<'TEXT'
dataset  = { kind = "synthetic"; n_train = 256; n_test = 16; height = 6; width = 6; };
network  = { kind = "mlp"; hidden = ( [8], [512] ); n_steps = 4; };
training = { n_epochs = [1, 6]; batch_size = 32; };
TEXT
run 0 costs.cfg
order=$(cat costs.sweep/segments/*.seg | grep -aoE 'network.hidden = \[[0-9]+\]|n_epochs = [0-9]+' | tr -d 'a-z_.=[] ' | tr '\n' ' ')
expect "the costliest training is begun first, by its width and its epochs ($order)" [ "$order" = "512 6 512 1 8 6 8 1 " ]
finish
