#!/usr/bin/env bash
# The default convolutional network with 4 steps learns the whole of
# Fashion-MNIST, 60,000 images, to at least 90 % on its 10,000 test images.
. tests/lib.sh

cat >"$WORK/fashion.cfg" <<END
dataset = { kind = "fashion_mnist"; };
network = { kind = "csnn"; n_steps = 4; };
schedule = "cosine";
training = { n_epochs = 6; };
attacks = { kind = "gaussian"; epsilons = [0.0]; n_samples = 1; };
END
"$SPIKESWEEP" trial "$WORK/fashion.cfg" 0 >"$WORK/log" 2>&1 || cat "$WORK/log"
accuracy=$(sed -n 's/^ *clean accuracy //p' "$WORK/log")
expect "Fashion-MNIST is learned to 0.90 and more (${accuracy:-none})" \
    [ "$(echo "${accuracy:-0} >= 0.90" | bc)" -eq 1 ]
finish
