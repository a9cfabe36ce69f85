#!/usr/bin/env bash
# What packages the program: the Apptainer definition and the Spack package, as
# far as can be seen without either. (The module file: tests/install.sh.)
. "$(dirname "$0")/lib.sh"
sources=$(realpath "$(dirname "$0")/..")
definition=$sources/jobs/packaging/spikesweep.def
cd "$WORK" || exit 1

# The K-th section of a name: the lines up to the next section or stage.
section() { # NAME K
    awk -v name="$1" -v k="$2" '
        /^(%|Bootstrap:)/ { inside = 0 }
        $1 == name { n++; inside = n == k; next }
        inside' "$definition" | sed 's/^    //'
}
for part in '%post 1' '%post 2' '%test 1' '%runscript 1' '%help 1' '%environment 1'; do
    section ${part} >part
    expect "the definition has a $part" [ -s part ]
    [[ $part = %help* ]] || expect "which is shell" bash -n part
done
packages_of() { # K: those that the K-th %post installs
    section %post "$1" | sed -e ':a;/\\$/{N;s/\\\n//;ba}' | sed -n 's/.*apt-get install//p' | tr -s ' ' '\n' | grep -E '^[a-z]'
}
if command -v dpkg >/dev/null && ldd "$SPIKESWEEP" | grep -q libmpi.so.40; then
    packages_of 2 >installed
    echo libc6 >>installed && echo libgcc-s1 >>installed # of every system
    missing_package() {
        local library path
        for library in $(objdump -p "$SPIKESWEEP" | sed -n 's/^ *NEEDED *//p'); do
            path=$(ldd "$SPIKESWEEP" | sed -n "s|.*$library => \([^ ]*\).*|\1|p")
            dpkg -S "$path" "$(realpath "$path")" 2>/dev/null | sed 's/:.*//' | sort -u >owners
            grep -qxFf installed owners || { [ "$library" = ld-linux-x86-64.so.2 ] || echo "$library of $(tr '\n' ' ' <owners)"; }
        done
    }
    missing_package >missing
    cat missing
    expect "its image has every library that the program needs" [ ! -s missing ]
    packages_of 1 >build
    expect "what it builds with are Debian's packages" bash -c 'dpkg -s "$@" >said 2>&1 || { cat said; false; }' bash $(cat build)
    unknown() { grep -vxF -e libc6-dev -f <(grep -oE '[a-z0-9-]+' "$sources/tests/deps.sh") build; }
    expect "which make deps installs as well" [ -z "$(unknown)" ]
else
    skip "its image has every library that the program needs" "this is not Debian with Open MPI"
fi
tested() {
    local prefix=$WORK/prefix
    PREFIX=$prefix bash "$sources/jobs/packaging/install.sh" install "$SPIKESWEEP" >/dev/null &&
        section %test 1 | sed "s|/usr/local|$prefix|" >test && PATH=$prefix/bin:$PATH bash -e test >said 2>&1 || {
        cat said
        return 1
    }
}
expect "its test passes where the program is installed" tested

# Spack's words, as far as the package speaks them.
mkdir spack && cat >spack/__init__.py </dev/null && cat >spack/package.py <<'END'
said, made = [], []
def _word(name):
    def word(*given, **more):
        said.append((name, given, more))
    return word
for _name in ("license", "version", "variant", "depends_on", "requires"):
    globals()[_name] = _word(_name)
class MakefilePackage: pass
spack_cc = "/spack/env/gcc/gcc"
def make(*arguments):
    made.append(arguments)
END
cat >speak.py <<'END'
import importlib.util, sys
sys.path.insert(0, ".")
import spack.package as words
spec = importlib.util.spec_from_file_location("package", sys.argv[1])
package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
class Spec(dict):
    def __missing__(self, name):
        assert any(w[0] == "depends_on" and w[1][0].split("@")[0].split()[0] == name for w in words.said), name
        return type("Library", (), {"prefix": f"/spack/{name}", "mpicc": f"/spack/{name}/bin/mpicc"})
one = package.Spikesweep()
one.spec = Spec()
one.build(one.spec, "/spack/spikesweep")
one.install(one.spec, "/spack/spikesweep")
for arguments in words.made:
    print(" ".join(arguments))
END
if python3 speak.py "$sources/jobs/packaging/package.py" >made; then
    pass "Spack's package builds and installs by make"
else
    fail "Spack's package builds and installs by make"
fi
expect "by these two targets" diff <(cut -d' ' -f1 made) <(printf 'all\ninstall\n')
expect "below its prefix" grep -q '^install PREFIX=/spack/spikesweep ' made
known_variables() { # the Makefile asks for every one of them
    local name all=0
    for name in $(grep -oE '\b[A-Z0-9_]+=' made | sort -u | tr -d =); do
        grep -qE "\b$name\b|\(call prefix_cflags,${name%_PREFIX}\)" "$sources/Makefile" || { echo "not known: $name"; all=1; }
    done
    return "$all"
}
expect "with variables that the Makefile knows" known_variables
uses_places() {
    local said name
    said=$(cd "$sources" && env -u MAKEFLAGS -u MAKELEVEL make -n V=1 -W io/provenance.c BUILD=/nowhere $(head -1 "$WORK/made") 2>/dev/null)
    for name in hdf5 libconfig xxhash random123 zlib-api blis; do
        grep -q -e "-isystem /spack/$name/include" <<<"$said" || { echo "no header of $name"; return 1; }
    done
    grep -q '^/spack/env/gcc/gcc ' <<<"$said" && grep -q '[ &]objcopy ' <<<"$said"
}
expect "which tell it where libraries and the compiler are" uses_places
expect "of the versions of HDF5 that it can be built with" grep -q 'hdf5@1.10.5:1.14' "$sources/jobs/packaging/package.py"
finish
