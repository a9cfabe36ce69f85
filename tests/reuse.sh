#!/usr/bin/env bash
# Results of other sweeps are taken over instead of computed again; folders that
# are damaged, foreign or of another tuning are refused and nothing is changed.
. tests/lib.sh
. tests/sweep_lib.sh

cd "$WORK" || exit 1

experiment() { # FILE SEEDS ATTACKS
    cat >"$1" <<TEXT
dataset  = { kind = "synthetic"; n_train = 64; n_test = 30; height = 6; width = 6; };
network  = { kind = "mlp"; hidden = [8]; n_steps = 2; };
training = ( { n_epochs = 1; batch_size = 32; seed = [$2]; },
             { kind = "dummy"; end = [ "diverge", "segv" ]; } );
attacks  = ( $3 );
TEXT
}
fgsm='{ kind = "fgsm"; samples_per_task = 10; }' noise='{ kind = "gaussian"; }'
experiment first.cfg "1, 2" "$fgsm"
experiment second.cfg "3" "$fgsm, $noise"
experiment all.cfg "1, 2, 3, 4" "$fgsm, $noise"

run() { # STATUS FILE OPTION...
    local wanted=$1 status
    shift
    "$SPIKESWEEP" run "$@" --progress plain --attempts 1 >log 2>&1
    status=$?
    [ "$status" -eq "$wanted" ] || { echo "status $status instead of $wanted:"; cat log; return 1; }
}
says() { grep -qE -- "$1" log || { echo "no \"$1\" in:"; cat log; return 1; }; }
results() { "$SPIKESWEEP" status "$1" | sed -n 's/^experiment: .*; \([0-9]*\) have a result.*/\1/p'; }
values() { # FILE DATASET: its texts, one a line
    h5dump -d "$2" -w 0 "$1" | grep -E '^ *\([0-9,]+\): ' | grep -oE '"[^"]*"'
}
origins() { # DIR: state|origin of each training and evaluation
    paste -d '|' <(values "$1/sweep.h5" /trials/state) <(values "$1/sweep.h5" /trials/origin)
    paste -d '|' <(values "$1/sweep.h5" /robustness/evaluation_state) \
        <(values "$1/sweep.h5" /robustness/evaluation_origin)
}
computed() { # DIR: results that are not from elsewhere
    origins "$1" | grep -cE '^"(done|diverged)"\|""$'
}

run 1 first.cfg -o first
run 1 second.cfg -o second
run 1 all.cfg -o whole
reference=$(results_digest whole)

run 1 all.cfg -o all --reuse first --reuse second
# 2 trainings, 2 fgsm in 3 parts, the dummy that diverges; then 1, 3, 1.
expect "results are taken over from the first" says '^9 results are taken over from first$'
expect "and from the second what the first has not" says '^5 results are taken over from second$'
expect "the results are those of a sweep that computed all" [ "$(results_digest all)" = "$reference" ]
expect "what has a result counts once" [ "$(results all)" -eq "$(results whole)" ]
expect "networks are taken over as well" cmp -s "first/models/$(ls first/models | head -1)" "all/models/$(ls first/models | head -1)"
# Seed 4 with both attacks, gaussian of seeds 1 and 2.
expect "only the rest was computed" [ "$(computed all)" -eq 5 ]
expect "sweep.h5 says where the others are from" eval 'origins all | grep -q "done.*$WORK/first\"$"'
expect "and that of the second" eval 'origins all | grep -q "done.*$WORK/second\"$"'
run 1 all.cfg -o all --reuse first
expect "nothing is taken over twice" says '^0 results are taken over from first$'
run 1 all.cfg -o chain --reuse all
expect "a chain of sweeps is told to its first link" [ "$(results_digest chain)" = "$reference" -a "$(computed chain)" -eq 0 ]
expect "link by link" eval 'origins chain | grep -q "$WORK/all, which has it from $WORK/first"'

# Parts of another size fill the gaps.
experiment parts.cfg "1" '{ kind = "fgsm"; samples_per_task = 10; }'
run 1 parts.cfg -o parts
experiment parts.cfg "1" '{ kind = "fgsm"; samples_per_task = 7; }'
run 1 parts.cfg -o parts7 --reuse parts
expect "parts of another size count" says '^5 results are taken over from parts$'
expect "and make the same whole" [ "$(results_digest parts7)" = "$(results_digest parts)" -a "$(computed parts7)" -eq 0 ]

# A network that is missing or damaged there.
cp -r first lame
for file in lame/models/*.h5; do printf damage | dd of="$file" bs=1 seek=700 conv=notrunc status=none; done
run 1 all.cfg -o healed --reuse lame
expect "damaged networks are not taken over, but trained again" says '^2 networks are missing'
expect "to the same bits" [ "$(results_digest healed)" = "$reference" ]

# Refused ----------------------------------------------------------------
refused() { # NAME PATTERN OPTION...
    local name=$1 pattern=$2
    shift 2
    expect "$name is refused" run 2 all.cfg -o none "$@"
    expect "$name: in one clear sentence" says "$pattern"
    [ "$(wc -l <log)" -eq 1 ] || { cat log; fail "$name: in one line"; }
    expect "$name: nothing is written" [ ! -e none ]
}
refused "what is not there" '--reuse nowhere: No such file' --reuse nowhere
refused "a file" '--reuse whole/sweep.h5: not a folder; results are taken over from the folder of a sweep' --reuse whole/sweep.h5
mkdir empty
refused "a folder that is no sweep's" 'empty: not the folder of a sweep' --reuse empty
refused "one of several" 'empty: not the folder of a sweep' --reuse first --reuse empty
cp -r first hurt
segment=$(ls hurt/segments/*.seg | head -1)
truncate -s -9 "$segment"
refused "a damaged folder" "--reuse hurt: $segment: .*; nothing is taken over" --reuse hurt
cp -r first tuned
sed -i 's/0\.[0-9]*/0.123/' tuned/tuning.txt
refused "another tuning" '--reuse tuned: .*(another tuning|tuning.txt)' --reuse tuned
run 2 all.cfg -o all --reuse all/.
expect "its own folder is refused" says 'this is the folder of the sweep itself'
finish
