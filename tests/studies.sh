#!/usr/bin/env bash
# The studies in jobs/, each in a tiny version: its axes as they are, on little
# data of one seed with a small network. Every cell is trained and attacked, on
# two ranks.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sweep_lib.sh"
JOBS=$(realpath jobs)
cd "$WORK" || exit 1

# tiny FILE: a section ends where its first brace closes.
tiny() {
    local data='{ kind = "synthetic"; n_train = 32; n_test = 16; height = 8; width = 8; }'
    local net='{ kind = "csnn"; channels = [2]; hidden = [8]; n_steps = 2; }'
    sed -z -E -e "s/(\n)dataset *= *\{[^}]*\};/\1dataset = $data;/" \
        -e "s/(\n)network *= *\{[^}]*\};/\1network = $net;/" \
        -e 's/kind = "wrn16";/& width = 2; widening = 1;/g' -e 's/kind = "vgg1[16]_rat";/& width = 2; hidden_width = 8;/g' \
        -e 's/kind = "resnet19";/& width = 2;/g' \
        -e 's/n_epochs *= *[0-9]+/n_epochs = 1/' -e 's/seeds *= *[0-9]+/seeds = 1/' -e 's/n_points = [0-9]+/n_points = 8/' \
        -e 's/n_samples *= *[0-9]+/n_samples = 4/g' -e 's/n_steps *= *(20|100)\b/n_steps = 2/g' "$1"
}

all_done() { # FILE
    on_ranks 2 "$SPIKESWEEP" run "$1" >out 2>&1 </dev/null && grep -qE '([0-9]+)/\1 cells, .* 0 failed' out && return
    tail -n 20 out
    return 1
}

# What all cells take is seen when they are run.
plans() { "$SPIKESWEEP" plan --untimed "$1" >out 2>&1 </dev/null || { tail -n 5 out; return 1; }; }

# Five poolings need an image as large as the real ones.
tiny "$JOBS/network_study.cfg" |
    sed 's/n_train = 32; n_test = 16; height = 8; width = 8;/n_train = 16; n_test = 8; height = 32; width = 32;/' >network_study.cfg
expect "network_study plans without an error" plans network_study.cfg
expect "network_study has a synthetic data set" grep -q synthetic network_study.cfg
expect "all cells of network_study are done" all_done network_study.cfg

for study in training_study surrogate_study neuron_study conversion_study regularizer_study tgo_table mpd_sgr_table sampler_study; do
    tiny "$JOBS/$study.cfg" >"$study.cfg"
    expect "$study plans without an error" plans "$study.cfg"
    expect "$study has a synthetic data set" grep -q synthetic "$study.cfg"
    expect "all cells of $study are done" all_done "$study.cfg"
done

finish
