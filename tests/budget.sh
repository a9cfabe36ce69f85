#!/usr/bin/env bash
# A budget in core-hours and in trials, as a user meets it: a run ends when it is
# used up, status tells, and a larger one in the file goes on.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 1

budget() { # SECONDS [N_TRIALS]: the experiment with that budget
    echo "budget = { core_hours = $(awk "BEGIN { print $1 / 3600 }"); ${2:+n_trials = $2;} };"
    echo 'training = { kind = "dummy"; sleep_s = 0.3; }; seeds = 12;'
}

run() { "$SPIKESWEEP" run budget.cfg -o budget >out 2>&1 </dev/null; }

budget 1 >budget.cfg
expect "a run whose budget is used up ends well" run
expect "it says how many cells are left" grep -qE 'the budget of .* core-hours is used up: ([4-9]|1[01]) cells are not begun; a larger one goes on' out
expect "status tells how much is used" eval '"$SPIKESWEEP" status budget | awk "/core-hours are used, so no more cells are begun/ { found = \$2 >= \$4 } END { exit !found }"'
expect "the same command begins nothing" run
expect "and says so again" grep -qE 'is used up: ([4-9]|1[01]) cells' out
budget 3600 6 >budget.cfg
expect "a larger budget goes on" run
expect "as far as that of trials goes" grep -qE '6/6 cells' out
expect "plan tells what is beyond it" eval '"$SPIKESWEEP" plan budget.cfg | grep -q "6 more cells are beyond the budget of 6 trials"'
expect "and status" eval '"$SPIKESWEEP" status budget | grep -q "budget: the first 6 trials; 6 cells are beyond it"'
budget 3600 >budget.cfg
expect "without one of trials all are run" run
expect "each once" grep -qE '12/12 cells' out

# Three jobs that serve one folder: they know of each other's shares, and the
# budget is that of all.
budget 3600 6 >budget.cfg
share() { "$SPIKESWEEP" run budget.cfg -o shared --share "$1/3" >"share$1" 2>&1 </dev/null || { cat "share$1"; return 1; }; }
shares() {
    local job jobs=() ended=0
    for job in 1 2 3; do share $job & jobs+=($!); done
    for job in "${jobs[@]}"; do wait "$job" || ended=1; done
    return $ended
}
expect "three shares at a time all end well" shares
n_done() { "$SPIKESWEEP" status "$1" | sed -n 's/.* tasks; \([0-9]*\) have.*/\1/p'; }
expect "none takes another for one that does the same" eval '! grep -l WARNING share[123]'
expect "together they keep to the budget of trials" eval '"$SPIKESWEEP" status shared | grep -q "^every one of 6 cells and 6 tasks is accounted for, none twice"'

# 12 cells of 0.3 s each; the hours are those of all three jobs together: each
# begins new cells until a third is used, and ends one more at most.
budget 1.2 >budget.cfg
rm -r shared
expect "three shares of a budget in core-hours all end well" shares
expect "each says what its part was" [ "$(grep -l 'the budget of 0.000111111 core-hours is used up' share[123] | wc -l)" -ge 2 ]
expect "together they do not take it three times" [ "$(n_done shared)" -ge 3 -a "$(n_done shared)" -le 9 ]

finish
