#!/usr/bin/env bash
# The sizes that keep the house small: lines of files and functions, columns.
# Prints every break of a rule and fails if there is one.
set -eu
cd "$(dirname "$0")/.."
n_broken=0
broken() {
    echo "lint: $1"
    n_broken=$((n_broken + 1))
}

for file in $(git ls-files --cached --others --exclude-standard '*.c' '*.h'); do
    lines=$(wc -l <"$file")
    case $file in
    *.h) [ "$lines" -le 150 ] || broken "$file: $lines lines, at most 150" ;;
    *) [ "$lines" -le 400 ] || broken "$file: $lines lines, at most 400" ;;
    esac
    # Tables of rows may be wider: lines that begin with a dot or a quote.
    while read -r hit; do
        broken "$file:$hit"
    done < <(awk '{ width = length($0); table = $0 ~ /^ *[.{"\[#]/ }
        width > 100 || (width > 80 && !table) {
            printf "%d: %d columns, at most %d\n", FNR, width, table ? 100 : 80 }' "$file")
    grep -nE '	' "$file" >/dev/null && broken "$file: a tab"
    grep -nE ' +$' "$file" >/dev/null && broken "$file: spaces at a line's end"
done

# Lengths of functions: from the opening brace in column 0 to the closing one.
git ls-files --cached --others --exclude-standard '*.c' | xargs awk '
    /^\{/ { start = FNR; name = previous }
    /^\}/ && start { print FNR - start - 1, FILENAME ":" start, name; start = 0 }
    /^[a-z].*\(/ { previous = $0 }
    FNR == 1 { start = 0 }' | sort -n >/tmp/lint.$$
n=$(wc -l </tmp/lint.$$)
median=$(awk -v n="$n" 'NR == int((n + 1) / 2) { print $1 }' /tmp/lint.$$)
ninetieth=$(awk -v n="$n" 'NR == int(0.9 * n + 0.999) { print $1 }' /tmp/lint.$$)
longest=$(tail -n 1 /tmp/lint.$$)
while read -r length where name; do
    [ "$length" -le 70 ] || broken "$where: function of $length lines, at most 70: $name"
done </tmp/lint.$$
rm -f /tmp/lint.$$
[ "$median" -le 12 ] || broken "the median function has $median lines, at most 12"
[ "$ninetieth" -le 40 ] || broken "one function in ten has over $ninetieth lines, at most 40"
echo "lint: $n functions, median $median lines, nine of ten at most $ninetieth, longest $longest"
[ "$n_broken" -eq 0 ]
