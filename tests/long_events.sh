#!/usr/bin/env bash
# A small network learns real event recordings: the 1,000 of N-MNIST's subset,
# to at least 85 % on the 100 for testing.
. tests/lib.sh

events=../shared/data/nmnist
if [ ! -e "$events/train1K.txt" ]; then
    skip "learning N-MNIST" "there is no $events"
    finish
fi
sed "s|data/nmnist|$events|" jobs/nmnist.cfg >"$WORK/nmnist.cfg"
"$SPIKESWEEP" trial "$WORK/nmnist.cfg" 0 >"$WORK/log" 2>&1 || cat "$WORK/log"
accuracy=$(sed -n 's/^ *clean accuracy //p' "$WORK/log")
expect "N-MNIST is learned to 0.85 and more (${accuracy:-none})" \
    [ "$(echo "${accuracy:-0} >= 0.85" | bc)" -eq 1 ]
finish
