#!/usr/bin/env bash
# What the world refuses: disks, folders, data sets, damaged files. A clear
# sentence each, nothing lost, and the same results once all is well again.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 1
export SPIKESWEEP

# run STATUS PATTERN ARGUMENTS...: succeeds if the program ends with this
# status and says something that the pattern (grep -E) matches.
run() {
    local status=$1 pattern=$2 got
    shift 2
    $AS "$SPIKESWEEP" "$@" >out 2>&1 </dev/null
    got=$?
    [ "$got" -eq "$status" ] && grep -qE -e "$pattern" out && return
    echo "spikesweep $*: status $got, expected $status and /$pattern/:"
    cat out
    return 1
}
AS=

digest_of() { h5dump -a /results_digest "$1/sweep.h5" | sed -n 's/.*(0): //p'; }
same_digest() { [ -n "$(digest_of "$1")" ] && [ "$(digest_of "$1")" = "$(digest_of "$2")" ]; }
contents() { find "$1" -type f ! -name '*.run' -exec md5sum {} + | sort; }

cat >a.cfg <<END
dataset = { kind = "synthetic"; n_train = 64; n_test = 32; };
network = { kind = "mlp"; hidden = [32]; n_steps = 2; };
surrogate = [ "triangular", "rectangular" ];
training = { n_epochs = 1; batch_size = 16; seed = [1, 2, 3]; };
attacks = ( { kind = "fgsm"; epsilons = [0, 8/255]; n_samples = 16; } );
END
sed 's/} );/}, { kind = "gaussian"; epsilons = [0, 8\/255]; n_samples = 16; } );/' a.cfg >b.cfg
expect "an undisturbed run" run 0 '6/6 cells, 12/12 tasks' run a.cfg -o whole
expect "an undisturbed run with one more attack" run 0 '6/6 cells, 18/18 tasks' run b.cfg -o more
dummies='training = { kind = "dummy"; seed = { from = 1; to = 40; count = 40; }; };'
echo "$dummies" >d.cfg
sed 's/\[32\]/[2000]/' a.cfg >large.cfg
expect "an undisturbed run of large networks" run 0 '6/6 cells, 12/12 tasks' run large.cfg -o large
expect "an undisturbed run that trains nothing" run 0 '40/40 cells' run d.cfg -o dummies
# Slow enough for several segments, of which the first is small.
echo 'training = { kind = "dummy"; sleep_s = 0.03; }; seeds = 30;' >slow.cfg
expect "an undisturbed run that takes its time" run 0 '30/30 cells' run slow.cfg -o slowly

# full disks ----------------------------------------------------------
# Each in a mount namespace of its own, on a small file system that is filled
# up; afterwards there is room, and the folder is copied out to be compared.

namespace="unshare -m"
$namespace true 2>/dev/null || namespace="unshare -rm"

cat >full_disk.sh <<'END'
set -u
name=$1 room=$2 pattern=$3 later=$4
mkdir -p disk
mount -t tmpfs -o size=8m none disk || exit 1
dd if=/dev/zero of=disk/ballast bs=1024 count=$((8192 - room)) 2>/dev/null
patience=0.3s
until_said() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        grep -q 'wait in memory' first 2>/dev/null && break
        sleep 0.05
    done
}
case $later in
0) ;;
said) patience=60s; (until_said; rm disk/ballast) & ;;
*) patience=30s; (sleep "$later"; rm disk/ballast) & ;;
esac
"$SPIKESWEEP" run "$name.cfg" -o disk/sweep --patience $patience >first 2>&1
first=$?
rm -f disk/ballast
"$SPIKESWEEP" run "$name.cfg" -o disk/sweep >second 2>&1
second=$?
cp -r disk/sweep "full_$name$room"
[ $second -eq 0 ] && grep -qE "$pattern" first && case $later in 0) [ $first -ne 0 ] ;; *) [ $first -eq 0 ] ;; esac && exit
echo "first run, status $first, expected /$pattern/:"
cat first
echo "second run, status $second:"
cat second
exit 1
END

