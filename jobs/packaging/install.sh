#!/usr/bin/env bash
# Installs the program, its manual page, bash's completion, a module file,
# documents and example experiments below PREFIX, or takes them away again.
# Run it by `make install` or `make uninstall`.
#   install.sh install PROGRAM | install.sh uninstall
# PREFIX (/usr/local), DESTDIR (nothing; put before every path, but not into
# any file), BINDIR, MANDIR, DATADIR, DOCDIR, COMPLETIONDIR, MODULEDIR;
# MODULES: what the module file is to load, as "openmpi/4.1 hdf5/1.10".
set -eu
cd "$(dirname "$0")/../.."
: "${PREFIX:=/usr/local}" "${DESTDIR:=}" "${MODULES:=}"
case $PREFIX in /*) ;; *) echo "PREFIX = $PREFIX: a path from / on is needed" >&2; exit 2 ;; esac
: "${BINDIR:=$PREFIX/bin}" "${DATADIR:=$PREFIX/share}"
: "${MANDIR:=$DATADIR/man}" "${DOCDIR:=$DATADIR/doc/spikesweep}" "${MODULEDIR:=$DATADIR/modulefiles}"
: "${COMPLETIONDIR:=$DATADIR/bash-completion/completions}"
# What was installed, a path a line, so that another version can take it away.
list=$DATADIR/spikesweep/installed

uninstall() {
    [ -e "$DESTDIR$list" ] || return 0
    while read -r path; do rm -f "$DESTDIR$path"; done <"$DESTDIR$list"
    rm "$DESTDIR$list"
    # Folders of its own; those that it shares with others stay.
    for folder in "$DATADIR/spikesweep" "$DOCDIR/jobs" "$DOCDIR/docs" "$DOCDIR" "$MODULEDIR/spikesweep"; do
        rmdir "$DESTDIR$folder" 2>/dev/null || true
    done
}

put() { # MODE FILE PATH
    install -d "$DESTDIR${3%/*}"
    echo "$3" >>"$DESTDIR$list"
    install -m "$1" "$2" "$DESTDIR$3"
}

if [ "$1" = uninstall ]; then
    uninstall
    exit
fi
program=$2
uninstall
install -d "$DESTDIR${list%/*}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
export SOURCE_DATE_EPOCH
"$program" manual page >"$work/page"
"$program" manual bash >"$work/bash"
version=$("$program" --version | sed 's/^spikesweep \([^ ,]*\).*/\1/')
loads=
for module in $MODULES; do loads+="module load $module"$'\n'; done
text=$(<jobs/packaging/modulefile.in)
text=${text//@VERSION@/$version} text=${text//@PREFIX@/$PREFIX} text=${text//@BIN@/$BINDIR}
text=${text//@MAN@/$MANDIR} text=${text//@DOC@/$DOCDIR} text=${text//@MODULES@/$loads}
echo "$text" >"$work/module"

put 755 "$program" "$BINDIR/spikesweep"
put 644 "$work/page" "$MANDIR/man1/spikesweep.1"
put 644 "$work/bash" "$COMPLETIONDIR/spikesweep"
put 644 "$work/module" "$MODULEDIR/spikesweep/$version"
# Laid out as in the repository, so that the documents' links hold.
for file in README.md CONTRIBUTING.md LICENSE docs/*.md docs/*.svg jobs/*.cfg jobs/submit.sbatch; do
    [ ! -e "$file" ] || put 644 "$file" "$DOCDIR/$file"
done
echo "installed below $DESTDIR$PREFIX; taken away again by make uninstall with the same variables"
