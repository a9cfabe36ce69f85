#!/usr/bin/env bash
# A small network learns real color images: the subset of CIFAR-10 beside the
# project, to at least 45 % on its test images, which is far beyond a linear map.
. tests/lib.sh

images=../shared/data/cifar10
if [ ! -e "$images/test_batch.bin" ]; then
    skip "learning CIFAR-10" "there is no $images"
    finish
fi
cat >"$WORK/cifar.cfg" <<END
dataset = { kind = "cifar10"; folder = "$images"; };
network = { kind = "csnn"; channels = [32, 64, 128]; hidden = [128]; n_steps = 4; };
augmentation = "standard";
optimizer = { kind = "sgd"; learning_rate = 0.1; weight_decay = 0.0005; };
training = { n_epochs = 20; };
attacks = { kind = "gaussian"; epsilons = [0.0]; n_samples = 1; };
END
"$SPIKESWEEP" trial "$WORK/cifar.cfg" 0 >"$WORK/log" 2>&1 || cat "$WORK/log"
accuracy=$(sed -n 's/^ *clean accuracy //p' "$WORK/log")
expect "CIFAR-10 is learned to 0.45 and more (${accuracy:-none})" \
    [ "$(echo "${accuracy:-0} >= 0.45" | bc)" -eq 1 ]
finish
