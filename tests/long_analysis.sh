#!/usr/bin/env bash
# Every command on results answers within 10 s of processor time (report, and
# verify, which reads all there is, 20 s) and 2 GB of memory on results of
# 100,000 trials.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/analysis_lib.sh"
cd "$WORK" || exit 1
"$maker" 100000 many.h5 || exit 1
all_bounded many.h5 10 2000
bounded "compare" 10 2500 compare many.h5 many.h5
finish
