#!/usr/bin/env bash
# Opens a sweep.h5 with the programs that people use: xarray with h5netcdf,
# h5dump, ncdump. What must be in it comes from the records, not from HDF5.
. "$(dirname "$0")/lib.sh"
maker=$(dirname "$SPIKESWEEP")/make_fake_sweep
sweep=$WORK/sweep.h5

make_sweep() { "$maker" "$WORK" >"$WORK/expected"; }
expect "a sweep is made" make_sweep

# xarray: the checks are in readers.py, which says "ok NAME" or "FAIL NAME".
if /usr/bin/python3 -c 'import xarray, h5netcdf, h5py' 2>/dev/null; then
    /usr/bin/python3 "$(dirname "$0")/readers.py" "$sweep" "$WORK/expected" >"$WORK/said" 2>&1
    status=$?
    while read -r verdict name; do
        case $verdict in
        ok) pass "xarray: $name" ;;
        FAIL) fail "xarray: $name" ;;
        *) echo "$verdict $name" ;;
        esac
    done <"$WORK/said"
    expect "readers.py comes to its end" [ "$status" -eq 0 ]
else
    skip "xarray" "python3-xarray, python3-h5netcdf or python3-h5py is not installed"
fi

dumps_whole() { h5dump "$sweep" >"$WORK/dump" && [ -s "$WORK/dump" ]; }

shows_filters() { # variable
    h5dump -p -H -d "$1" "$sweep" >"$WORK/dump" &&
        grep -q 'PREPROCESSING SHUFFLE' "$WORK/dump" &&
        grep -q 'COMPRESSION DEFLATE' "$WORK/dump" &&
        grep -q 'CHECKSUM FLETCHER32' "$WORK/dump"
}

# The clean accuracies as text, in any order of the trials.
same_accuracies() {
    h5dump -m %.17g -y -w 1 -o "$WORK/values" -d /trials/clean_accuracy "$sweep" >/dev/null &&
        tr -d ' ,' <"$WORK/values" | grep . | sort -g >"$WORK/read" &&
        awk -F'\t' '$1 == "clean_accuracy" { print $5 }' "$WORK/expected" | sort -g >"$WORK/wanted" &&
        [ "$(wc -l <"$WORK/wanted")" -eq 24 ] && cmp "$WORK/read" "$WORK/wanted"
}

if command -v h5dump >/dev/null; then
    expect "h5dump reads the whole file" dumps_whole
    expect "h5dump finds the filters of a small variable" shows_filters /trials/clean_accuracy
    expect "h5dump finds the filters of a large variable" shows_filters /robustness/robust_prediction
    expect "h5dump shows the clean accuracies" same_accuracies
else
    skip "h5dump" "hdf5-tools is not installed"
fi

shows_header() { ncdump -h "$sweep" >"$WORK/header"; }

names_dimensions() {
    for line in 'trial = 24' 'attack = 4' 'epsilon = 6' 'sample = 60' 'layer = 3' 'step = 4' 'bin = 82' 'epoch = 3'; do
        grep -q "$line ;" "$WORK/header" || { echo "no dimension $line"; return 1; }
    done
    # netCDF makes names up, phony_dim_N, where HDF5 has no dimension scale.
    ! grep -q phony "$WORK/header"
}

shows_variables() {
    grep -q 'double robust_accuracy(trial, attack, epsilon) ;' "$WORK/header" &&
        grep -q 'uint64 membrane_count(trial, layer, step, bin) ;' "$WORK/header" &&
        grep -q 'robust_accuracy:_FillValue = NaN ;' "$WORK/header"
}

reads_values() { ncdump "$sweep" >"$WORK/dump" && grep -q 'clean_accuracy = 0' "$WORK/dump"; }

if command -v ncdump >/dev/null; then
    expect "ncdump -h reads the header" shows_header
    expect "ncdump finds a name and a scale for every dimension" names_dimensions
    expect "ncdump finds dimensions and fill values of variables" shows_variables
    expect "ncdump reads every value" reads_values
else
    skip "ncdump" "netcdf-bin is not installed"
fi

# Languages that bring a netCDF of their own: each prints the clean accuracies,
# and how much the third epsilon took of the first trial's, by the names alone.
wanted=$(awk -F'\t' '$1 == "clean_accuracy" { printf "%.6f\n", $5 }' "$WORK/expected" | sort)
same_as_wanted() { # COMMAND...
    "$@" >"$WORK/said" 2>"$WORK/err" || { cat "$WORK/err"; return 1; }
    [ "$(grep '^0\.' "$WORK/said" | sort)" = "$wanted" ] && grep -qx 'fgsm at 0.0157: 24 trials' "$WORK/said" && return
    cat "$WORK/said"
    return 1
}
if /usr/bin/python3 -c 'import netCDF4' 2>/dev/null; then
    expect "netCDF4 for Python reads it by name" same_as_wanted /usr/bin/python3 -c '
import netCDF4, sys
file = netCDF4.Dataset(sys.argv[1])
for value in file["trials/clean_accuracy"][:]: print("%.6f" % value)
robustness = file["robustness"]
i = list(robustness["attack"][:]).index("fgsm")
e = int(abs(robustness["epsilon"][:] - 4 / 255).argmin())
values = robustness["robust_accuracy"][:, i, e]
print("fgsm at %.4f: %d trials" % (robustness["epsilon"][e], values.count()))' "$sweep"
else
    skip "netCDF4 for Python" "python3-netcdf4 is not installed"
fi
if Rscript -e 'library(ncdf4)' >/dev/null 2>&1; then
    expect "R reads it by name" same_as_wanted Rscript -e '
suppressWarnings(library(ncdf4))
file <- nc_open(commandArgs(TRUE)[1])
cat(sprintf("%.6f\n", ncvar_get(file, "trials/clean_accuracy")), sep = "")
epsilon <- ncvar_get(file, "robustness/epsilon")
i <- which(ncvar_get(file, "robustness/attack") == "fgsm")
e <- which.min(abs(epsilon - 4 / 255))
values <- ncvar_get(file, "robustness/robust_accuracy")[e, i, ] # dimensions are in the other order
cat(sprintf("fgsm at %.4f: %d trials\n", epsilon[e], sum(!is.na(values))))' "$sweep"
else
    skip "R" "Rscript with ncdf4 (r-cran-ncdf4) is not installed"
fi

finish
