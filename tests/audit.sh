#!/usr/bin/env bash
# Which surrogates an attack has to be run through for the audit to be content,
# from the experiment file to what `audit` and `matrix` print.
. tests/lib.sh
. tests/sweep_lib.sh

# Two networks, trained through different surrogates, under these attacks.
sweep() { # NAME ATTACKS
    cat >"$WORK/$1.cfg" <<TEXT
dataset   = { kind = "synthetic"; n_train = 256; n_test = 64; height = 8; width = 8; };
network   = { kind = "mlp"; hidden = [32]; n_steps = 4; };
surrogate = [ "triangular", "atan" ];
training  = { n_epochs = 2; batch_size = 32; };
attacks   = ( $2 );
TEXT
    "$SPIKESWEEP" run "$WORK/$1.cfg" -o "$WORK/$1" --progress none >"$WORK/log" 2>&1 || cat "$WORK/log"
    "$SPIKESWEEP" audit --all "$WORK/$1" >"$WORK/$1.audit"
}
pgd='kind = "pgd"; n_steps = 10; epsilons = [0, 0.1, 0.2, 0.4];'

# PASS WARN FAIL of the check.
tally() { # NAME CHECK
    awk -v check="$2" '$1 == check { print $2, $3, $4; exit }' "$WORK/$1.audit"
}
# The figures that the check found, each once.
figures() { # NAME CHECK
    awk -v check="$2:" '$1 == check { on = 1; next } !NF { on = 0 } on { print $2 }' "$WORK/$1.audit" | sort -u | xargs
}

# One of the matrix' six is the surrogate that triangular was trained through.
sweep matrix "{ $pgd surrogate = \"matrix\"; }"
expect "the matrix is all that the audit wants of surrogates" [ "$(tally matrix surrogates)" = "11 0 0" ]
expect "it has nothing to say of them" [ -z "$(figures matrix surrogates)" ]

"$SPIKESWEEP" matrix "$WORK/matrix" --csv >"$WORK/matrix.csv"
# Labels of these cells and attacks have no commas in them.
ways() { # AWK_CONDITION: lines, their ways, and how often the worst case is above an accuracy
    awk -F, "NR > 1 && $1"' { n++; ways[$9] = 1; above += $10 > $8 }
        END { for (way in ways) all = all way; print n, all, above + 0 }' "$WORK/matrix.csv"
}
expect "the matrix has five ways through triangular's network" [ "$(ways '$1 == "triangular"')" = "20 5 0" ]
expect "and six through atan's" [ "$(ways '$1 == "atan"')" = "24 6 0" ]
expect "some way takes more than the network's own" awk -F, \
    '$6 == "own" && $10 < $8 { found = 1 } END { exit !found }' "$WORK/matrix.csv"

fixed='"own", "rectangular", "piecewise_exp", "straight_through"'
sweep fixed "{ $pgd surrogate = ( $fixed ); }"
expect "without the adaptive one there is a warning" [ "$(tally fixed surrogates)" = "0 8 0" ]
expect "which says that one is missing" [ "$(figures fixed surrogates)" = 1 ]

sweep own "{ $pgd }"
expect "of the network's own alone all four are missing" [ "$(figures own surrogates)" = 4 ]

sweep elsewhere "{ $pgd surrogate = ( $fixed ); }, { $pgd surrogate = [ \"assg\", \"own\" ]; source = ( { seed = 2; }, { seed = 3; } ); }"
expect "an adaptive one on another network is none on this" [ "$(figures elsewhere surrogates)" = 1 ]
expect "and is not asked for any" [ "$(tally elsewhere surrogates)" = "0 8 0" ]
"$SPIKESWEEP" matrix "$WORK/elsewhere" --csv >"$WORK/matrix.csv"
expect "quotes in a name are doubled" grep -qF ',"pgd cell changes=""training.seed = 2""",assg,' "$WORK/matrix.csv"

# Rules as a sheet have the numbers of the text; verdicts add up to them.
rules_as_text() { "$SPIKESWEEP" audit "$WORK/matrix" | awk '/^Rules/ { inside = 1; next } inside && NF == 0 { exit } inside && $2 ~ /^[0-9]+$/ { print $1, $2, $3, $4, $5 }'; }
rules_as_sheet() { "$SPIKESWEEP" audit "$WORK/matrix" --csv | awk -F, 'NR > 1 { print $1, $2, $3, $4, $5 }'; }
verdicts_by_rule() {
    "$SPIKESWEEP" audit "$WORK/matrix" --all --json | /usr/bin/python3 -c '
import collections, json, sys
n = collections.Counter((row["rule"], row["verdict"]) for row in json.load(sys.stdin)["rows"])
for rule in dict.fromkeys(rule for rule, verdict in n):
    print(rule, *(n[rule, verdict] for verdict in ("pass", "warn", "fail", "not_applicable")))'
}
expect "the rules' numbers in a sheet are those of the text" [ "$(rules_as_sheet)" = "$(rules_as_text)" ]
expect "there are 24" [ "$(rules_as_sheet | wc -l)" -eq 24 ]
expect "verdicts add up to them" [ "$(verdicts_by_rule)" = "$(rules_as_text)" ]
finish
