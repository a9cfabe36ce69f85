#!/usr/bin/env bash
# Runs test programs and scripts, adds up what they say, and ends with the line
# "N passed, N failed, N skipped". What did not pass is shown whole.
#   tests/run_all.sh [ENGINE:]PROGRAM_OR_SCRIPT...
# ENGINE is one that the test is to run on (jobs/start.c) instead of the best.
# EMULATOR, if set, is the command that runs programs of another machine.
# They run side by side, three for each two cores, as scripts sleep much
# (SIDE_BY_SIDE=N: N of them), scripts first, which take longest; at last, one
# after the other, those scripts that say in their first lines "It runs alone".
set -u
if [ $# -eq 0 ]; then
    echo "run_all.sh: no tests are named: nothing was tested"
    exit 1
fi
# Threads that wait leave the cores to the others of a busy machine.
export OMP_WAIT_POLICY=passive
TIMEFORMAT='%U + %S' # of the cores
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
side_by_side=${SIDE_BY_SIDE:-$((($(nproc) * 3 + 1) / 2))}

# Reads the totals of cmocka's or lib.sh's closing lines.
count() { # LOG STATUS: "passed failed skipped"
    local p f s
    p=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) test.*/\1/p; s/^([0-9]+) passed, .*/\1/p' "$1" | tail -n 1)
    f=$(sed -nE 's/^ *([0-9]+) FAILED TEST.*/\1/p; s/^[0-9]+ passed, ([0-9]+) failed.*/\1/p' "$1" | tail -n 1)
    s=$(sed -nE 's/^\[  SKIPPED \] ([0-9]+) test.*/\1/p; s/.* ([0-9]+) skipped$/\1/p' "$1" | tail -n 1)
    p=${p:-0} f=${f:-0} s=${s:-0}
    # A program that died, or claims success without a test, has failed.
    [ "$2" -ne 0 ] && [ "$f" -eq 0 ] && f=1
    [ "$p" -eq 0 ] && [ "$f" -eq 0 ] && [ "$s" -eq 0 ] && f=1
    echo "$p $f $s"
}

# One test; its counts go to the file K.counts, what is said of it to the
# terminal in one piece.
run() { # K TEST
    local test=$2 log=$work/$1.log start engine='' file=$2 name status p f s
    start=$(date +%s.%N)
    name=$(basename "$test")
    case $test in
    *:*) engine=${test%%:*} file=${test#*:} name="$(basename "$file") ($engine)" ;;
    esac
    read -ra command <<<"${EMULATOR:-} $file"
    [[ $file = *.sh ]] && command=(bash "$file")
    { time SPIKESWEEP_ENGINE=${engine:-${SPIKESWEEP_ENGINE:-}} "${command[@]}" >"$log" 2>&1 </dev/null; } 2>"$work/$1.cpu"
    status=$?
    read -r p f s <<<"$(count "$log" "$status")"
    {
        if [ "$f" -ne 0 ]; then
            cat "$log"
            echo "FAILED $test (status $status)"
        else
            grep -E '^\[ *SKIP' "$log" | grep -v 'test(s)'
        fi
        printf '  %-34s %4d tests %7.1f s, of cores %6.1f s\n' "$name" $((p + f)) \
            "$(echo "$(date +%s.%N) - $start" | bc)" "$(bc <"$work/$1.cpu")"
    } >"$work/$1.said"
    cat "$work/$1.said"
    echo "$p $f $s" >"$work/$1.counts"
}

runs_alone() { [[ $1 = *.sh ]] && head -n 9 "$1" | grep -q 'It runs alone'; }

scripts=() programs=() alone=()
for test in "$@"; do
    if runs_alone "$test"; then alone+=("$test")
    elif [[ $test = *.sh ]]; then scripts+=("$test")
    else programs+=("$test"); fi
done
k=0
for test in ${scripts+"${scripts[@]}"} ${programs+"${programs[@]}"}; do
    k=$((k + 1))
    while [ "$(jobs -rp | wc -l)" -ge "$side_by_side" ]; do wait -n; done
    run "$k" "$test" &
done
wait
for test in ${alone+"${alone[@]}"}; do
    k=$((k + 1))
    run "$k" "$test"
done

passed=0 failed=0 skipped=0
for ((i = 1; i <= k; i++)); do
    read -r p f s <"$work/$i.counts" || { p=0 f=1 s=0 && echo "FAILED: test $i ended without a word"; }
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
