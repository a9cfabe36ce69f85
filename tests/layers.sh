#!/usr/bin/env bash
# Includes point down only: core <- io <- {sweep, analysis} <- jobs; and foreign
# headers stay in their rooms. Prints every break and fails if there is one.
set -eu
cd "$(dirname "$0")/.."
n_broken=0
forbid() { # room, pattern of an include, why, the one file that may
    local hits
    hits=$(grep -nE "^ *# *include +[<\"]($2)" "$1"/*.c "$1"/*.h 2>/dev/null | grep -v "^${4:-none}:" || true)
    [ -z "$hits" ] && return
    printf '%s\n' "$hits" | sed "s|^|layers: |; s|\$|   ($3)|"
    n_broken=$((n_broken + 1))
}
forbid core '(io|sweep|analysis|jobs|tests)/' 'core/ includes core/ only'
forbid io '(sweep|analysis|jobs|tests)/' 'io/ includes core/ and io/'
forbid sweep '(analysis|jobs|tests)/' 'sweep/ does not know analysis/ or jobs/'
forbid analysis '(sweep|jobs|tests)/' 'analysis/ never includes sweep/'
forbid jobs 'tests/' 'jobs/ does not include tests'
for room in core sweep analysis jobs; do
    forbid $room '(hdf5|H5|libconfig)' 'HDF5 and libconfig are known to io/ only'
done
for room in core io analysis jobs; do
    forbid $room 'mpi' 'MPI is known to sweep/ only'
done
only() { # header pattern, the one file
    local others
    others=$(grep -lE "^ *# *include +[<\"]$1" */*.c */*.h | grep -v "^$2\$" | grep -v '^tests/' || true)
    [ -z "$others" ] && return
    echo "layers: <$1> belongs into $2 only, not into: $others"
    n_broken=$((n_broken + 1))
}
only 'blis.h' core/linalg.c
only 'mpi.h' sweep/wire_mpi.c
only 'omp.h' core/team.c
forbid core '(stdio_ext|unistd|fcntl|sys/|time|spawn|signal|dirent)' 'core/ knows no file, clock or network' \
    core/pairs_tiles.c # the system is asked for tiles of registers
[ "$n_broken" -eq 0 ] && echo "layers: includes point down only"
[ "$n_broken" -eq 0 ]
