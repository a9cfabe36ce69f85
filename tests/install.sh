#!/usr/bin/env bash
# Installed below a scratch prefix, the program works from anywhere, and can be
# taken away without a trace.
. "$(dirname "$0")/lib.sh"
sources=$(realpath "$(dirname "$0")/..")
prefix=$WORK/prefix
installer=$sources/jobs/packaging/install.sh
unset DESTDIR BINDIR MANDIR DATADIR DOCDIR COMPLETIONDIR MODULEDIR MODULES
export PREFIX=$prefix SOURCE_DATE_EPOCH=86400
mkdir -p "$prefix/bin" "$prefix/share/doc/other" && touch "$prefix/bin/other" "$prefix/share/doc/other/README"
(cd "$prefix" && find . | sort) >"$WORK/before"
# quietly COMMAND...: what it says goes where it can be looked at.
quietly() { "$@" >"$WORK/said" 2>&1 || { cat "$WORK/said"; return 1; }; }
cd / && expect "it is installed, called from any folder" \
    quietly env MODULES="openmpi/4.1 hdf5/1.10" bash "$installer" install "$SPIKESWEEP"
mkdir "$WORK/elsewhere" && cd "$WORK/elsewhere" || exit 1

# What is there -------------------------------------------------------

for file in bin/spikesweep share/man/man1/spikesweep.1 share/bash-completion/completions/spikesweep \
    share/doc/spikesweep/{README.md,LICENSE,CONTRIBUTING.md,docs/format.md,jobs/quick.cfg,jobs/submit.sbatch}; do
    expect "$file is installed and can be read" test -s "$prefix/$file" -a -r "$prefix/$file"
done
same_files() { # FOLDER PATTERN: all of the sources' are installed
    cmp <(cd "$sources/$1" && ls $2) <(cd "$prefix/share/doc/spikesweep/$1" && ls $2)
}
expect "every document is" same_files docs '*.md'
expect "every example is" same_files jobs '*.cfg'
expect "no path of the sources is in what is not the program" \
    bash -c '! grep -rlF "$1" "$2/share"' bash "$sources" "$prefix"
if command -v man >/dev/null; then
    expect "man finds the page" \
        bash -c 'MANPATH=$1/share/man man -w spikesweep | grep -qxF "$1/share/man/man1/spikesweep.1"' bash "$prefix"
else
    skip "man finds the page" "not installed"
fi

# The program elsewhere -----------------------------------------------

PATH=$prefix/bin:$PATH
examples=$prefix/share/doc/spikesweep/jobs
planned() { spikesweep plan "$examples/quick.cfg" >out && grep -q '^[0-9]* cells' out; }
expect "the installed program plans an installed example" planned
expect "it runs one" spikesweep run "$examples/quick.cfg" -o quick --progress none
reference() { "$SPIKESWEEP" run "$examples/quick.cfg" -o here --progress none; }
expect "so does the one that was built" reference
digest_of() { h5dump -a /results_digest "$1/sweep.h5" | sed -n 's/.*(0): //p'; }
expect "to the same digest" test -n "$(digest_of quick)" -a "$(digest_of quick)" = "$(digest_of here)"
script_of_it() {
    spikesweep submit "$examples/quick.cfg" --time 10 -o submitted --write >out &&
        grep -qxF "program='$prefix/bin/spikesweep'" submitted/submit.sbatch && bash -n submitted/submit.sbatch
}
expect "it writes a script for Slurm that starts it" script_of_it
completed() {
    bash --noprofile --norc -c 'source "$1"; COMP_WORDS=(spikesweep pl) COMP_CWORD=1; _spikesweep
        [ "${COMPREPLY[*]}" = plan ]' bash "$prefix/share/bash-completion/completions/spikesweep"
}
expect "bash completes its commands" completed

# The module file, with Lmod's and Tcl modules' words as procedures of Tcl.
version=$(spikesweep --version | sed 's/^spikesweep \([^ ,]*\).*/\1/')
module=$prefix/share/modulefiles/spikesweep/$version
cat >module.tcl <<'END'
foreach word {setenv prepend-path conflict module module-whatis} {
    proc $word {args} "puts \"$word \$args\""
}
source [lindex $argv 0]
ModulesHelp
END
if command -v tclsh >/dev/null; then
    tclsh module.tcl "$module" >said 2>help
    for line in "setenv SPIKESWEEP_ROOT $prefix" "prepend-path PATH $prefix/bin" \
        "prepend-path MANPATH $prefix/share/man" "module load openmpi/4.1" "module load hdf5/1.10"; do
        expect "the module file says: ${line//$prefix/PREFIX}" grep -qxF "$line" said
    done
    expect "it begins with what makes it one" grep -q '^#%Module' "$module"
    expect "nothing in it is left to be filled in" bash -c '! grep -q "@[A-Z]*@" "$1"' bash "$module"
    expect "its help names the documents" grep -qF "$prefix/share/doc/spikesweep" help
else
    skip "the module file says where things are" "tclsh is not installed"
fi

# Another place, and away ---------------------------------------------

rm -rf "$WORK/stage"
expect "a staged installation goes below DESTDIR only" \
    quietly env DESTDIR="$WORK/stage" PREFIX=/opt/sweeps bash "$installer" install "$SPIKESWEEP"
expect "and knows nothing of it" bash -c \
    '[ -x "$1/opt/sweeps/bin/spikesweep" ] && ! grep -rlF "$1" "$1/opt/sweeps/share"' bash "$WORK/stage"
expect "a prefix that is no whole path is refused" bash -c '! PREFIX=here bash "$1" install "$2" 2>/dev/null' \
    bash "$installer" "$SPIKESWEEP"
touch "$prefix/share/doc/spikesweep/old.md" && echo "$prefix/share/doc/spikesweep/old.md" >>"$prefix/share/spikesweep/installed"
expect "it is installed over an older one" quietly bash "$installer" install "$SPIKESWEEP"
expect "of which nothing stays that the new one does not have" test ! -e "$prefix/share/doc/spikesweep/old.md"
expect "it is taken away" bash "$installer" uninstall
nothing_is_left() { # but folders that it shares with others
    (cd "$prefix" && find . ! -type d | sort) >"$WORK/after"
    cmp <(grep -xF -e ./bin/other -e ./share/doc/other/README "$WORK/before") "$WORK/after" &&
        [ -z "$(find "$prefix" -name '*spikesweep*')" ]
}
expect "nothing of it is left, and what was there before still is" nothing_is_left
expect "taking it away again is no complaint" bash "$installer" uninstall
finish
