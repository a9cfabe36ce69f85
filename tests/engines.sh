#!/usr/bin/env bash
# The engine that SPIKESWEEP_ENGINE names computes and is kept with the results;
# a sweep that goes on with another computes nothing twice and says so.
. tests/lib.sh
. tests/sweep_lib.sh

unset SPIKESWEEP_ENGINE BLIS_ARCH_TYPE
best=$("$SPIKESWEEP" --version | sed -n 's/.*engine \([a-z0-9]*\);.*/\1/p')
expect "the best engine ($best) is taken by itself" test -n "$best"
check_refusal() { # NAME
    SPIKESWEEP_ENGINE=$1 "$SPIKESWEEP" --version >"$WORK/out" 2>"$WORK/err"
    expect "SPIKESWEEP_ENGINE=$1 is refused" test $? -eq 2
    expect "and what is allowed is named" grep -q "ENGINE = $1: no such engine; allowed here:.* $best" "$WORK/err"
}
check_refusal avx7
check_refusal "plain "

cat >"$WORK/half.cfg" <<TEXT
dataset     = { kind = "synthetic"; n_train = 64; n_test = 32; height = 8; width = 8; };
network     = { kind = "mlp"; hidden = [16]; n_steps = 2; };
training    = { n_epochs = 1; };
attacks     = ( { kind = "fgsm"; } );
TEXT
{ cat "$WORK/half.cfg"; echo 'seeds = 2;'; } >"$WORK/whole.cfg"
folder=$WORK/half.sweep
engines() { # of the trials, one a line
    h5dump -d /trials/engine "$folder/sweep.h5" | sed -n '/DATA {/,/}/p' | grep -oE '"[a-z0-9]+;' | tr -d '";'
}
go_on() { # ENGINE FILE
    SPIKESWEEP_ENGINE=$1 "$SPIKESWEEP" run "$WORK/$2.cfg" -o "$folder" --progress none >"$WORK/log" 2>&1
}
tells_a_mix() { "$SPIKESWEEP" "$1" "$folder" | grep -q '^Several builds or engines'; }
expect "a sweep runs on $best" go_on "$best" half
expect "that is kept with its trial" test "$(engines)" = "$best"
expect "and there is no mix" eval '! tells_a_mix status && ! tells_a_mix table'
for other in avx2 plain; do
    [ "$other" != "$best" ] && SPIKESWEEP_ENGINE=$other "$SPIKESWEEP" --version >"$WORK/log" 2>&1 && break
    other=
done
if [ -z "$other" ]; then
    skip "a sweep that goes on with another engine" "$best is the only one here"
    finish
fi
expect "it goes on with more cells on $other" go_on "$other" whole
expect "the first trial has not been computed again" \
    test "$(engines | sort | tr '\n' ' ')" = "$(printf '%s\n' "$best" "$other" | sort | tr '\n' ' ')"
expect "four tasks, four outcomes" test "$(result_number "$folder" n_outcomes)" = 4
expect "status and table tell the mix" eval 'tells_a_mix status && tells_a_mix table'
expect "with both engines" test "$("$SPIKESWEEP" status "$folder" | grep -cE ", ($best|$other); BLIS")" = 2
finish
