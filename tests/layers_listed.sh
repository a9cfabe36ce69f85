#!/usr/bin/env bash
# mpd and firing on a real sweep: text, programs' formats, pictures, and that
# what they say of an epoch and of the end is one.
. "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
cat >"$WORK/study.cfg" <<'TEXT'
dataset  = { kind = "synthetic"; n_train = 128; n_test = 64; height = 6; width = 6; };
network  = { kind = "mlp"; hidden = [12, 8]; n_steps = 3; };
encoding = [ "direct", "poisson" ];
training = { n_epochs = 3; batch_size = 32; seed = [1, 2]; test_each_epoch = true; };
TEXT
"$SPIKESWEEP" run "$WORK/study.cfg" -o "$WORK/study" >/dev/null 2>&1
mpd() { "$SPIKESWEEP" mpd "$WORK/study" "$@"; }
firing() { "$SPIKESWEEP" firing "$WORK/study" "$@"; }

mpd >"$WORK/text"
expect "mpd has a row for each group and layer" [ "$(grep -cE '^(direct|poisson) +[01] +2 ' "$WORK/text")" = 4 ]
expect "with a histogram that marks range and threshold" [ "$(grep -cE '\[.*\|.*\]' "$WORK/text")" -ge 4 ]
expect "no line is wider than 120 letters" [ "$(LC_ALL=C.UTF-8 wc -L <"$WORK/text")" -le 120 ]
expect "CSV has a line for each step" [ "$(mpd --steps --csv | wc -l)" = $((1 + 2 * 2 * 3)) ]
expect "and names its columns" [ "$(mpd --steps --csv | head -n 1)" = encoding,layer,step,trials,gamma,mean,deviation,omega,inside,rate ]
# Read as a number by another language, once more in another way.
mpd --bins --json >"$WORK/bins.json"
cat >"$WORK/check.py" <<'TEXT'
import json, math, sys
rows = json.load(open(sys.argv[1]))["rows"]
groups = {}
for row in rows:
    groups.setdefault((row["encoding"], row["layer"]), []).append(row)
assert len(groups) == 4
for bins in groups.values():
    # 2 trials, 64 samples, 3 steps, 12 or 8 neurons
    assert sum(b["count"] for b in bins) == 2 * 64 * 3 * (12, 8)[int(bins[0]["layer"])]
    for b in bins[1:-1]:
        middle = (b["low"] + b["high"]) / 2
        assert abs(b["gradient"] - max(0, 1 - abs(middle))) < 1e-6
TEXT
expect "JSON has all bins, and the surrogate's gradient" "$python" "$WORK/check.py" "$WORK/bins.json"
mpd --by encoding,seed --epochs --csv | awk -F, '$4 == 3 { printf "%s %.9f\n", $1 $2 $3, $NF }' | sort >"$WORK/epoch"
mpd --by encoding,seed --csv | awk -F, 'NR > 1 { printf "%s %.9f\n", $1 $2 $3, $9 }' | sort >"$WORK/end"
expect "the share after the last epoch is that of the end" cmp "$WORK/epoch" "$WORK/end"
expect "there is something in them" [ "$(wc -l <"$WORK/end")" = 8 ]
expect "trials are chosen by an expression" [ "$(mpd --where 'encoding = direct and seed = 1' --csv | wc -l)" = 3 ]

expect "firing has a row for each group and layer" [ "$(firing | grep -cE '^(direct|poisson) +[01] +2 .*±')" = 4 ]
rates_agree() {
    cmp <(firing --steps --csv | awk -F, 'NR > 1 { printf "%.9f\n", $5 }') \
        <(mpd --steps --csv | awk -F, 'NR > 1 { printf "%.9f\n", $NF }')
}
expect "its rates are those of mpd" rates_agree

is_png() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ] && [ "$(wc -c <"$1")" -gt 8000 ]; }
mpd --png "$WORK/mpd.png" --data 2>/dev/null
expect "mpd draws" is_png "$WORK/mpd.png"
expect "and keeps data and script if asked" grep -q '^\$d1l1 << EOD' "$WORK/mpd.png.gp"
mpd --where 'encoding = direct' --steps --svg "$WORK/steps.svg" 2>/dev/null
expect "steps of a group are lines of a picture" [ "$(grep -c 'step [012]' "$WORK/steps.svg")" -ge 3 ]
mpd --epochs --png "$WORK/epochs.png" 2>/dev/null
expect "so are groups over epochs" is_png "$WORK/epochs.png"
firing --pdf "$WORK/firing.pdf" 2>/dev/null
expect "firing draws" [ "$(head -c 5 "$WORK/firing.pdf")" = '%PDF-' ]

refuses() { # PART COMMAND...
    local part=$1
    shift
    "$@" >/dev/null 2>"$WORK/reason"
    [ $? -eq 2 ] && grep -qF -- "$part" "$WORK/reason"
}
expect "too many lines are refused with what to do" refuses 'choose it with --where' mpd --steps --svg "$WORK/x.svg"
expect "epochs have no steps" refuses '--epochs goes with neither' mpd --epochs --steps
expect "an axis that there is not is refused" refuses 'no axis nonsense' mpd --by nonsense
finish
