#!/usr/bin/env bash
# The program with MPICH: the same digest on any number of ranks as with the MPI
# that it was built with. It runs alone, since several ranks share few cores.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sweep_lib.sh"
program=$(dirname "$SPIKESWEEP")/spikesweep-mpich
if [ ! -x "$program" ]; then
    skip "with MPICH results are the same to the bit" "mpicc.mpich is not installed"
    finish
fi
small_experiment "$WORK/small.cfg"
"$SPIKESWEEP" run "$WORK/small.cfg" -o "$WORK/reference" --progress none >"$WORK/log" 2>&1
reference=$(results_digest "$WORK/reference")
for n in 1 2 3; do
    expect "a sweep on $n ranks ends with status 0" \
        bash -c 'timeout 120 mpirun.mpich "$@" --progress plain >"$0" 2>&1 || { cat "$0"; false; }' "$WORK/log" \
        -n "$n" "$program" run "$WORK/small.cfg" -o "$WORK/on-$n"
    digest=$(results_digest "$WORK/on-$n")
    expect "its results are the same to the bit ($digest)" test -n "$digest" -a "$digest" = "$reference"
    expect "it had $n ranks" grep -qE ", $n ranks?[ ,)]" "$WORK/log"
done
expect "the file says which MPI it was" bash -c 'h5dump -a /libraries "$1/on-1/sweep.h5" | grep -q "MPICH Version: [0-9.]*"' \
    bash "$WORK"
finish
