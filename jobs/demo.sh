#!/usr/bin/env bash
# The demonstration: a real sweep on Fashion-MNIST on all cores of this
# machine, then its table and its report. Run it by `make demo`.
#   jobs/demo.sh PROGRAM
set -eu
program=$1
folder=demo.sweep
n_cores=$(nproc)

# Open MPI refuses root unless told twice; nothing here is shared with others.
if [ "$(id -u)" -eq 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
progress=plain
[ -t 2 ] && progress=live

command=(mpirun -n "$n_cores" --oversubscribe --bind-to none "$program" run jobs/demo.cfg -o "$folder"
    --progress "$progress" --refresh 20)
echo "\$ ${command[*]}"
"${command[@]}"

echo
echo "\$ $program table $folder"
"$program" table "$folder"
echo
report=$("$program" report "$folder")
cat <<TEXT
Results:  $folder/sweep.h5   (xarray.open_dataset("$folder/sweep.h5", group="robustness", engine="h5netcdf"))
Report:   $report   and its pictures beside it
TEXT
