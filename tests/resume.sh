#!/usr/bin/env bash
# An experiment that changes between runs in one folder: what is new is
# computed, what is gone is kept and told of, nothing is mixed; and status
# accounts for every task, held against a count of our own.
. tests/lib.sh
. tests/sweep_lib.sh

cd "$WORK" || exit 1

experiment() { # FILE N_EPOCHS SEEDS ENCODINGS ATTACKS
    cat >"$1" <<TEXT
dataset  = { kind = "synthetic"; n_train = 64; n_test = 16; height = 6; width = 6; };
network  = { kind = "mlp"; hidden = [8]; n_steps = 2; };
encoding = [ $4 ];
training = { n_epochs = $2; batch_size = 32; seed = [$3]; };
attacks  = ( $5 );
TEXT
}

run() { # STATUS OPTION...
    local wanted=$1 status
    shift
    "$SPIKESWEEP" run sweep.cfg "$@" --progress plain >log 2>&1
    status=$?
    [ "$status" -eq "$wanted" ] || { echo "status $status instead of $wanted:"; cat log; return 1; }
}
says() { grep -qE -- "$1" log || { echo "no \"$1\" in:"; cat log; return 1; }; }
is_silent_on_changes() { ! grep -q 'has changed' log || { cat log; return 1; }; }

# The status table against the segments: states of tasks by their digests, as
# sweep.h5 has them, added up by awk, so that nothing of ours counts itself.
status_says() { "$SPIKESWEEP" status sweep.sweep >status 2>&1 && grep -qE -- "$1" status || { cat status; return 1; }; }
states_in_file() { # NAME: how often each state occurs, the most frequent first
    h5dump -d "$1" -w 0 sweep.sweep/sweep.h5 | grep -oE '"[a-z ]+"' | sort | uniq -c | sort -rn | awk '{ print $1, $2 }' | tr '\n' ';'
}
row_adds_up() { # NAME: the last column is the sum of all before it
    awk -v name="$1" '$1 == name { n = 0; for (i = 2; i < NF; i++) n += $i; found = n == $NF } END { exit !found }' status
}

marks() { # of the trials, whether the experiment still has them
    h5dump -d /trials/in_experiment -y -w 0 sweep.sweep/sweep.h5 | grep -m 1 -A 1 ' DATA {' | tail -1 | tr -d ' '
}

fgsm='{ kind = "fgsm"; }' noise='{ kind = "gaussian"; }'
experiment sweep.cfg 1 "1, 2" '"direct"' "$fgsm"
run 0
expect "a first run knows of no change" is_silent_on_changes
expect "2 trainings, 2 attacks" [ "$(result_number sweep.sweep n_outcomes)" -eq 4 ]
sed -i '1i # a comment' sweep.cfg
run 0
expect "a comment is no change" is_silent_on_changes
expect "and computes nothing" says '4 tasks are done already'

# Added ------------------------------------------------------------------
experiment sweep.cfg 1 "1, 2, 3" '"direct"' "$fgsm, $noise"
run 0
expect "new cells and attacks are told" says 'cells: 2 as before, 1 new, 0 no longer there; attacks: 1 as before, 1 new, 0 no longer there$'
expect "with what is new" says '^  training.seed: 3 \(1 cell\) is new$'
expect "of attacks as well" says '^  attack: gaussian \(1 attack\) is new$'
expect "only what is new is computed" [ "$(result_number sweep.sweep n_outcomes)" -eq 9 ]

