#!/usr/bin/env bash
# The revision and the flags that results bear are those of the build: a copy
# of the project, a repository of its own, is changed, and one object made anew.
. "$(dirname "$0")/lib.sh"
cd "$(dirname "$0")/.." || exit 1

if ! git rev-parse --git-dir >/dev/null 2>&1; then
    skip "provenance" "not a checkout of git"
    finish
fi
git ls-files -z | xargs -0 cp --parents -t "$WORK" 2>/dev/null
cd "$WORK" || exit 1
commit() {
    git add -A && git -c user.name=test -c user.email=test@example.org commit -qm "$1" --allow-empty
}
git init -q . && commit first
echo build/ >.git/info/exclude

object=build/release/io/provenance.o
make_it() { env -u MAKEFLAGS -u MFLAGS -u MODE make "$@" $object >log 2>&1 || { cat log; return 1; }; }
has() { strings $object | grep -qxF -e "$1" || { strings $object | grep -E '^[0-9a-f]{7}|^-'; return 1; }; }
revision() { git describe --always --dirty; }
made() { stat -c %y.%i $object; }

echo log >>.git/info/exclude
expect "the object is made" make_it
expect "it bears the revision" has "$(revision)"
before=$(made)
expect "it is asked for again" make_it
expect "nothing has changed: it stays" [ "$(made)" = "$before" ]
echo '/* a change */' >>core/omega.c
expect "after a change of another file it is asked for" make_it
expect "it bears the revision, and that it was changed" has "$(revision)"
expect "which is said so" [ "$(revision | grep -c dirty)" -eq 1 ]
commit second
expect "after a commit it is asked for" make_it
expect "it bears the new revision" has "$(revision)"
expect "other flags make another one" make_it EXTRA_CFLAGS=-DSOMETHING=1
for flag in -O3 -fno-math-errno -ffp-contract=fast -fstack-reuse=none -DSOMETHING=1; do
    expect "it bears the flag $flag" grep -qF -e "$flag" <(strings $object)
done
finish