# full_disk NAME ROOM PATTERN RESULTS [LATER]: the first run of NAME.cfg has so
# many KB, must say what the pattern matches and fail, or go on well if there is
# room so many seconds later ("said": once it has said that results wait); the
# second has enough. RESULTS are what it must come to.
full_disk() {
    $namespace bash full_disk.sh "$1" "$2" "$3" "${5:-0}" && same_digest "full_$1$2" "$4"
}

if $namespace bash -c "mount -t tmpfs none $WORK" 2>/dev/null; then
    full="No space left on device"
    expect "a disk without any room" full_disk a 0 "disk/sweep/.*$full" whole
    expect "a disk with room for the folder only" full_disk d 16 "$full; [0-9]+ results wait in memory, no task is handed out" dummies
    expect "it is said once, in one sentence" [ "$(grep -c 'wait in memory' first)" -eq 1 ]
    expect "in the end, too" grep -qE 'results could not be written and will be computed again by the next run, all others are in disk/sweep/segments' first
    expect "a disk with room for some results" full_disk slow 84 "$full; [0-9]+ results could not be written" slowly
    expect "the next run knows them" grep -qE '^[1-9][0-9]* tasks are done already' second
    expect "a disk with room for all results, but not for sweep.h5" full_disk d 192 "sweep.h5.*$full; all results are in disk/sweep/segments, spikesweep pack disk/sweep makes" dummies
    expect "the next run computes nothing" grep -qE '^40 tasks are done already' second
    for room in 24 64 128 256; do
        expect "a disk with room for $room KB of networks and results" full_disk a $room "$full" whole
    done
    expect "a network waits for room" full_disk large 300 '6/6 cells, 12/12 tasks, 0 running, 0 failed' large 1
    expect "results wait for room" full_disk d 40 'results can be written again' dummies said
    expect "and the run ends well" grep -qE '40/40 cells' first
else
    skip "full disks" "mounting in a namespace is not allowed here"
fi

# folders -------------------------------------------------------------

mkdir locked && chmod 555 locked
cp a.cfg secret.cfg && chmod 000 secret.cfg
if [ "$(id -u)" -eq 0 ]; then
    # Root without the power to ignore permissions.
    AS="setpriv --bounding-set=-dac_override,-dac_read_search"
fi
if ! $AS cat secret.cfg >/dev/null 2>&1 && $AS true 2>/dev/null; then
    expect "a folder in which nothing may be made" run 2 'locked/sweep: .*Permission denied' run a.cfg -o locked/sweep
    expect "nothing is made there" [ -z "$(ls -A locked)" ]
    expect "an experiment that may not be read" run 2 'secret.cfg: .*Permission denied' run secret.cfg -o new
    cp -r whole frozen && chmod 555 frozen frozen/segments
    contents frozen >before
    expect "results that may not be added to" run 2 'frozen.*Permission denied' run b.cfg -o frozen
    contents frozen >after
    expect "stay as they are" cmp before after
    rm -rf bare && cp -r whole bare && rm bare/sweep.h5 && chmod 555 bare bare/segments
    for command in status table 'report -o elsewhere'; do
        expect "$command reads results in a folder that may not be written" run 0 'rectangular|trainings|elsewhere' $command frozen
        expect "without a word" [ "$(grep -c frozen/sweep.h5 out)" -eq 0 ]
        expect "$command reads them without a sweep.h5, too" run 0 'bare/sweep.h5 does not hold all there is; it cannot be made anew here' $command bare
    done
    expect "nothing is left of that" [ -z "$(ls "${TMPDIR:-/tmp}" | grep spikesweep-results)" ]
    chmod -R u+w frozen locked bare
else
    skip "permissions" "the power to ignore them cannot be given up here"
fi
AS=

echo precious >file
expect "a file where the folder should be" run 2 'file: .*not a folder' run a.cfg -o file
expect "a file above the folder" run 2 'file/sweep: .*Not a directory' run a.cfg -o file/sweep
expect "is left alone" [ "$(cat file)" = precious ]
expect "no folder above the folder" run 2 'nowhere/sweep: .*No such file' run a.cfg -o nowhere/sweep
mkdir odd && echo precious >odd/segments
expect "a file where the segments should be" run 2 'odd/segments: .*not a folder' run a.cfg -o odd
expect "is left alone as well" [ "$(cat odd/segments)" = precious ]
expect "nothing of all that made a new folder" [ ! -e new ]

