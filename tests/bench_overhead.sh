#!/usr/bin/env bash
# What the sweep itself costs: trials that do nothing, on 4 ranks of this
# machine. Part of `make bench`; prints figures, tests nothing.
set -eu
: "${SPIKESWEEP:=build/release/spikesweep}"
SPIKESWEEP=$(realpath "$SPIKESWEEP")
n_trials=${N_TRIALS:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/noop.cfg" <<CFG
dataset = "synthetic";
training = { kind = "dummy"; };
seeds = $n_trials;
CFG
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
TIMEFORMAT='%U %S'
{ time mpirun --oversubscribe -n 4 "$SPIKESWEEP" run "$work/noop.cfg" -o "$work/noop.sweep" \
    --timing --progress none >"$work/words" 2>&1 || { cat "$work/words"; exit 1; } } 2>"$work/times"
together=$(awk -v n="$n_trials" '{ print 1000 * ($1 + $2) / n }' "$work/times")
line=$(grep '^rank 0 itself: ' "$work/words")
# "0.05 s of CPU before the tasks, 0.4 s for 1000 tasks in 9 s (0.4 ms of CPU ..."
mapfile -t figure < <(grep -oE '[0-9]+\.[0-9]+|[0-9]+ tasks' <<<"$line")
before=${figure[0]} tasks=${figure[1]} n=${figure[2]% tasks} wall=${figure[3]}
each=${figure[4]} each_wall=${figure[5]} pack=${figure[6]} alone=${figure[7]}
all=$(bc -l <<<"1000 * ($before + $tasks + $pack) / $n")
start=$(date +%s%N)
for _ in 1 2 3 4 5 6 7 8 9 10; do "$SPIKESWEEP" --version >/dev/null; done
start_ms=$(bc -l <<<"($(date +%s%N) - $start) / 10000000")
cat <<TEXT
Coordinator's overhead: $n trials that do nothing, 4 ranks on $(nproc) cores.

  CPU time of rank 0's own process (its children, the trials, do not count), a trial:
    handing out, taking in, making permanent, and supervising its own share:
                                     $(printf '%6.3f' "$each") ms   (at most 1 ms is the aim)
    of that coordinating alone:      $(printf '%6.1f' "$alone") us   (at most 100 us is the aim)
    with reading the experiment at the start and making sweep.h5 at the end:
                                     $(printf '%6.3f' "$all") ms
  CPU time of all processes, start and end of the run included, a trial:
                                     $(printf '%6.3f' "$together") ms   (at most 15 ms is the aim)
  Time on the clock, a trial:        $(printf '%6.3f' "$each_wall") ms   (in $wall s; 4 trials at a time, each a process
                                                of its own; starting the program takes $(printf '%.0f' "$start_ms") ms)
TEXT
