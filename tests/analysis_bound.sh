#!/usr/bin/env bash
# Every command on results stays within bounds of time and memory on results of
# 5,000 trials; tests/long_analysis.sh does the same with 100,000.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/analysis_lib.sh"
cd "$WORK" || exit 1
"$maker" 5000 some.h5 || exit 1
all_bounded some.h5 2 600
bounded "compare" 2 700 compare some.h5 some.h5 --all
finish
