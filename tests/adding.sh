#!/usr/bin/env bash
# The change that docs/adding.md shows is all that a new surrogate needs: it is
# applied to a copy of the project with what has been built, and tested there.
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/.." || exit 1

if ! command -v patch >/dev/null; then
    skip "adding a kind" "the command patch is not there"
    finish
fi
built=$(dirname "$SPIKESWEEP")
mode=$(basename "$built")
copy=$WORK/copy
mkdir -p "$copy/build/$mode"
cp -a Makefile core io sweep analysis jobs tests "$copy"
for part in "$built"/*; do
    [ -x "$part" ] && [ -f "$part" ] || cp -a "$part" "$copy/build/$mode"
done
sed -n '/^```diff$/,/^```$/p' docs/adding.md | sed '1d;$d' >"$WORK/change.diff"

make_it() { env -u MAKEFLAGS -u MFLAGS make -C "$copy" MODE="$mode" "$@" >"$WORK/log" 2>&1 || { tail -n 20 "$WORK/log"; return 1; }; }
applies() { patch -d "$copy" -p1 --fuzz=0 <"$WORK/change.diff" >"$WORK/log" 2>&1 || { cat "$WORK/log"; return 1; }; }
compiled() { grep -c '^  CC core/surrogate.c' "$WORK/log"; }
others() { grep '^  CC' "$WORK/log" | grep -cvE 'core/surrogate\.c|provenance'; }
conforms() { "$copy/build/$mode/test_surrogate" >"$WORK/log" 2>&1 || { tail -n 20 "$WORK/log"; return 1; }; }
lists() { "$copy/build/$mode/spikesweep" list surrogate | grep -q '^    parabolic: '; }
runs() {
    printf '%s\n' 'dataset = { kind = "synthetic"; n_train = 64; n_test = 32; };' 'network = { kind = "mlp"; hidden = [8]; };' \
        'surrogate = { kind = "parabolic"; slope = [1.0, 2.0]; };' 'regularizer = { kind = "mpd_sgr"; };' \
        'training = { n_epochs = 1; };' 'attacks = "fgsm";' >"$WORK/study.cfg"
    "$copy/build/$mode/spikesweep" run "$WORK/study.cfg" -o "$WORK/study" --progress none >"$WORK/log" 2>&1 || { cat "$WORK/log"; return 1; }
}

expect "the change names one file" [ "$(grep -c '^+++ ' "$WORK/change.diff")" -eq 1 ]
expect "it applies" applies
expect "it compiles" make_it "build/$mode/spikesweep" "build/$mode/test_surrogate"
expect "that file has to be compiled" [ "$(compiled)" -ge 1 ]
expect "and no other" [ "$(others)" -eq 0 ]
expect "the axis' test covers it" conforms
expect "spikesweep lists it" lists
expect "an experiment can use it" runs
finish
