#!/usr/bin/env bash
# What the commands that analyse results print: tests/analysis/NAME.expected is
# a command line, "$ table many.h5 --rows surrogate", and what it must say and
# end with. The results are made up (tests/many_trials.h), 800 trials; the first
# 100 of them are few.h5. RENEW=1 writes the files anew, to be read before they
# are committed.
. "$(dirname "$0")/lib.sh"
here=$(realpath "$(dirname "$0")")
maker=$(realpath "$(dirname "$SPIKESWEEP")/make_many_trials")
cd "$WORK" || exit 1
"$maker" 800 many.h5 && "$maker" 100 few.h5 || exit 1

# run_file FILE: what its command says, its exit status as the last line.
run_file() {
    local line
    line=$(head -n 1 "$1")
    echo "$line"
    eval "\"$SPIKESWEEP\" ${line#\$ }" 2>&1 </dev/null
    echo "status $?"
}

same_as_expected() { # FILE
    run_file "$1" >got
    [ -n "${RENEW:-}" ] && cp got "$1"
    diff -u "$1" got
}

for file in "$here"/analysis/*.expected; do
    name=$(basename "$file" .expected)
    expect "$(head -n 1 "$file" | cut -c 3-70): $name" same_as_expected "$file"
done

"$SPIKESWEEP" list figures >figures
expect "list figures names figures and checks" grep -qE '^    (omega|twin) ' figures

# Programs read what they are given.
"$SPIKESWEEP" table many.h5 --rows surrogate --json >table.json
expect "JSON is JSON" python3 -c '
import json
sheet = json.load(open("table.json"))
assert len(sheet["rows"]) == 5, sheet
assert {c["name"] for c in sheet["columns"]} == set(sheet["rows"][0])'
"$SPIKESWEEP" table many.h5 --rows "regularizer.*" --csv >table.csv
expect "CSV is CSV" python3 -c '
import csv
rows = list(csv.DictReader(open("table.csv")))
assert [r["regularizer.*"] for r in rows][:2] == ["none", "mpd_sgr weight=0.1"], rows
assert all(0 < float(r["clean"]) < 1 for r in rows)'

# Pictures are drawn where gnuplot is.
draws() { # FILE, how it begins, ARGUMENTS
    local file=$1 begin=$2
    shift 2
    "$SPIKESWEEP" "$@" >out 2>err && [ ! -s out ] && head -c 200 "$file" | grep -qa "$begin" && [ -s "$file.gp" ]
}
if command -v gnuplot >/dev/null; then
    expect "curves are drawn as PNG" draws c.png PNG curves many.h5 --lines surrogate --png c.png --data
    expect "curves are drawn as SVG" draws c.svg '<svg' curves many.h5 --lines surrogate --svg c.svg --data
    expect "a front is drawn as PDF" draws p.pdf '%PDF' pareto many.h5 --pdf p.pdf --data
else
    skip "pictures" "gnuplot is not installed"
fi
finish
