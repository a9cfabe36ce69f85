#!/usr/bin/env bash
# Installs what is missing where that is possible (apt-get as root or by sudo),
# otherwise says exactly what to install or load. Quiet if nothing is missing.
set -eu
declare -A package=(
    [gcc]=gcc [make]=make [pkg-config]=pkg-config [mpicc]=libopenmpi-dev [mpirun]=openmpi-bin
    [h5dump]=hdf5-tools [gnuplot]=gnuplot-nox [bc]=bc
    [blis.h]=libblis-dev [libconfig.h]=libconfig-dev [cmocka.h]=libcmocka-dev
    [hdf5.h]=libhdf5-dev [xxhash.h]=libxxhash-dev [Random123/philox.h]=librandom123-dev [zlib.h]=zlib1g-dev
    [/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz]=dataset-fashion-mnist
    [python3:xarray]=python3-xarray [python3:h5netcdf]=python3-h5netcdf [ncdump]=netcdf-bin
    [chromium]=chromium [tmux]=tmux
)
# What only make fuzz needs.
if [ "${1:-}" = fuzz ]; then
    version=$(clang -dumpversion 2>/dev/null | cut -d. -f1)
    package=([clang]=clang
        [/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a]="libclang-rt-${version:-14}-dev"
        [/usr/lib/llvm-*/lib/libomp.so]="libomp-${version:-14}-dev")
fi
# What only make check-slurm needs.
[ "${1:-}" = slurm ] && package=([slurmctld]=slurmctld [slurmd]=slurmd [sbatch]=slurm-client [munged]=munge
    [/usr/lib/*/slurm-wlm/topology_none.so]=slurm-wlm-basic-plugins)
# What only make exchange-libraries needs.
[ "${1:-}" = exchange ] && package=([python3:torch]=python3-torch [python3:ensurepip]=python3-venv [python3:h5py]=python3-h5py)
# What more tests run with, but can do without.
[ "${1:-}" = check ] && package=([mpicc.mpich]=libmpich-dev [mpirun.mpich]=mpich [mandoc]=mandoc [tclsh]=tcl
    [python3:netCDF4]=python3-netcdf4 [/usr/lib/R/site-library/ncdf4]=r-cran-ncdf4)
# Places of libraries by the Makefile's variables.
prefixes=()
for name in HDF5 BLIS LIBCONFIG XXHASH RANDOM123 ZLIB CMOCKA; do
    prefix=${name}_PREFIX
    [ -z "${!prefix:-}" ] || prefixes+=("${!prefix}")
done
has() {
    case $1 in
    /*) compgen -G "$1" >/dev/null ;;
    python3:*) /usr/bin/python3 -c "import ${1#python3:}" 2>/dev/null ;;
    *.h) for folder in "${prefixes[@]/%//include}" "${prefixes[@]/%//include/blis}" /usr/include /usr/include/*-linux-gnu /usr/include/hdf5/serial ${CPATH:+${CPATH//:/ }}; do
            [ -e "$folder/$1" ] && return 0
        done
        return 1 ;;
    mpicc) command -v "${MPICC:-mpicc}" >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
    esac
}
missing=()
for thing in "${!package[@]}"; do
    has "$thing" || missing+=("${package[$thing]}")
done
[ ${#missing[@]} -eq 0 ] && exit 0
apt=()
if command -v apt-get >/dev/null; then
    if [ "$(id -u)" -eq 0 ]; then apt=(env DEBIAN_FRONTEND=noninteractive apt-get)
    elif sudo -n true 2>/dev/null; then apt=(sudo env DEBIAN_FRONTEND=noninteractive apt-get); fi
fi
if [ ${#apt[@]} -eq 0 ] && [ "${1:-}" = check ]; then
    echo "not there, and tests that use them are skipped: ${missing[*]}" >&2
    exit 0
fi
if [ ${#apt[@]} -eq 0 ]; then
    cat >&2 <<TEXT
Missing, and not installable from here (no apt-get as root or by sudo):
    ${missing[*]}
On Debian or Ubuntu:  sudo apt-get install ${missing[*]}
On a cluster, load modules for: a C compiler (gcc 10 or later), MPI (Open MPI, MPICH), HDF5 1.10.5 or later (serial),
BLIS, libconfig, xxHash, Random123, zlib; for tests cmocka, for pictures gnuplot. Hand those to make that lie at places
of their own, and the same to make deps to see what is still missing:
    make deps HDF5_PREFIX=\$HDF5_DIR BLIS_PREFIX=\$HOME/blis LIBCONFIG_PREFIX=... XXHASH_PREFIX=... MPICC=...
docs/install.md tells how to build what a cluster lacks, without root.
TEXT
    exit 1
fi
echo "installing: ${missing[*]}"
"${apt[@]}" update -qq
"${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
for thing in "${!package[@]}"; do
    has "$thing" || { echo "still missing after the installation: ${package[$thing]} ($thing)" >&2; exit 1; }
done
