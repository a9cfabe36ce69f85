#!/usr/bin/env bash
# The experiments on encodings and on event recordings: they plan, and a tiny
# version of them runs to its end, every cell of it.
. tests/lib.sh

# tiny FILE: the experiment with a made data set, an epoch and few samples.
tiny() {
    sed -e 's/^dataset = .*/dataset = { kind = "synthetic"; n_train = 64; n_test = 32; };/' \
        -e 's/^network = .*/network = { kind = "csnn"; channels = [4]; hidden = [8]; n_steps = 3; };/' \
        -e 's/^training = .*/training = { n_epochs = 1; batch_size = 16; };/' \
        -e 's/^seeds = .*/seeds = 1;/' -e 's/n_samples = [0-9]*/n_samples = 8/' \
        -e 's/n_draws = 10/n_draws = 2/' "$1"
}

encodings=jobs/encoding_study.cfg
names=$("$SPIKESWEEP" list encoding | sed -n 's/^    \([a-z_]*\)[ :].*/\1/p' | grep -v '^events$')
for name in $names; do
    expect "the study has the encoding $name" grep -q "\"$name\"" "$encodings"
done
tiny "$encodings" >"$WORK/tiny.cfg"
expect "a tiny study of encodings runs" \
    "$SPIKESWEEP" run "$WORK/tiny.cfg" -o "$WORK/tiny.sweep" --progress plain
"$SPIKESWEEP" status "$WORK/tiny.sweep" >"$WORK/status"
expect "each of its 30 trainings ends well" grep -qE '^trainings +30( +0)* +30$' "$WORK/status"
expect "and each of its 60 evaluations" grep -qE '^evaluations +60( +0)* +60$' "$WORK/status"

events=../shared/data/nmnist
if [ -e "$events/train1K.txt" ]; then
    sed -e 's/n_frames = 5/n_frames = 3; n_train = 40; n_test = 20/' \
        -e "s|data/nmnist|$events|" \
        -e 's/^network = .*/network = { kind = "csnn"; channels = [4]; hidden = [8]; n_steps = 3; };/' \
        -e 's/n_iterations = [0-9]*/n_iterations = 2/' \
        -e 's/^training = .*/training = { n_epochs = 1; batch_size = 10; };/' \
        jobs/nmnist.cfg >"$WORK/events.cfg"
    expect "a tiny study of event recordings runs" \
        "$SPIKESWEEP" run "$WORK/events.cfg" -o "$WORK/events.sweep" --progress plain
else
    skip "a tiny study of event recordings" "there is no $events"
fi
finish