# Removed ----------------------------------------------------------------
experiment sweep.cfg 1 "1" '"direct"' "$fgsm"
run 0
expect "what is gone is told" says 'cells: 1 as before, 0 new, 2 no longer there; attacks: 1 as before, 0 new, 1 no longer there$'
expect "and that it is kept" says '^  what is no longer there keeps its results'
expect "sweep.h5 marks the cells that are gone" [ "$(marks)" = 1,0,0 ]
expect "nothing is computed" [ "$(result_number sweep.sweep n_outcomes)" -eq 9 ]
table_says() { # PATTERN OPTIONS...
    "$SPIKESWEEP" table sweep.sweep "${@:2}" 2>&1 | tee said | grep -qE "$1"
}
expect "tables say that they are there" table_says "^2 of 3 trials are each of a cell that was taken out of the experiment"
expect "and tell them apart" table_says '^no,2,' --rows in_experiment --figure clean --csv
expect "or leave them out" table_says '^yes,1,' --where 'in_experiment = yes' --rows in_experiment --figure clean --csv
expect "all of them" eval '! grep -q ^no said'
expect "status counts what the file has" status_says '^experiment: 1 cells, 2 tasks; 2 have a result, 0 do not$'
expect "and marks results of cells that it has not" status_says '^no longer in the experiment, and kept: 6 results of 2 cells$'
expect "and of attacks that it has not" status_says '^no longer in the experiment, and kept: 1 result of other attacks on its cells$'
experiment sweep.cfg 1 "1, 2, 3" '"direct"' "$fgsm, $noise"
run 0
expect "what comes back need not be computed again" [ "$(result_number sweep.sweep n_outcomes)" -eq 9 ]
expect "in sweep.h5 neither" [ "$(marks)" = 1,1,1 ]
expect "and tables have no more to say of it" eval '! table_says "taken out"'
"$SPIKESWEEP" pack sweep.sweep
expect "nor when it is made anew" [ "$(marks)" = 1,1,1 ]
"$SPIKESWEEP" verify sweep.sweep >log 2>&1
expect "which holds" [ $? -eq 0 ]
mv sweep.sweep/cells.list . && "$SPIKESWEEP" pack sweep.sweep && mv cells.list sweep.sweep
expect "without a list nobody knows" [ "$(marks)" = 18446744073709551615,18446744073709551615,18446744073709551615 ]
expect "then nothing is gone" eval '"$SPIKESWEEP" status sweep.sweep >status; ! grep -q "no longer" status'

# Changed ----------------------------------------------------------------
experiment sweep.cfg 2 "1, 2, 3" '"direct"' "$fgsm, $noise"
run 0
expect "a changed parameter is told with its values and cells" says '^  training.n_epochs: 1 \(3 cells\) became 2 \(3 cells\)$'
expect "as other cells" says 'cells: 0 as before, 3 new, 3 no longer there'
expect "which are all computed" [ "$(result_number sweep.sweep n_outcomes)" -eq 18 ]
expect "and stand beside the others in sweep.h5" [ "$(h5dump -d /trials/state sweep.sweep/sweep.h5 | grep -o '"done"' | wc -l)" -eq 6 ]
expect "where they are marked" [ "$(marks | tr , '\n' | sort | uniq -c | tr -s ' \n' ' ')" = " 3 0 3 1 " ]
expect "status counts only the new ones" status_says '^experiment: 3 cells, 9 tasks; 9 have a result, 0 do not$'
expect "the earlier experiment files are kept" [ "$(ls sweep.sweep/experiment*.cfg | wc -l)" -ge 4 ]
echo 'neuron = "of_tomorrow";' >>sweep.sweep/experiment.cfg
run 0
expect "a kept experiment that cannot be read is said to be so" says 'cannot be told$'

# Accounted for ----------------------------------------------------------
# One of each: done, diverged, failed, timed out, set aside, pending.
rm -rf sweep.sweep
cat >sweep.cfg <<'TEXT'
dataset  = { kind = "synthetic"; n_train = 64; n_test = 16; height = 6; width = 6; };
network  = { kind = "mlp"; hidden = [8]; n_steps = 2; };
training = ( { n_epochs = 1; batch_size = 32; seed = [1, 2, 3]; },
             { kind = "dummy"; end = [ "done", "diverge", "segv", "exhaust", "hang" ]; } );
TEXT
run 1 --only 0,1,3,4,5,6,7 --attempts 2 --set-aside 2 --limit 0.5
expect "status accounts for every task" status_says '^every one of 8 cells and 8 tasks is accounted for, none twice$'
expect "in every state" status_says '^trainings +3 +1 +1 +1 +1 +0 +0 +1 +0 +8$'
for row in trainings evaluations all; do
    expect "$row add up" row_adds_up $row
done
expect "as a count of sweep.h5 does, which has what was begun" \
    [ "$(states_in_file /trials/state)" = '3 "done";1 "timed;1 "set;1 "failed";1 "diverged";' ]

# Two runs at a time compute twice, and that is told and counted once.
experiment twice.cfg 1 "1, 2" '"direct"' "$fgsm"
"$SPIKESWEEP" run twice.cfg -o a --progress none >log 2>&1
"$SPIKESWEEP" run twice.cfg -o b --progress none >log 2>&1
for file in b/segments/*.seg; do
    cp "$file" "a/segments/$(basename "$file" | sed 's/-.*/-00000077.seg/')"
done
"$SPIKESWEEP" status a >status 2>&1
expect "what was computed twice is told" grep -q '^4 results are of tasks that have a later one' status
expect "and counted once" grep -qE '^all +4( +0)+ +4$' status
finish
