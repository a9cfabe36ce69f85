#!/usr/bin/env bash
# A task that takes its whole rank, and so the run, with it: in runs that are
# started again and again it is set aside, and all others are done. What stops
# a run for a reason is nobody's fault.
. tests/lib.sh
. tests/sweep_lib.sh

experiment=$WORK/deaths.cfg
cat >"$experiment" <<'TEXT'
dataset  = "synthetic";
training = ( { kind = "dummy"; sleep_s = 0.2; seed = [1, 2, 3]; },
             { kind = "dummy"; sleep_s = 0.2; end = "kill_rank"; } );
TEXT

begin() { # DIR RANKS ARGUMENTS...
    local folder=$1 ranks=$2
    shift 2
    on_ranks "$ranks" "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none "$@" >"$WORK/log" 2>&1
}

# Starts it until it does not die; the number of starts that died.
count_deaths() { # DIR RANKS MOST
    n=0
    while begin "$1" "$2" --set-aside 3; [ $? -gt 1 ] && [ "$n" -lt "$3" ]; do
        n=$((n + 1))
    done
}

"$SPIKESWEEP" plan "$experiment" >"$WORK/plan" 2>&1
expect "the experiment has four cells" grep -q '4 cells' "$WORK/plan"
# A rank may die of a task that it was given in advance, of which rank 0 does not
# know yet that it has begun: one death, the first, may then be nobody's. After
# it none is given in advance.
most=3
for ranks in 0 2; do
    folder=$WORK/on-$ranks
    count_deaths "$folder" "$ranks" 8
    echo "on $ranks ranks it died $n times"
    expect "it is set aside after three deaths ($ranks)" test "$n" -ge 3 -a "$n" -le "$most"
    most=4
    expect "and said to be ($ranks)" grep -q 'its run died, death 3 that nobody explains: it is set aside' "$WORK/log"
    "$SPIKESWEEP" status "$folder" >"$WORK/status"
    expect "all others are done ($ranks)" grep -q '3 have a result, 1 do not' "$WORK/status"
    expect "with its log ($ranks)" grep -q "died while it was at this task" "$folder"/aside/*.log
    expect "one file is kept of it ($ranks)" test "$(ls "$folder"/aside | wc -l)" -eq 1
    expect "no mark is left ($ranks)" test -z "$(ls "$folder"/segments/*.marks 2>/dev/null)"
    begin "$folder" "$ranks" --set-aside 3
    expect "it is let alone from then on ($ranks)" test $? -eq 1
done
finish
