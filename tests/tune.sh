#!/usr/bin/env bash
# `spikesweep tune`, and what goes by the file that it makes: a sweep by one
# tuning, from its first cell to its last.
# It runs alone, since it measures times.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 1
export XDG_CACHE_HOME=$WORK/cache
kept=$XDG_CACHE_HOME/spikesweep/tuning.txt

cat >net.cfg <<END
dataset = { kind = "synthetic"; n_train = 64; n_test = 32; };
network = { kind = "csnn"; channels = [16, 16]; hidden = [16]; n_steps = 2; };
training = { n_epochs = 1; batch_size = 16; };
attacks = ( { kind = "pgd"; n_steps = 2; epsilons = [8/255]; n_samples = 16; } );
END
sed 's/^training/seeds = 2; training/' net.cfg >more.cfg

# all DENSITY: a tuning.
all() {
    echo "origin = all $1"
    for key in {linear,convolution}.{forward,weights,input}; do
        echo "$key = $1 $1 $1 $1 $1 $1"
    done
}
all 1 >lists.txt
all 0.001 >dense.txt

# run STATUS PATTERN ARGUMENTS...
run() {
    local status=$1 pattern=$2 got
    shift 2
    "$SPIKESWEEP" "$@" >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$status" ] && cat out err | grep -qE -e "$pattern" && return
    echo "spikesweep $*: status $got, expected $status and /$pattern/:"
    cat out err
    return 1
}
attribute() { h5dump -a "/$1" "$2/sweep.h5"; }
digest_of() { attribute results_digest "$1" | sed -n 's/.*(0): //p'; }
same_digest() { [ -n "$(digest_of "$1")" ] && [ "$(digest_of "$1")" = "$(digest_of "$2")" ]; }
not() { ! "$@"; }

expect "without a file a sweep goes by what is built in" run 0 '1/1 cells' run net.cfg -o builtin
expect "and keeps that" grep -q '^origin = built in$' builtin/tuning.txt
expect "tune says that it takes no arguments" run 2 '1 arguments given; usage' tune now
expect "a place that cannot be written is named" run 2 'no/such/place' tune -o no/such/place
expect "tune prints what it measured" run 0 '^3x3 convolutions +forward +[0-9]+ +[0-9]+' tune
expect "and where it is kept" grep -q "^Kept in $kept: new sweeps" out
expect "the file says where it comes from" grep -qE "^origin = measured on .+, 20..-..-.., engine [a-z0-9]+$" "$kept"
expect "a new sweep goes by it" run 0 '1/1 cells' run net.cfg -o mine
expect "and keeps a copy" cmp "$kept" mine/tuning.txt
expect "sweep.h5 tells it" [ -n "$(attribute tuning mine | grep 'measured on')" ]
expect "a trial in the foreground goes by it, too" run 0 'digest of the result' trial net.cfg 0

cp mine/tuning.txt first.txt
cp dense.txt "$kept"
expect "a sweep that goes on" run 0 '2/2 cells' run more.cfg -o mine
expect "goes by the tuning that it began with" cmp first.txt mine/tuning.txt
expect "another one is refused" run 2 'goes by another tuning \(measured on' run more.cfg -o mine --tuning lists.txt
expect "the same one is not" run 0 '2/2 cells' run more.cfg -o mine --tuning first.txt

expect "a sweep by lists alone" run 0 '2/2 cells' run more.cfg -o lists --tuning lists.txt
expect "in two steps" run 0 '1/1 cells' run net.cfg -o steps --tuning lists.txt
expect "goes on without being told" run 0 '2/2 cells' run more.cfg -o steps
expect "to the same bits" same_digest lists steps
expect "which those of the dense way are not" run 0 '2/2 cells' run more.cfg -o dense
expect "wherever sums are taken in another order" not same_digest lists dense

sed -i 's/linear.input/linear.inputs/' "$kept"
expect "a mistake in this user's file is named" run 2 'tuning.txt:[0-9]: unknown key linear.inputs' run net.cfg -o new
expect "before anything is made" [ ! -e new ]
head -c 100 lists.txt >"$kept"
expect "so is a file that is cut off" run 2 'tuning.txt:[0-9]: ' trial net.cfg 0
expect "what --tuning names has to be there" run 2 'nowhere.txt: cannot open' run net.cfg -o new --tuning nowhere.txt
expect "a sweep that has its own goes on all the same" run 0 '2/2 cells' run more.cfg -o lists

finish
