#!/usr/bin/env bash
# kill -9 of a child, of a rank, of the whole job, at random instants, each
# followed by the same command again: the same results to the bit, nothing
# lost, nothing twice, every .h5 readable at every instant.
# KILLS=N sets the number of instants (default 20).
. tests/lib.sh
. tests/sweep_lib.sh

experiment=$WORK/small.cfg
small_experiment "$experiment" 20000 4
RANDOM=${SEED:-20261124}
"$SPIKESWEEP" run "$experiment" -o "$WORK/reference" --progress none >"$WORK/log" 2>&1 || cat "$WORK/log"
reference=$(results_digest "$WORK/reference")

# A process that belongs to the sweep in $folder; one of several at random.
pick() { # trial | rank
    local pids
    if [ "$1" = trial ]; then
        pids=$(pgrep -f "^$SPIKESWEEP trial --supervisor [0-9]+ .*$folder")
    else
        pids=$(pgrep -f "^$SPIKESWEEP run $experiment -o $folder")
    fi
    [ -n "$pids" ] && shuf -n 1 --random-source=<(yes "$RANDOM") <<<"$pids"
}

kill_all() { # the launcher, all ranks, all children: nobody can say goodbye
    kill -9 "$job" $(pgrep -f "$folder") 2>/dev/null
}

start() { # with 3 ranks, in a process group of its own
    setsid mpirun --oversubscribe -n 3 "$SPIKESWEEP" run "$experiment" -o "$folder" \
        --progress none --refresh 0.2 --checkpoint 0.1 --attempts 1000 >"$WORK/log" 2>&1 &
    job=$!
}

readable_now() {
    h5_files_readable "$folder" || unreadable=$((unreadable + 1))
}

# Waits until a rank is there, then for up to a second.
random_nap() {
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        pick rank >/dev/null && break
        sleep 0.02
    done
    sleep "0.$((RANDOM % 1000))"
}

# Children die in the midst of a run, which goes on.
kill_children() {
    local i victim
    for ((i = 0; n_killed < kills && i < 3 * kills; i++)); do
        rm -rf "$folder"
        start
        while [ "$n_killed" -lt "$kills" ] && kill -0 "$job" 2>/dev/null; do
            sleep "0.$((RANDOM % 300 + 50))"
            victim=$(pick trial) && kill -9 "$victim" 2>/dev/null && n_killed=$((n_killed + 1))
            readable_now
        done
        { wait "$job"; } 2>/dev/null
    done
}

# Each time a new run goes on where the last one was killed; one that had come
# to its end begins anew.
kill_runs() { # rank | job
    local i victim
    for ((i = 0; n_killed < kills && i < 3 * kills; i++)); do
        start
        random_nap
        if [ "$1" = job ]; then
            kill_all && n_killed=$((n_killed + 1))
        else
            victim=$(pick rank) && kill -9 "$victim" 2>/dev/null && n_killed=$((n_killed + 1))
        fi
        readable_now
        { wait "$job"; } 2>/dev/null
        readable_now
        [ -e "$folder/sweep.h5" ] && [ "$(results_digest "$folder")" = "$reference" ] && rm -rf "$folder"
    done
}

kills=${KILLS:-20}
for what in child rank job; do
    folder=$WORK/killed-$what
    unreadable=0
    n_killed=0
    if [ $what = child ]; then kill_children; else kill_runs $what; fi
    start
    wait "$job"
    status=$?
    [ "$status" -eq 0 ] || cat "$WORK/log"
    expect "$what: the sweep is completed after $n_killed kills" \
        test "$status" -eq 0 -a "$n_killed" -ge "$kills"
    expect "$what: every .h5 was readable at every instant" test "$unreadable" -eq 0
    digest=$(results_digest "$folder")
    expect "$what: the results are those of an undisturbed sweep ($digest)" \
        test -n "$digest" -a "$digest" = "$reference"
done
finish
