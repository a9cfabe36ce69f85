#!/usr/bin/env bash
# Libraries at places of their own, as on clusters without apt: the Makefile's
# variables find them, the program remembers them, make deps sees them.
. "$(dirname "$0")/lib.sh"
sources=$(realpath "$(dirname "$0")/..")
built=$(dirname "$SPIKESWEEP")
cd "$sources" || exit 1
unset "${!MAKE@}" MFLAGS
unset HDF5_PREFIX BLIS_PREFIX LIBCONFIG_PREFIX XXHASH_PREFIX RANDOM123_PREFIX ZLIB_PREFIX CMOCKA_PREFIX MPICC

machine=$(gcc -dumpmachine)
include=/usr/include/$machine lib=/usr/lib/$machine
if [ ! -e /usr/include/hdf5/serial/hdf5.h ] || [ ! -e "$include/blis.h" ]; then
    skip "libraries at places of their own are found" "this is not Debian's layout, which the test moves"
    finish
fi
# move NAME LIBRARY FILE: a copy of the library in a prefix of its own, named as
# it is in the program.
move() {
    mkdir -p "$WORK/$1/include" "$WORK/$1/lib"
    local name
    name=$(objdump -p "$(realpath "$lib/$3")" | sed -n 's/^ *SONAME *//p')
    cp "$(realpath "$lib/$3")" "$WORK/$1/lib/$name"
    ln -s "$name" "$WORK/$1/lib/$2"
}
move hdf5 libhdf5.so hdf5/serial/libhdf5.so
move hdf5 libhdf5_hl.so hdf5/serial/libhdf5_hl.so
cp /usr/include/hdf5/serial/*.h "$WORK/hdf5/include"
move blis libblis.so libblis.so
mkdir "$WORK/blis/include/blis" && cp "$include/blis.h" "$WORK/blis/include/blis/"
move libconfig libconfig.so libconfig.so
cp /usr/include/libconfig.h "$WORK/libconfig/include"
# No library tells where it is.
mkdir "$WORK/bin" && printf '#!/bin/sh\nexit 1\n' >"$WORK/bin/pkg-config" && chmod +x "$WORK/bin/pkg-config"
prefixes=(HDF5_PREFIX="$WORK/hdf5" BLIS_PREFIX="$WORK/blis" LIBCONFIG_PREFIX="$WORK/libconfig")

# What was compiled already is taken as it is; a file of each library's anew.
mkdir "$WORK/build"
(cd "$built" && find . -name '*.o' ! -path './tests/*' ! -path './*/tests/*' -o -name '*.inc' | tar -cf - -T -) | tar -xf - -C "$WORK/build"
rm -f "$WORK"/build/{io/hdf5_util.o,io/experiment.o,plain/core/linalg.o}
make_there() { PATH=$WORK/bin:$PATH make -j2 BUILD="$WORK/build" "$@" >"$WORK/log" 2>&1 || { tail -20 "$WORK/log"; return 1; }; }
expect "the program is built with libraries at three places" make_there all V=1 "${prefixes[@]}"
# Which headers the compiler read, by the very command of make.
headers_of() { # FILE
    local command
    command=$(grep -m 1 -e "-c $1 " "$WORK/log" | sed "s/-MMD -MP -c/-M/; s/ -o [^ ]*$//")
    eval "$command" 2>&1
}
for library in hdf5:io/hdf5_util.c:hdf5.h libconfig:io/experiment.c:libconfig.h blis:core/linalg.c:blis/blis.h; do
    IFS=: read -r name file header <<<"$library"
    expect "its headers of $name are those of the prefix" grep -qF "$WORK/$name/include/$header" <(headers_of "$file")
done
expect "no header of HDF5 comes from elsewhere" bash -c '[ "$1" ] && ! grep -q " /usr/include/hdf5" <<<"$1"' \
    bash "$(headers_of io/hdf5_util.c)"
for name in hdf5 blis libconfig; do
    expect "it runs with $name of the prefix" \
        bash -c 'ldd "$1" | grep -q "${3#lib}.* => $2/$3/lib/"' bash "$WORK/build/spikesweep" "$WORK" "$name"
done
expect "it computes" "$WORK/build/spikesweep" run jobs/quick.cfg -o "$WORK/quick" --progress none

# deps ----------------------------------------------------------------

# A machine where nothing can be installed: neither root nor sudo.
mkdir "$WORK/poor" && for name in bash gcc make mpicc mpirun env cut cat python3; do
    ln -s "$(command -v $name)" "$WORK/poor/$name"
done
poor() { PATH=$WORK/poor bash tests/deps.sh >"$WORK/said" 2>&1; }
expect "make deps that may not install fails" bash -c '! PATH=$1 bash tests/deps.sh >"$2" 2>&1' bash "$WORK/poor" "$WORK/said"
expect "and names what is missing" grep -qE '^    .*gnuplot-nox' "$WORK/said"
expect "and which variables tell of places" grep -q 'HDF5_PREFIX=.*BLIS_PREFIX=' "$WORK/said"
expect "what is there is not called missing" bash -c '! grep -E "^    [a-z]" "$1" | head -1 | grep -q libhdf5-dev' bash "$WORK/said"
finds_by_prefix() { # a header that lies at no usual place
    sed 's|/usr/include/hdf5/serial||; s|/usr/include/\*-linux-gnu|/nowhere|; s|/usr/include |/nowhere |' tests/deps.sh >"$WORK/deps.sh"
    PATH=$WORK/poor bash "$WORK/deps.sh" >"$WORK/said" 2>&1
    grep -qw libhdf5-dev "$WORK/said" || return
    HDF5_PREFIX=$WORK/hdf5 PATH=$WORK/poor bash "$WORK/deps.sh" >"$WORK/said" 2>&1
    ! grep -E '^    [a-z]' "$WORK/said" | head -1 | grep -qw libhdf5-dev
}
expect "a library by its prefix is not missing" finds_by_prefix
finish
