#!/usr/bin/env bash
# The script that `submit` writes for Slurm, without a Slurm (with one:
# tests/slurm.sh).
. tests/lib.sh
. tests/sweep_lib.sh
cd "$WORK" || exit 1

# A path that would do harm where somebody forgot to quote.
odd="it's 100% \$(touch harm) \"odd\" @NAME@"
mkdir "$odd"
small_experiment "$odd/my study.cfg"
"$SPIKESWEEP" submit "$odd/my study.cfg" -o "$odd/out" --write --time 2-00:00:00 --nodes 4 --ranks 8 --threads 2 \
    --partition long --array 5 --sbatch "--account=me --mem=64G" >log 2>&1 || cat log
script=$odd/out/submit.sbatch

line() { grep -qxF -- "$1" "$script" || { cat "$script"; return 1; }; }
expect "its path is printed" [ "$(cat log)" = "$(realpath "$script")" ]
expect "it is a script" bash -n "$script"
for wanted in --nodes=4 --ntasks-per-node=8 --cpus-per-task=2 --time=2-00:00:00 --partition=long --array=1-5 \
    "--account=me --mem=64G" --requeue --open-mode=append; do
    expect "it asks for $wanted" line "#SBATCH $wanted"
done
variable() { bash -c "$(grep "^$1=" "$script")"'; printf %s "$'"$1"'"'; }
expect "paths are what they are" [ "$(variable experiment)" = "$(realpath "$odd/my study.cfg")" ]
expect "whatever is in them" [ "$(variable folder)" = "$(realpath "$odd/out")" -a ! -e harm ]

# What the script does, with a srun and an scontrol that only say so.
mkdir fake
printf '#!/bin/bash\n[ "$1" = --mpi=list ] && echo pmix && exit\nprintf "%%s\\n" "$@" >>%q\nwhile [ $# -gt 1 ] && [ "$1" != --exit-file ]; do shift; done\n[ -z "$FAKE_CUT" ] && echo "${FAKE_STATUS:-0}" >"$2"\nexit "${FAKE_STATUS:-0}"\n' \
    "$WORK/said" >fake/srun
printf '#!/bin/bash\necho "scontrol $*" >>%q\n' "$WORK/said" >fake/scontrol
printf '#!/bin/bash\necho 2030-01-01T00:00:00\n' >fake/squeue
chmod +x fake/*
in_slurm() { # FAKE_STATUS RESTARTS
    rm -f said
    PATH=$WORK/fake:$PATH FAKE_STATUS=$1 SLURM_JOB_ID=7 SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MAX=5 \
        SLURM_RESTART_COUNT=$2 bash "$script" >out 2>&1
}
in_slurm 0 0
expect "a sweep that is done ends the job with 0" [ $? -eq 0 ]
expect "each job of an array has its share" grep -qx '2/5' said
expect "and the folder, as one word" grep -qxF "$(realpath "$odd/out")" said
in_slurm 75 0
expect "one that is interrupted goes back into the queue" [ $? -eq 0 -a "$(tail -1 said)" = "scontrol requeue 7_2" ]
in_slurm 75 100
expect "but not for ever" [ $? -eq 75 -a "$(grep -c scontrol said)" -eq 0 ]
in_slurm 1 0
expect "one with failed cells does not" [ $? -eq 1 -a "$(grep -c scontrol said)" -eq 0 ]

folder=$(realpath "$odd/out")
export FAKE_CUT=yes
in_slurm 1 0
expect "one that was cut short does" [ $? -eq 0 -a "$(tail -1 said)" = "scontrol requeue 7_2" ]
expect "and says so" grep -q 'cut short (1 times on end), back into the queue' out
in_slurm 0 100
expect "but for no more restarts than allowed, and then it is no success" [ $? -eq 1 -a "$(grep -c scontrol said)" -eq 0 ]
for _ in 3 4 5 6 7 8 9; do in_slurm 143 5; done
expect "nine times on end" [ "$(tail -1 said)" = "scontrol requeue 7_2" ]
in_slurm 143 5
expect "not ten times" [ $? -eq 143 -a "$(grep -c scontrol said)" -eq 0 ]
in_slurm 1 0
unset FAKE_CUT
in_slurm 75 0
expect "an end of its own begins the count anew" [ ! -e "$folder/slurm-7_2.lost" ]
expect "and leaves no file of its own" [ ! -e "$folder/slurm-7_2.exit" ]

refused() { # MESSAGE OPTIONS...
    local message=$1
    shift
    "$SPIKESWEEP" submit "$odd/my study.cfg" -o refused "$@" >log 2>&1
    [ $? -eq 2 ] && grep -qF -- "$message" log && [ ! -e refused ] && return
    cat log
    return 1
}
expect "a time is needed" refused "--time is needed"
expect "a time is no command" refused "minutes, hours:minutes:seconds or days-hours are allowed" --time '1;ls' --write
expect "a partition is a name" refused "letters, digits" --time 1 --partition $'a\n#SBATCH --uid=0' --write
expect "an option of sbatch is one line" refused "control character" --time 1 --sbatch $'--a\n#SBATCH --b' --write
expect "and an option" refused "which begin with -" --time 1 --sbatch 'rm' --write
expect "no nodes are no job" refused "at least 1 is needed" --time 1 --nodes 0 --write
echo 'attacks = { kind = "pgd"; source = { seed = 2; }; };' >transfer.cfg
"$SPIKESWEEP" submit transfer.cfg -o refused --write --time 1 --array 2 >log 2>&1
expect "an experiment whose attacks need other cells' networks is not divided" \
    [ $? -eq 2 -a -n "$(grep 'cannot be divided into 2 shares' log)" -a "$(wc -l <log)" -eq 1 -a ! -e refused ]
expect "a single job runs it" "$SPIKESWEEP" submit transfer.cfg -o single --write --time 1
expect "an experiment is read before it waits for its turn" \
    bash -c "! '$SPIKESWEEP' submit nothing.cfg --time 1 --write 2>/dev/null"
PATH=/nowhere "$SPIKESWEEP" submit "$odd/my study.cfg" -o without --time 1 >log 2>&1
expect "without sbatch it says so" [ $? -eq 2 -a -n "$(grep 'sbatch cannot be started' log)" ]
finish
