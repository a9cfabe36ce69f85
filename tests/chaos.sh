#!/usr/bin/env bash
# Children, ranks, launchers and whole jobs are killed, the disk is full, fsync
# fails, files are cut, at random instants, each followed by the same command
# again (tests/chaos/): the same results to the bit, nothing lost, nothing
# twice, every .h5 readable at every instant.
# EVENTS=N sets their number (default 30), SEED=N their instants.
# It runs alone: a job is given a minute to end, whatever else there is to do.
. tests/lib.sh
. tests/sweep_lib.sh

export ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0
tools=$(dirname "$SPIKESWEEP")
small_experiment "$WORK/small.cfg" 20000 4
"$SPIKESWEEP" run "$WORK/small.cfg" -o "$WORK/reference" --progress none >"$WORK/log" 2>&1 || cat "$WORK/log"
"$tools/chaos" "$SPIKESWEEP" "$WORK/small.cfg" "$WORK/sweep" "${EVENTS:-30}" "${SEED:-20261124}" \
    "$tools/chaos_disk.so" "$(results_digest "$WORK/reference")"
status=$?
rm -rf "$WORK"
exit $status
