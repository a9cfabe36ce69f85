#!/usr/bin/env bash
# Throughput of 2 ranks against 1: the same small sweep, cells that differ in
# their seed only, with each rank on a core of its own. Part of `make bench` and
# `make bench-peers`; prints figures, tests nothing.
set -eu
: "${SPIKESWEEP:=build/release/spikesweep}"
SPIKESWEEP=$(realpath "$SPIKESWEEP")
n_cells=${N_CELLS:-4} n_pairs=${N_PAIRS:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/ranks.cfg" <<CFG
dataset = { kind = "fashion_mnist"; n_train = 1280; n_test = 256; };
surrogate = "atan";
training = { n_epochs = 1; batch_size = 64; };
seeds = $n_cells;
CFG
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# Runs it; a line: seconds from the first task to the last, seconds of CPU of all.
sweep() { # ranks
    rm -rf "$work/ranks.sweep"
    { time mpirun --oversubscribe --bind-to none -n "$1" "$SPIKESWEEP" run "$work/ranks.cfg" \
        -o "$work/ranks.sweep" --timing --progress none >"$work/words" 2>&1; } 2>"$work/cpu" ||
        { cat "$work/words" >&2; exit 1; }
    echo "$(sed -n 's/^rank 0 itself: .* tasks in \([0-9.]*\) s .*/\1/p' "$work/words") $(cat "$work/cpu")"
}
TIMEFORMAT='%U'

median() { sort -g | awk '{ at[NR] = $1 } END { print (at[int((NR + 1) / 2)] + at[int(NR / 2) + 1]) / 2 }'; }

sweep 1 >/dev/null # fills the cache of images
load=$(cut -d' ' -f1 /proc/loadavg)
for i in $(seq "$n_pairs"); do
    sweep 1 >>"$work/one"
    sweep 2 >>"$work/two"
done
read -r one two one_cpu two_cpu <<<"$(for k in 1 2; do
    for file in one two; do cut -d' ' -f$k "$work/$file" | median; done
done | paste -sd' ')"
cat <<TEXT
Ranks: $n_cells cells of net b, 20 steps of training each, on $(nproc) cores; medians of $n_pairs.

  1 rank   $(printf '%6.2f s, %6.2f s of CPU' "$one" "$one_cpu")
  2 ranks  $(printf '%6.2f s, %6.2f s of CPU' "$two" "$two_cpu")
  throughput of 2 ranks: $(printf '%.2f' "$(bc -l <<<"$one / $two")") times that of 1 on the clock
                         $(printf '%.2f' "$(bc -l <<<"2 * $one_cpu / $two_cpu")") by CPU time, had the machine nothing else to do (its load: $load)
TEXT
