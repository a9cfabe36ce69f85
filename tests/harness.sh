#!/usr/bin/env bash
# The tests' own harness: what it must not take for success.
. "$(dirname "$0")/lib.sh"
run_all=$(realpath "$(dirname "$0")/run_all.sh")
cd "$WORK" || exit 1

# script NAME LINES: a test script that says so.
script() { printf '%s\n' "$2" >"$1"; }

# says STATUS PATTERN TESTS...: run_all.sh ends so on these tests.
says() {
    local status=$1 pattern=$2 got
    shift 2
    bash "$run_all" "$@" >out 2>&1
    got=$?
    [ "$got" -eq "$status" ] && grep -qE "$pattern" out && return
    cat out
    return 1
}
script good.sh 'echo "2 passed, 0 failed, 1 skipped"'
script bad.sh 'echo "1 passed, 1 failed, 0 skipped"; exit 1'
script dead.sh 'echo "3 passed, 0 failed, 0 skipped"; exit 9'
script mute.sh 'exit 0'
expect "what passes is added up" says 0 '^4 passed, 0 failed, 2 skipped$' good.sh good.sh
expect "no tests at all are no success" says 1 'nothing was tested'
expect "a failure is shown and counted" says 1 '^3 passed, 1 failed, 1 skipped$' good.sh bad.sh
expect "a test that dies has failed" says 1 '^3 passed, 1 failed, 0 skipped$' dead.sh
expect "a test that says nothing has failed" says 1 '^0 passed, 1 failed, 0 skipped$' mute.sh
# Programs run side by side: two that wait for each other come to an end.
pair() { # NAME OTHER
    script "$1" "#!/usr/bin/env bash
touch $1.here
for ((i = 0; i < 100; i++)); do [ -e $2.here ] && break; sleep 0.1; done
[ -e $2.here ] && echo '1 passed, 0 failed, 0 skipped'"
    chmod +x "$1"
}
pair ./one ./two
pair ./two ./one
script ./broken '#!/nonexistent'
SIDE_BY_SIDE=2 expect "programs run side by side" says 0 '^4 passed, 0 failed, 1 skipped$' ./one ./two good.sh
expect "one that can't be run has failed beside others" says 1 '^1 passed, 1 failed, 0 skipped$' ./one ./broken
finish
