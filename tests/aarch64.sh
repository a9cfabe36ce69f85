#!/usr/bin/env bash
# Builds everything for aarch64 and runs the unit tests on an emulated processor
# (qemu-user), on a Debian or Ubuntu of another kind. The compiler and the
# emulator are installed; the libraries of the other machine are fetched by an
# apt with a state of its own and unpacked below build/arm64/, so that the
# system's packages stay as they are.
#   tests/aarch64.sh [MODE=...]
set -eu
cd "$(dirname "$0")/.."
place=$PWD/build/arm64 root=$PWD/build/arm64/root
libraries=$root/usr/lib/aarch64-linux-gnu

# Programs that start programs cannot be emulated without the kernel's help
# (binfmt_misc); what needs MPI, Slurm or Python are scripts, which do so, too.
left_out=(test_engine test_supervisor test_supervisor_child)

install_tools() {
    command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64 >/dev/null && return
    local sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo -n)
    echo "installing: gcc-aarch64-linux-gnu qemu-user"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends gcc-aarch64-linux-gnu qemu-user >/dev/null
}

# What tests/deps.sh installs, as far as it is compiled or linked against.
fetch_libraries() {
    mkdir -p "$place"/apt/state/lists/partial "$place"/apt/cache/archives/partial
    touch "$place/apt/status"
    cat >"$place/apt/conf" <<TEXT
Dir::State "$place/apt/state";
Dir::State::status "$place/apt/status";
Dir::Cache "$place/apt/cache";
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
TEXT
    echo "fetching libraries for arm64 (130 MB)"
    APT_CONFIG=$place/apt/conf apt-get update -qq
    APT_CONFIG=$place/apt/conf apt-get install -y -qq --download-only libc6-dev libopenmpi-dev \
        libhdf5-dev libblis-dev libconfig-dev libcmocka-dev libxxhash-dev librandom123-dev zlib1g-dev >/dev/null
}

# Absolute links would lead out of the root.
unpack_libraries() {
    local archive link
    mkdir -p "$root/usr/lib"
    ln -sfn usr/lib "$root/lib"
    for archive in "$place"/apt/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$archive" | tar -x --keep-directory-symlink --no-same-owner -C "$root"
    done
    find "$root" -type l -lname '/*' | while read -r link; do
        ln -sfn "$root$(readlink "$link")" "$link"
    done
    touch "$root/complete"
}

build() {
    make -j"$(nproc)" --no-print-directory tests BUILD=build/aarch64 \
        CC="aarch64-linux-gnu-gcc --sysroot=$root" \
        MPI_CFLAGS="-isystem $libraries/openmpi/include" \
        MPI_LIBS="-L$libraries/openmpi/lib -Wl,-rpath-link,$search -lmpi" \
        HDF5_CFLAGS="-isystem $root/usr/include/hdf5/serial" \
        HDF5_LIBS="-L$libraries/hdf5/serial -lhdf5_hl -lhdf5" \
        BLIS_CFLAGS="-isystem $root/usr/include/aarch64-linux-gnu/blis-openmp" \
        BLIS_LIBS="-L$libraries/blis-openmp -lblis" LIBCONFIG_LIBS=-lconfig CMOCKA_LIBS=-lcmocka "$@"
}

search=$libraries/openmpi/lib:$libraries/blis-openmp:$libraries/hdf5/serial:$libraries
install_tools
[ -e "$root/complete" ] || { fetch_libraries && unpack_libraries; }
build "$@"
export EMULATOR="qemu-aarch64 -L $root -E LD_LIBRARY_PATH=$search"
$EMULATOR build/aarch64/spikesweep --version
tests=()
for source in tests/test_*.c; do
    test=$(basename "$source" .c)
    [[ " ${left_out[*]} " = *" $test "* ]] || tests+=("build/aarch64/$test")
done
echo "left out, since they start programs: ${left_out[*]}, and all scripts"
bash tests/run_all.sh "${tests[@]}"
