#!/usr/bin/env bash
# The command line: what each subcommand says, its exit status, and what it
# leaves in the folder. Runs are small, but every result is computed for real.
. "$(dirname "$0")/lib.sh"
cd "$WORK" || exit 1

# check NAME STATUS PATTERN ARGUMENTS...: passes if the program ends with this
# status and says something that the pattern (grep -E) matches.
check() {
    local name=$1 status=$2 pattern=$3 got
    shift 3
    "$SPIKESWEEP" "$@" >out 2>err </dev/null
    got=$?
    if [ "$got" -eq "$status" ] && says "$pattern"; then
        pass "$name"
    else
        echo "spikesweep $*: status $got, expected $status and /$pattern/:"
        cat out err
        fail "$name"
    fi
}

says() { [ -z "$1" ] || cat out err | grep -qE -e "$1"; }
says_not() { ! says "$1"; }
digest_of() { h5dump -a /results_digest "$1/sweep.h5" | sed -n 's/.*(0): //p'; }
same_digest() { [ -n "$(digest_of "$1")" ] && [ "$(digest_of "$1")" = "$(digest_of "$2")" ]; }
segments() { ls "$1"/segments/*.seg | wc -l; }
models() { find "$1/models" -name '*.h5' -printf '%f %T@ %i\n' | sort; }
# All but sweep.h5, which bears the date at which it was made, and the mark that
# each run leaves.
contents() { find "$1" -type f ! -name sweep.h5 ! -name '*.run' -exec md5sum {} + | sort; }

# experiment FILE ATTACKS...: four small cells, attacked so.
experiment() {
    local file=$1
    shift
    cat >"$file" <<END
dataset = { kind = "synthetic"; n_train = 64; n_test = 32; };
network = { kind = "mlp"; hidden = [8]; n_steps = 2; };
surrogate = [ "triangular", "rectangular" ];
regularizer = [ "none", "mpd_sgr" ];
training = { n_epochs = 1; batch_size = 16; };
attacks = ( $(printf '{ kind = "%s"; epsilons = [0, 8/255]; n_samples = 16; } ' "$@" | sed 's/} {/}, {/g'));
END
}

# dummy FILE N SLEEP: N cells that only sleep.
dummy() {
    echo "training = { kind = \"dummy\"; sleep_s = $3; }; seeds = $2;" >"$1"
}

# help and mistakes ---------------------------------------------------

for command in plan run trial status table query curves pareto compare diff audit matrix report list tune pack doctor verify export import ablate correlate evaluate convert; do
    check "$command --help tells its usage" 0 "^usage: spikesweep $command " $command --help
    expect "$command --help is no complaint" [ ! -s err ]
done
check "-h is --help" 0 '^usage: spikesweep run FILE' run -h
check "--help lists the options with their defaults" 0 '--patience TIME +.*default 10m' run --help
check "--help lists all commands" 0 '^  report +DIR' --help
check "help is --help" 0 '^usage: spikesweep COMMAND' help
check "--version tells the version" 0 '^spikesweep [0-9]+\.[0-9]+' --version
check "--help tells how to choose the engine" 0 '^  SPIKESWEEP_ENGINE +avx512, avx2 or plain' --help
check "without a command it tells what there are" 2 '^  run +FILE'
check "an unknown command is refused, the nearest named" 2 'no command pln; did you mean plan\?' pln
check "a command like no other is refused" 2 'no command zzzzzz$' zzzzzz
dummy one.cfg 1 0
check "an unknown option is refused, the nearest named" 2 'no option --outptu; did you mean --output\?' run --outptu x one.cfg
check "an unknown option with a value, too" 2 'no option --limt; did you mean --limit\?' run one.cfg --limt=3
check "an unknown letter is refused" 2 'no option -x; --help lists' run -x one.cfg
check "a missing value is named" 2 '--limit needs a value: TIME' run one.cfg --limit
check "a time is a number with a unit" 2 '--limit = 3w: seconds are allowed' run one.cfg --limit 3w
check "a time is not negative" 2 '--patience = -1: seconds are allowed' run one.cfg --patience -1
check "a count is a whole number" 2 '--attempts = 1.5: a whole number' run one.cfg --attempts 1.5
check "a count is not negative" 2 '--attempts = -1: a whole number' run one.cfg --attempts -1
check "a count is not negative behind a space, either" 2 '--attempts =  -1: a whole number' run one.cfg --attempts ' -1'
check "no attempt is too few" 2 '--attempts 0: at least 1' run one.cfg --attempts 0
check "a mode is one of four" 2 'auto, live, plain or none' run one.cfg --progress loud
check "a flag takes no value" 2 '--all takes no value' plan one.cfg --all=3
check "an empty folder name is refused" 2 '--output needs a value: DIR' run one.cfg --output=
check "run needs a file" 2 '0 arguments given; usage: spikesweep run FILE' run
check "run takes one file only" 2 '2 arguments given' run one.cfg two.cfg
check "a run that is refused says so in its exit file, too" 2 'nowhere.cfg' run nowhere.cfg --exit-file ended
expect "with the status" [ "$(cat ended)" = 2 ]
check "a missing file is named" 2 'nowhere.cfg: cannot read: No such file' run nowhere.cfg
check "a folder is no experiment" 2 "$WORK" run "$WORK"
check "behind -- there are no options" 2 '--limit: cannot read: No such file' run -- --limit
expect "nothing of all that made a folder" [ -z "$(ls -d ./*.sweep 2>/dev/null)" ]

full_output_is_an_error() {
    "$SPIKESWEEP" list all >/dev/full 2>err
    [ $? -eq 2 ] && grep -q 'standard output: No space left' err
}
expect "output that cannot be written is an error" full_output_is_an_error

# list, plan, trial ---------------------------------------------------

check "list names every axis" 0 '^regularizer .*' list
axes=(dataset encoding network normalization attention neuron surrogate gate loss regularizer deflation optimizer retraction schedule augmentation adversary conversion training attack attack_surrogate attack_rule attack_source sampler)
for axis in "${axes[@]}"; do
    expect "list names $axis" says "^$axis "
done
check "list all tells all parameters" 0 'learning_rate = ' list all
expect "list all tells all axes" [ "$(grep -c '^[a-z_]*: ' out)" -eq ${#axes[@]} ]
check "list of an axis tells default, range and source" 0 '^    triangular \(default\): ' list surrogate
expect "with the range allowed" says "a number from 0.001 to 1000"
expect "with the source" says '^        source: '
expect "and no other axis" [ "$(grep -c '^[a-z]*: ' out)" -eq 1 ]
"$SPIKESWEEP" list attack >by_axis
check "list takes an axis by the name of its section" 0 '^attack: ' list attacks
expect "to say the same" cmp out by_axis
check "list takes one kind of an axis" 0 '^    fgsm: ' list attack fgsm
expect "and tells of no other" [ "$(grep -c '^    [a-z_0-9]*: ' out)" -eq 1 ]
check "an unknown kind is refused, the nearest named" 2 'no attack pdg; did you mean pgd\?' list attack pdg
check "an unknown axis is refused, the nearest named" 2 'no axis surogate; did you mean surrogate\?' list surogate

experiment a.cfg fgsm
check "plan counts cells and attacks" 0 '^4 cells \(0 pruned, 0 double\), 1 attacks each' plan a.cfg
expect "plan lists every cell" [ "$(grep -cE '^ +[0-9]+  [0-9a-f]{8} ' out)" -eq 4 ]
expect "plan tells what attacks take at most" says '^[0-9]+:[0-9]+:[0-9]+ of that are attacks, at most: '
expect "plan tells what varies" says 'rectangular, mpd_sgr$'
digest=$(awk '$1 == 2 { print $2 }' out)
expect "plan makes no folder" [ ! -e a.sweep ]
check "plan can do without times" 0 '^at most .* of memory a rank' plan --untimed a.cfg
expect "and then names none" says_not 'on one core|on 1 thread'
echo 'exclude = ( { surrogate = "triangular"; regularizer = "none"; } );' | cat a.cfg - >pruned.cfg
check "plan tells why a combination is pruned" 0 '^pruned combination 0 \(triangular, no regularizer\): excluded by .*pruned.cfg:7$' plan pruned.cfg
expect "and counts it" says '^3 cells \(1 pruned'

sed 's/hidden = \[8\]/hidden = [8, 1]/' a.cfg >tiny.cfg
check "plan tells the memory of small networks, too" 0 ' [1-9][0-9]* kB  triangular, no regularizer$' plan tiny.cfg
echo 'exclude = ( { surrogate = "triangular"; } );' | cat a.cfg - >gone.cfg
check "a parameter that is pruned away is named all the same" 0 '^pruned combination 1 \(triangular, mpd_sgr\): ' plan gone.cfg

# More memory than any machine has; beside it a cell that fits.
cat >large.cfg <<'END'
dataset = { kind = "synthetic"; n_train = 2048; n_test = 8; height = 256; width = 256; };
network = ( { kind = "csnn"; channels = [4096, 4096]; n_steps = 32; }, { kind = "mlp"; hidden = [2]; n_steps = 1; } );
training = ( { kind = "bptt"; n_epochs = 1; batch_size = 2048; }, { kind = "dummy"; } );
exclude = ( { training = "bptt"; network = "mlp"; }, { training = "dummy"; network = "csnn"; } );
attacks = "gaussian";
END
check "plan tells that a cell does not fit" 0 '^ +0  [0-9a-f]{8} +\? +[0-9.]+ TB  csnn, .*bptt  \(does not fit\)$' plan large.cfg
expect "and that it is not run" says '^1 cell does not fit in it: a run here does not start what is too large$'
check "run does not start it" 1 'cell 0 \([0-9a-f]{8}\), training: failed: does not fit in memory: needs [0-9.]+ TB of memory' run large.cfg
expect "and does not try again" [ "$(grep -c '^cell 0 ' err)" -eq 1 ]
expect "the others are run" says '^\[#+\] 2/2 cells, 3/3 tasks, 0 running, 1 failed'
check "status tells so" 0 'failed: training of csnn.*: does not fit in memory' status large.sweep
check "trial refuses it" 2 'the cell needs [0-9.]+ TB of memory, and this machine has ' trial large.cfg 0
rm -r large.sweep

check "trial computes a cell by its number" 0 'digest of the result' trial a.cfg 2
expect "trial tells the cell's digest" says "^cell 2, $digest"
expect "trial attacks as well" says 'attacked by fgsm'
grep 'digest of' out >by_number
check "trial attacks some samples alone" 0 'attacked by fgsm in .*, 3 samples of 16, from 5 on' \
    trial --samples 5:3 a.cfg 2
check "samples that are not there are refused" 2 'samples 15 to 18 of 16 are no part of the 16' \
    trial --samples 15:3 a.cfg 2
for samples in 5 :3 5: 5:0 5:3x -1:3; do
    check "trial refuses --samples $samples" 2 "--samples $samples: allowed is FIRST:N" trial --samples "$samples" a.cfg 2
done
check "trial takes threads, and recomputes" 0 'digest of the result' trial --threads 3 --recompute a.cfg 2
expect "to the same bits" cmp <(grep 'digest of' out) by_number
check "no thread at all is refused" 2 '--threads 0: 1 to 1024 are allowed' trial --threads 0 a.cfg 2
check "plan says how to share out the machine" 0 '^best here: .*spikesweep run .*a.cfg$' plan a.cfg
check "trial computes a cell by its digest" 0 '^cell 2, ' trial a.cfg "${digest:0:6}"
grep 'digest of' out >by_digest
expect "to the same results" cmp by_number by_digest
expect "one each for training and attack" [ "$(wc -l <by_number)" -eq 2 ]
check "a cell that is not there is refused" 2 'allowed is a number below 4' trial a.cfg 4
check "a digest too short is refused" 2 'at least 4' trial a.cfg abc
check "trial needs a cell" 2 'no cell is named; spikesweep plan a.cfg lists them' trial a.cfg
check "trial of a dummy that exits ends as it does" 3 'exits, as told' trial <(echo 'training = { kind = "dummy"; end = "exit"; };') 0
check "a trial without its supervisor computes nothing" 1 '' trial --supervisor 1 nowhere
expect "trial stores nothing" [ -z "$(ls -d ./*.sweep nowhere 2>/dev/null)" ]

# run, and run again --------------------------------------------------

check "run tells where the results are" 0 '4 cells, 8 tasks .*, 1 rank, results in a.sweep/' run a.cfg
expect "run says how far it is" says '4/4 cells, 8/8 tasks, 0 running, 0 failed'
expect "run keeps the experiment file" cmp a.cfg a.sweep/experiment.cfg
expect "a network is kept per cell" [ "$(models a.sweep | wc -l)" -eq 4 ]
expect "sweep.h5 has a digest of the results" [ "$(digest_of a.sweep | wc -c)" -gt 32 ]
contents a.sweep >before
check "run again says that all is done" 0 '^8 tasks are done already' run a.cfg --exit-file ended
expect "and leaves its exit status for scripts" [ "$(cat ended)" = 0 ]
contents a.sweep >after
expect "run again changes nothing" cmp before after

models a.sweep >models_before
old=$(digest_of a.sweep)
cp a.cfg old.cfg
experiment a.cfg fgsm gaussian
check "an attack that is added is computed" 0 '4/4 cells, 12/12 tasks' run a.cfg
expect "it knows what was done" says '^8 tasks are done already'
models a.sweep >models_after
expect "it trains nothing again" cmp models_before models_after
expect "it adds results" [ "$(digest_of a.sweep)" != "$old" ]
expect "the experiment file is the new one" cmp a.cfg a.sweep/experiment.cfg
expect "the old one is kept as experiment-1.cfg" cmp old.cfg a.sweep/experiment-1.cfg

n=$(segments a.sweep)
new=$(digest_of a.sweep)
tac a.cfg | sed 's/"triangular", "rectangular"/"rectangular", "triangular"/' >b.cfg
check "another order of axes and choices computes nothing" 0 '^12 tasks are done already' run b.cfg -o a.sweep
expect "it writes no segment" [ "$(segments a.sweep)" -eq "$n" ]
expect "its results are the same" [ "$(digest_of a.sweep)" = "$new" ]
expect "experiment-2.cfg is kept beside experiment-1.cfg" cmp a.cfg a.sweep/experiment-2.cfg
check "fewer attacks take nothing away" 0 '^8 tasks are done already' run old.cfg -o a.sweep
expect "the results are still there" [ "$(digest_of a.sweep)" = "$new" ]

gone=$(find a.sweep/models -name '*.h5' | sort | head -n 1)
rm "$gone"
models a.sweep >models_before
check "a network that nobody needs is not trained again" 0 '^12 tasks are done already' run a.cfg
expect "it says nothing of it" says_not 'trained again'
expect "it is not made" [ ! -e "$gone" ]
experiment a.cfg fgsm gaussian pgd
check "a network that is needed is trained again" 0 '4/4 cells, 16/16 tasks' run a.cfg
expect "it says so" says '^1 network is missing in a.sweep/models and will be trained again'
expect "it is there" [ -s "$gone" ]
models a.sweep | grep -v "$(basename "$gone")" >models_after
expect "the others were left alone" cmp models_before models_after
check "the same at once" 0 '4/4 cells, 16/16 tasks' run a.cfg -o once
expect "gives the same results" same_digest a.sweep once

# results -------------------------------------------------------------

check "status tells that all is done" 0 '16 have a result, 0 do not' status a.sweep
check "matrix says how to ask for one" 0 'surrogate = "matrix"' matrix a.sweep
check "for programs, too" 0 '^cell,trial,seed,.*,robust_accuracy,' matrix --csv a.sweep
check "table tells every cell" 0 'rectangular' table a.sweep
expect "table tells the regularizer" says 'mpd_sgr'
check "report names its page" 0 'a.sweep/report/report.html' report a.sweep
expect "report makes its page" [ -s a.sweep/report/report.html ]
check "report makes it elsewhere if told so" 0 'elsewhere/report.html' report a.sweep -o elsewhere
expect "there, too" [ -s elsewhere/report.html ]
for command in status table; do
    check "$command reads a sweep.h5 by itself" 0 'rectangular|trainings' $command a.sweep/sweep.h5
done
check "table takes no results for others" 2 'a.cfg' table a.cfg
check "pack makes sweep.h5 anew" 0 '' pack a.sweep
expect "the same one" same_digest a.sweep once
for command in status table audit matrix report pack; do
    check "$command refuses a folder that is not there" 2 'nowhere' $command nowhere
    check "$command refuses a folder without a sweep" 2 'not the folder of a sweep' $command /usr
done

# other experiments ---------------------------------------------------

cp -r a.sweep mixed
sed 's/n_epochs = 1/n_epochs = 2/' old.cfg >other.cfg
cp other.cfg mixed/experiment.cfg
check "counts every cell of it" 0 '4 cells, 8 tasks; 0 have a result, 8 do not' status mixed
expect "as pending" says '^trainings( +0){7} +4 +0 +4$'
expect "and its attacks" says '^evaluations( +0){7} +4 +0 +4$'
expect "results of others have a line of their own" says '^no longer in the experiment, and kept: 16 results of [0-9]+ cells$'

# several runs --------------------------------------------------------

dummy long.cfg 4 1.5
"$SPIKESWEEP" run long.cfg >first 2>&1 </dev/null &
long=$!
sleep 2.5
check "status tells who runs" 0 "^a run goes on: .*, process $long, since .* UTC, 1 rank$" status long.sweep
expect "and what runs" says '^trainings +[0-9]+( +0){5} +1 +[0-9]+ +0 +[0-9]+$'
check "a second run is warned" 0 "^WARNING: another run serves this folder: .*, process $long, since .* UTC; what both do" run long.cfg
wait $long
expect "the first one was not" [ "$(grep -c WARNING first)" -eq 0 ]
check "both end well" 0 '4 have a result, 0 do not' status long.sweep
expect "none goes on" says_not 'goes on'
check "a third one is not warned" 0 '4 tasks are done already' run long.cfg
expect "of those that have ended" says_not WARNING
dummy long.cfg 4 1.6
"$SPIKESWEEP" run long.cfg >first 2>&1 </dev/null &
long=$!
sleep 1
kill -9 $long
wait $long 2>/dev/null
check "a run that was killed does not go on" 0 '4 cells' status long.sweep
expect "and is not taken to" says_not 'goes on'

# what the file asks and the data refuse ---------------------------------

echo 'dataset = "idx";' >place.cfg
check "a folder that is needed, too" 2 ' place.cfg:1: dataset idx: folder is empty' plan place.cfg
printf 'dataset = { kind = "idx";\n  folder = "/nowhere"; };\n' >place.cfg
check "a folder that is not there" 2 ' place.cfg:1: /nowhere/train-images-idx3-ubyte: no such file' plan place.cfg
echo 'network = { n_steps = 2; };' >part.cfg
printf '@include "part.cfg"\n\ndataset = { kind = "synthetic"; n_train = 1; };\n' >place.cfg
check "data that are too few are refused by line" 2 'place.cfg: no cell is left: place.cfg:3: dataset: 1 training samples are too few' plan place.cfg
printf 'dataset = "synthetic";\nsurrogate = "sigmoid";\nregularizer = "mpd_sgr";\n' >place.cfg
check "and what does not go together" 2 'the first one: place.cfg:3: regularizer mpd_sgr: ' plan place.cfg

# refused files -------------------------------------------------------

contents a.sweep >before
echo 'surrogate = "triangulra";' >bad.cfg
check "a refused file is refused by line" 2 'bad.cfg:1: .*triangulra.*triangular' run bad.cfg -o a.sweep
contents a.sweep >after
expect "and changes nothing" cmp before after
check "nor does it make a folder" 2 'bad.cfg:1' run bad.cfg -o new.sweep
expect "of any name" [ ! -e new.sweep ]

# failing cells -------------------------------------------------------

cat >fails.cfg <<END
training = { kind = "dummy"; end = [ "done", "exit", "diverge", "abort" ]; };
END
check "a failing cell is the exit status" 1 'cell 1 \([0-9a-f]{8}\), training: failed: exit status 3, attempt 1: the dummy exits' run fails.cfg
expect "it is tried three times" [ "$(grep -c '^cell 1 .*attempt [123]:' err)" -eq 3 ]
expect "a broken promise is told" says 'cell 3 .*signal 6 \(Aborted\), attempt 1.*broken promise'
expect "a diverged one is no failure" says_not '^cell 2'
expect "the number that failed is told" says '^2 tasks failed; spikesweep status fails.sweep tells why'
check "status names the cells that failed" 0 'exit status 3' status fails.sweep
check "what failed is tried again by the next run" 1 'cell 1 .*attempt 4' run fails.cfg --attempts 1
expect "once, if told so" [ "$(grep -c '^cell 1 ' err)" -eq 1 ]
expect "what is done is not" says '^2 tasks are done already'
cat >hangs.cfg <<END
training = { kind = "dummy"; end = [ "hang", "done" ]; };
END
check "a cell that hangs is killed at its limit" 1 'cell 0 .*timed out: killed after 0.2 s, its limit, attempt 1' run hangs.cfg --limit 0.2s --attempts 1

check "a folder may begin with a dash" 0 '1/1 cells' run one.cfg -o -x --refresh 0.1
check "and is then named behind --" 0 '1 have a result' status -- -x

# signals -------------------------------------------------------------

dummy whole.cfg 16 0.08
check "a run of sixteen cells ends well" 0 '' run whole.cfg --progress none
expect "without progress it says nothing" says_not .

# stopped_by SIGNAL: runs, is told to stop after some results, goes on.
stopped_by() {
    local folder=stop_$1 status
    "$SPIKESWEEP" run whole.cfg -o "$folder" >out 2>err </dev/null &
    local pid=$!
    for ((i = 0; i < 200; i++)); do
        [ "$(ls "$folder/segments" 2>/dev/null | grep -c seg)" -ge 1 ] && break
        sleep 0.02
    done
    kill -s "$1" $pid
    wait $pid
    status=$?
    [ "$status" -eq 75 ] || { echo "status $status"; cat err; return 1; }
    grep -q '^interrupted: the same command goes on' err && [ -s "$folder/sweep.h5" ]
}
goes_on() {
    local folder=stop_$1
    "$SPIKESWEEP" run whole.cfg -o "$folder" >out 2>err </dev/null &&
        grep -qE '^[1-9][0-9]? tasks are done already' err &&
        grep -q '16/16 cells, 16/16 tasks' err && same_digest "$folder" whole.sweep
}
for signal in TERM INT HUP USR1 USR2; do
    expect "SIG$signal stops the run" stopped_by $signal
    expect "the next run goes on after SIG$signal" goes_on $signal
done

stays_readable() { # while the run goes on
    local n=0
    "$SPIKESWEEP" run whole.cfg -o live --refresh 0.1 >out 2>err </dev/null &
    local pid=$!
    while kill -0 $pid 2>/dev/null; do
        if [ -e live/sweep.h5 ]; then
            h5dump live/sweep.h5 >/dev/null 2>err || { cat err; return 1; }
            "$SPIKESWEEP" status live >said 2>&1 || { cat said; return 1; }
            n=$((n + 1))
        fi
    done
    wait $pid && [ "$n" -ge 2 ] && same_digest live whole.sweep
}
expect "sweep.h5 is readable while it is made anew" stays_readable

finish
