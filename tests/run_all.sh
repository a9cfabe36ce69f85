#!/usr/bin/env bash
# Runs test programs and scripts, adds up what they say, and ends with the line
# "N passed, N failed, N skipped". What did not pass is shown whole.
#   tests/run_all.sh [ENGINE:]PROGRAM_OR_SCRIPT...
# ENGINE is one that the test is to run on (jobs/start.c) instead of the best.
# EMULATOR, if set, is the command that runs programs of another machine.
set -u
if [ $# -eq 0 ]; then
    echo "run_all.sh: no tests are named: nothing was tested"
    exit 1
fi
# Threads that wait leave the cores to the others of a busy machine.
export OMP_WAIT_POLICY=passive
log=$(mktemp)
passed=0 failed=0 skipped=0
add() { # reads $log: totals of cmocka's or lib.sh's closing lines
    local p f s
    p=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) test.*/\1/p; s/^([0-9]+) passed, .*/\1/p' "$log" | tail -n 1)
    f=$(sed -nE 's/^ *([0-9]+) FAILED TEST.*/\1/p; s/^[0-9]+ passed, ([0-9]+) failed.*/\1/p' "$log" | tail -n 1)
    s=$(sed -nE 's/^\[  SKIPPED \] ([0-9]+) test.*/\1/p; s/.* ([0-9]+) skipped$/\1/p' "$log" | tail -n 1)
    p=${p:-0} f=${f:-0} s=${s:-0}
    # A program that died, or claims success without a test, has failed.
    [ "$1" -ne 0 ] && [ "$f" -eq 0 ] && f=1
    [ "$p" -eq 0 ] && [ "$f" -eq 0 ] && [ "$s" -eq 0 ] && f=1
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    if [ "$f" -ne 0 ]; then
        cat "$log"
        echo "FAILED $2 (status $1)"
    else
        grep -E '^\[ *SKIP' "$log" | grep -v 'test(s)' || true
    fi
}
for test in "$@"; do
    start=$(date +%s.%N)
    engine='' file=$test name=$(basename "$test")
    case $test in
    *:*) engine=${test%%:*} file=${test#*:} name="$(basename "$file") ($engine)" ;;
    esac
    read -ra command <<<"${EMULATOR:-} $file"
    [[ $file = *.sh ]] && command=(bash "$file")
    SPIKESWEEP_ENGINE=${engine:-${SPIKESWEEP_ENGINE:-}} "${command[@]}" >"$log" 2>&1 </dev/null
    status=$?
    before=$((passed + failed))
    add "$status" "$test"
    printf '  %-34s %4d tests %7.1f s\n' "$name" \
        $((passed + failed - before)) "$(echo "$(date +%s.%N) - $start" | bc)"
done
rm -f "$log"
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
