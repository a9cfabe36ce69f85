# Sourced by the test scripts: counts and names what passed and what failed.
# SPIKESWEEP is the program under test; WORK a scratch folder that is deleted.
set -u
: "${SPIKESWEEP:=build/release/spikesweep}"
SPIKESWEEP=$(realpath "$SPIKESWEEP")
WORK=$(mktemp -d)
n_passed=0
n_failed=0
n_skipped=0

pass() {
    n_passed=$((n_passed + 1))
    echo "[  ok  ] $1"
}

fail() {
    n_failed=$((n_failed + 1))
    echo "[ FAIL ] $1"
}

skip() { # name, reason: never silently
    n_skipped=$((n_skipped + 1))
    echo "[ SKIP ] $1: $2"
}

# expect NAME COMMAND...: passes if the command succeeds.
expect() {
    local name=$1
    shift
    if "$@"; then pass "$name"; else fail "$name"; fi
}

finish() {
    rm -rf "$WORK"
    echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
    [ "$n_failed" -eq 0 ]
    exit
}
