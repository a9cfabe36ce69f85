#!/usr/bin/env bash
# Fuzzes the readers of foreign bytes, one after the other on each core, and
# goes on from what earlier runs have found to be new ways through the code.
#     tests/fuzz/run.sh BUILD MAKE_SEEDS [NAME...]
# FUZZ_S=N: seconds for each (default 60). Findings are in BUILD/findings.
# Ends with "N passed, N failed, N skipped".
set -eu
cd "$(dirname "$0")/../.."
build=$(realpath "$1") make_seeds=$2
shift 2
names=("$@")
all="experiment cells outcome record segment checkpoint cache idx events cifar hdf5 recordings state nir"
[ $# -gt 0 ] || read -ra names <<<"$all"
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1

for name in $all; do mkdir -p "$build/seeds/$name" "$build/corpus/$name" "$build/findings/$name"; done
"$make_seeds" "$build/seeds"
for name in $all; do : >"$build/$name.words"; done
cp jobs/*.cfg tests/refused/*.cfg "$build/seeds/experiment"
rm "$build/seeds/experiment/far_too_many_combinations.cfg" # takes its second
grep -ohE '[a-z_]{3,}' jobs/*.cfg | sort -u | sed 's/.*/"&"/' >"$build/experiment.words"

fuzz() {
    local name=$1 log=$build/findings/$1.log words=()
    [ -s "$build/$name.words" ] && words=(-dict="$build/$name.words") # an empty one is refused
    # libconfig loses a string that a syntax error breaks off.
    [ "$name" = experiment ] && ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
    if "$build/fuzz_$name" -max_total_time="${FUZZ_S:-60}" -timeout=120 "${words[@]}" -rss_limit_mb=2048 -max_len=20000 \
        -print_final_stats=1 -verbosity=1 -artifact_prefix="$build/findings/$name/" \
        "$build/corpus/$name" "$build/seeds/$name" >"$log" 2>&1; then
        printf '%-12s %10s inputs, coverage %s: nothing was found\n' "$name" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
            "$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -c6-)"
    else
        tail -n 40 "$log"
        echo "$name: FOUND something, see $log and $build/findings/$name"
        return 1
    fi
}
export -f fuzz
export build FUZZ_S
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}' | tee "$build/findings/said" || true
passed=$(grep -c 'nothing was found$' "$build/findings/said" || true)
echo "$passed passed, $((${#names[@]} - passed)) failed, 0 skipped"
[ "$passed" -eq ${#names[@]} ]
