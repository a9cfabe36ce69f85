#!/usr/bin/env bash
# How fast attacks are on networks that MPD-SGR trained: where few membrane
# potentials are in the surrogate's range, few gradients are to be followed.
# Argument: the program. PGD-10 on 256 images of Fashion-MNIST, all to the last
# step; CPU time of one thread. Tests nothing.
set -eu
spikesweep=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/omega.cfg" <<'TEXT'
dataset = { kind = "fashion_mnist"; n_train = 6000; n_test = 1000; };
network = { kind = "csnn"; channels = [32, 64]; hidden = [128]; n_steps = 4; };
normalization = "tdbn";
surrogate = { kind = "triangular"; width = 1.0; };
regularizer = ( { kind = "none"; }, { kind = "mpd_sgr"; weight = [0.05, 0.1, 0.2, 0.4, 0.8]; } );
training = { n_epochs = 3; };
attacks = ( { kind = "pgd"; n_steps = 10; epsilons = [0.03]; n_samples = 256;
              keep_going = true; } );
TEXT
"$spikesweep" run "$work/omega.cfg" -o "$work/sweep" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
/usr/bin/python3 - "$work/sweep/sweep.h5" <<'CODE'
import sys
import xarray

def group(name):
    return xarray.open_dataset(sys.argv[1], group=name, engine="h5netcdf")

trials, membrane, robustness = group("trials"), group("membrane"), group("robustness")
rows = []
for i in range(trials.sizes["trial"]):
    mean = lambda name: float(membrane[name][i].mean())
    seconds = float(robustness.evaluation_cpu_time[i, 0])
    if robustness.evaluation_cpu_time.dtype.kind == "m":  # nanoseconds
        seconds /= 1e9
    rows.append((str(trials.cell[i].values), float(trials.clean_accuracy[i]), mean("membrane_omega"),
                 mean("membrane_inside"), mean("firing_rate"), 256 / seconds))
print(f"{'cell':24}{'clean':>8}{'Omega':>8}{'inside':>8}{'rate':>8}{'images/s':>10}")
for name, clean, omega, inside, rate, speed in sorted(rows, key=lambda row: -row[2]):
    print(f"{name[:24]:24}{100 * clean:8.1f}{omega:8.3f}{inside:8.3f}{rate:8.3f}{speed:10.1f}")
CODE