# data sets -----------------------------------------------------------

word() { printf "\\x$(printf %02x $(($1 >> 24 & 255)))\\x$(printf %02x $(($1 >> 16 & 255)))\\x$(printf %02x $(($1 >> 8 & 255)))\\x$(printf %02x $(($1 & 255)))"; }
idx() { # n: images of 4x4 pixels, in order; labels 0 and 1 in turn
    { word 2051; word "$1"; word 4; word 4; seq -s ' ' "$1" | tr -d '\n' | head -c 1000 | cat - /dev/zero | head -c $(($1 * 16)); } >"data/$2-images-idx3-ubyte"
    { word 2049; word "$1"; for ((i = 0; i < $1; i++)); do printf "\\x0$((i % 2))"; done; } >"data/$2-labels-idx1-ubyte"
}
mkdir data
idx 40 train
idx 20 t10k
cat >idx.cfg <<END
dataset = { kind = "idx"; folder = "$WORK/data"; };
network = { kind = "mlp"; hidden = [4]; n_steps = 2; };
training = { n_epochs = 1; batch_size = 8; };
END
cp -r data good
truncate -s -1 data/train-images-idx3-ubyte
expect "images cut short" run 2 'train-images-idx3-ubyte: cut short: the header claims 40 items of 16 bytes, but only 639' run idx.cfg
truncate -s 3 data/train-images-idx3-ubyte
expect "images without a header" run 2 'train-images-idx3-ubyte: cut short: has 3 bytes' run idx.cfg
rm data/train-images-idx3-ubyte
expect "no images" run 2 'train-images-idx3-ubyte' run idx.cfg
cp good/* data
cp data/t10k-labels-idx1-ubyte data/train-labels-idx1-ubyte
expect "labels of another set" run 2 'train-labels-idx1-ubyte.*20.*40|40.*20' run idx.cfg
expect "a data set that is refused makes no folder" [ ! -e idx.sweep ]
cp good/* data
expect "the whole data set" run 0 '1/1 cells' run idx.cfg
sed 's/^dataset = {/dataset = ( { kind = "synthetic"; },\n  {/; s/";  *};$/";\n  n_test = 20;\n  n_train = 41; } );/' idx.cfg >many.cfg
expect "more samples than there are, by line and key" run 2 ' many.cfg:4: dataset idx: n_train is 41, but there are 40 such' plan many.cfg

# damaged results -----------------------------------------------------

# damaged NAME N_KEPT COMMAND: damages a copy of `whole`, runs again.
damaged() {
    local name=$1 kept=$2
    shift 2
    rm -rf hurt && cp -r whole hurt
    "$@" || return 1
    run 0 "^hurt/segments/$victim: .*; what was lost in it is computed again" run a.cfg -o hurt &&
        grep -qE "^$kept" out && same_digest hurt whole && cp out said &&
        run 0 '^Damaged; what was lost in it was computed again' status hurt && cp said out
}
victim=$(cd whole/segments && ls -S ./*.seg | head -n 1 | cut -c3-)
seg=hurt/segments/$victim
flip() { printf '\xff\xff\xff\xff' | dd of="$seg" bs=1 seek="$1" conv=notrunc 2>/dev/null; }
expect "a segment cut short by a byte" damaged cut '[1-9][0-9]* tasks? (is|are) done already' truncate -s -1 $seg
expect "all but the last of it is kept" grep -qE '^11 tasks are done already' out
expect "a segment cut in half" damaged half '[1-9][0-9]* tasks? (is|are) done already' truncate -s $(($(stat -c %s "whole/segments/$victim") / 2)) $seg
expect "a segment with a spot of damage" damaged spot '[1-9][0-9]* tasks? (is|are) done already' flip 2000
expect "a segment of something else" damaged else '' cp a.cfg $seg
expect "it is named by status" run 0 "$victim" status hurt
expect "a lost segment is simply computed again" rm -rf hurt/segments
expect "without any segments" run 0 '6/6 cells, 12/12 tasks' run a.cfg -o hurt
expect "the results are the same" same_digest hurt whole

# results that are only in sweep.h5 -----------------------------------

rm -rf hurt && cp -r whole hurt && echo junk >hurt/sweep.h5
for command in status table report; do
    expect "a sweep.h5 of something else does not hinder $command" run 0 'hurt/sweep.h5 is no whole result file of spikesweep; it is left alone' $command hurt
    expect "it is left alone by $command" [ "$(cat hurt/sweep.h5)" = junk ]
done
expect "a run keeps it under another name" run 0 'hurt/sweep.h5 is no whole result file of spikesweep: it is kept as hurt/sweep-1.h5' run a.cfg -o hurt
expect "as it was" [ "$(cat hurt/sweep-1.h5)" = junk ]
expect "and makes a new one" same_digest hurt whole
rm -rf here && mkdir here && echo precious >here/sweep.h5
in_this_folder() { (cd here && run 0 'sweep.h5 .* it is kept as ./sweep-1.h5' run ../d.cfg -o .); }
expect "a run in a folder in which there is a sweep.h5 already" in_this_folder
expect "keeps that one" [ "$(cat here/sweep-1.h5)" = precious ]

for rest in 'no segments' 'fewer segments'; do
    rm -rf hurt && cp -r more hurt
    if [ "$rest" = 'no segments' ]; then rm hurt/segments/*.seg; else rm "$(ls hurt/segments/*.seg | head -n 1)"; fi
    for command in status table report; do
        expect "$rest: $command reads sweep.h5 as it is" run 0 'hurt/sweep.h5 holds outcomes that no segment holds; it is read as it is' $command hurt
    done
    expect "$rest: nothing is lost by that" cmp hurt/sweep.h5 more/sweep.h5
    expect "$rest: a run keeps it" run 0 'hurt/sweep.h5 holds outcomes that no segment holds: it is kept as hurt/sweep-1.h5' run a.cfg -o hurt
    expect "$rest: whole" cmp hurt/sweep-1.h5 more/sweep.h5
    expect "$rest: once" [ "$(ls hurt/*.h5 | wc -l)" -eq 2 ]
done
rm -rf hurt && cp -r more hurt && rm hurt/segments/*.seg
expect "pack keeps it as well" run 0 'it is kept as hurt/sweep-1.h5' pack hurt
expect "whole, too" cmp hurt/sweep-1.h5 more/sweep.h5

# damaged networks ----------------------------------------------------

rm -rf hurt && cp -r whole hurt
network=$(find hurt/models -name '*.h5' | sort | head -n 1)
id=$(basename "$network" .h5)
for how in cut flipped emptied; do
    rm -rf hurt && cp -r whole hurt
    case $how in
    cut) truncate -s -100 "$network" ;;
    flipped) seg=$network flip 5000 ;;
    emptied) truncate -s 0 "$network" ;;
    esac
    expect "a network that was $how is named" run 0 "${id:0:8}\), gaussian: failed: .*models/$id.h5: .*; it is kept as hurt/models/$id.h5.damaged-1, this network is trained again" run b.cfg -o hurt
    expect "once" [ "$(grep -c 'trained again' out)" -eq 1 ]
    expect "it is trained again at once, and all are attacked" grep -qE '6/6 cells, 18/18 tasks, 0 running, 0 failed' out
    expect "it is there" cmp "$network" "whole/models/$id.h5"
    expect "what was damaged is kept" [ -e "$network.damaged-1" ]
    expect "the results are those of an undisturbed run" same_digest hurt more
done
rm -rf hurt && cp -r whole hurt && rm "$network"
expect "one that is missing is trained again" run 0 '^1 network is missing' run b.cfg -o hurt
expect "to the same results" same_digest hurt more
for network in hurt/models/*.h5; do truncate -s -1 "$network"; done
sed 's/gaussian/bim/' b.cfg >c.cfg
expect "if all networks are damaged, one attempt is enough" run 0 '6/6 cells, 18/18 tasks, 0 running, 0 failed' run c.cfg -o hurt --attempts 1
expect "each is said" [ "$(grep -c 'trained again' out)" -eq 6 ]

finish
