#!/usr/bin/env bash
# One digest of all results on any number of ranks; nothing twice; idle ranks
# sleep.
# It runs alone, since it measures times.
. tests/lib.sh
. tests/sweep_lib.sh

experiment=$WORK/small.cfg
small_experiment "$experiment"
reference=
for n in 0 1 2 3 5; do
    folder=$WORK/on-$n
    if ! on_ranks "$n" "$SPIKESWEEP" run "$experiment" -o "$folder" --progress plain >"$WORK/log" 2>&1; then
        cat "$WORK/log"
        fail "a sweep on $n ranks ends with status 0"
        continue
    fi
    pass "a sweep on $n ranks ends with status 0"
    digest=$(results_digest "$folder")
    : "${reference:=$digest}"
    expect "on $n ranks the results are the same to the bit ($digest)" \
        test -n "$digest" -a "$digest" = "$reference"
    expect "on $n ranks every file is readable" h5_files_readable "$folder"
    n_outcomes=$(result_number "$folder" n_outcomes)
    n_tasks=$(sed -n 's/.* cells, \([0-9]*\) tasks (.*/\1/p' "$WORK/log")
    expect "on $n ranks no task was computed twice ($n_outcomes outcomes of $n_tasks tasks)" \
        test -n "$n_tasks" -a "$n_outcomes" = "$n_tasks"
done

folder=$WORK/on-threads
expect "a sweep by threads that recomputes ends with status 0" \
    on_ranks 2 "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none --threads 3 --recompute
digest=$(results_digest "$folder")
expect "and its results are the same to the bit ($digest)" test "$digest" = "$reference"

# Ranks without work sleep: one task of 3 s on 3 ranks takes little time of the
# processors.
cat >"$WORK/sleep.cfg" <<'TEXT'
training = { kind = "dummy"; sleep_s = 3.0; };
TEXT
seconds() { # of user and system time that a command took
    local times
    times=$( { TIMEFORMAT='%U %S'; time "$@" >"$WORK/log" 2>&1; } 2>&1)
    awk '{ print $1 + $2 }' <<<"$times"
}
used=$(seconds on_ranks 3 "$SPIKESWEEP" run "$WORK/sleep.cfg" -o "$WORK/sleep" --progress none)
expect "idle ranks sleep (3 ranks used $used s of processor time in over 3 s)" \
    awk -v used="$used" 'BEGIN { exit !(used > 0 && used < 1.5) }'
finish
