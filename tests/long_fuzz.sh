#!/usr/bin/env bash
# The readers of foreign bytes (experiment file, IDX and gzip, event recordings,
# the cache, segment, outcome, record, model), with many times the seeds of `make check`.
# FUZZ=N sets how many times as many the slow ones get (default 5).
. tests/lib.sh

# fuzz TIMES PROGRAM...
fuzz() {
    local times=$1 name
    shift
    for name in "$@"; do
        if FUZZ=$times "$(dirname "$SPIKESWEEP")/test_$name" >"$WORK/log" 2>&1; then
            pass "$name survives $times times the seeds"
        else
            cat "$WORK/log"
            fail "$name survives $times times the seeds"
        fi
    done
}
slow=${FUZZ:-5}
fuzz "$slow" experiment_refused dataset_files dataset_events dataset_cache segment_damage model_file
fuzz $((40 * slow)) outcome record_pack
finish
