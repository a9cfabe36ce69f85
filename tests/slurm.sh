#!/usr/bin/env bash
# Sweeps under a real Slurm of three nodes: by srun and by mpirun, as an array,
# told to stop, cancelled, with a node killed or taken away. Every time the
# results are those of a run that nobody disturbed, to the bit.
# Needs root, and Slurm's and munge's programs (make check-slurm installs them).
. tests/lib.sh
. tests/sweep_lib.sh
. tests/slurm_lib.sh

if ! unshare -um bash -c 'hostname n1 && mount -t tmpfs tmpfs /dev/shm' 2>/dev/null; then
    skip "sweeps under Slurm" "nodes with a host name and a /dev/shm of their own are not allowed here"
    finish
fi
slurm_start 3 || { fail "a Slurm of three nodes starts"; slurm_stop; finish; }
trap slurm_stop EXIT
export OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=lo
cd "$WORK" || exit 1

cat >sweep.cfg <<'TEXT'
dataset     = { kind = "synthetic"; n_train = 512; n_test = 96; height = 12; width = 12; };
network     = { kind = "csnn"; channels = [16]; hidden = [32]; n_steps = 4; };
regularizer = ( { kind = "none"; }, { kind = "mpd_sgr"; weight = 0.5; } );
training    = { n_epochs = 8; batch_size = 16; };
seeds       = 3;
attacks     = ( { kind = "fgsm"; }, { kind = "pgd"; n_steps = 40; keep_going = true; } );
TEXT
"$SPIKESWEEP" run sweep.cfg -o reference --progress none >log 2>&1 || cat log
reference=$(results_digest reference)

# The same for minutes, most of them asleep: Slurm takes half a minute to see
# that a node is gone.
sed 's/^training .*/training = ( { kind = "bptt"; n_epochs = 8; batch_size = 16; }, { kind = "dummy"; sleep_s = 9; } );/
    s/^seeds .*/seeds = 8;/; s/^exclude.*//' sweep.cfg >long.cfg
on_ranks 6 "$SPIKESWEEP" run long.cfg -o long_reference --progress none >log 2>&1 || cat log

# submit NAME OPTIONS...: sets `job`.
experiment=sweep.cfg
submit() {
    local name=$1
    shift
    "$SPIKESWEEP" submit "$experiment" -o "$name" --time 30 --nodes 3 --ranks 1 "$@" >"$name.out" 2>&1 || cat "$name.out"
    job=$(sed -n 's/^job \([0-9]*\).*/\1/p' "$name.out" | head -1)
}

# ended NAME: its jobs leave the queue; what they said, if they do not.
ended() {
    local id
    for id in $(sed -n 's/^job \([0-9]*\).*/\1/p' "$1.out"); do
        slurm_wait 240 slurm_has_not "$id" && continue
        echo "job $id is still there:"
        squeue -j "$id"
        tail -n 5 "$1"/slurm-*.log
        return 1
    done
}

same_as_reference() { # NAME
    ended "$1" && [ "$(results_digest "$1")" = "$reference" ] && return
    tail -n 8 "$1"/slurm-*.log
    return 1
}

# Some tasks have a result, others not yet.
is_midway() { # NAME
    local n
    n=$("$SPIKESWEEP" status "$1" 2>/dev/null | sed -n 's/.* tasks; \([0-9]*\) have.*/\1/p')
    [ "${n:-0}" -ge 2 ]
}

# What was put back into the queue does not wait two minutes; `job` is its
# number; but some seconds, for slurmd refuses what is launched in the second in
# which it was told to kill the job.
waiting_since=
restarted() { # NAME
    if ! slurm_waits "$job"; then
        waiting_since=
    elif [ -z "$waiting_since" ]; then
        waiting_since=$SECONDS
    elif [ $((SECONDS - waiting_since)) -gt 3 ]; then
        scontrol update jobid="$job" starttime=now 2>/dev/null
    fi
    grep -q 'start 2' "$1"/slurm-*.log
}

submit by_srun
expect "a sweep over three nodes by srun" same_as_reference by_srun
expect "every node took part" [ "$(h5dump -d /trials/host -d /robustness/evaluation_host by_srun/sweep.h5 |
    grep -o '"n[123]"' | sort -u | wc -l)" -eq 3 ]

submit by_mpirun --write
sed -i 's/^if srun --mpi=list.*/if false; then/; s/mpirun --map-by/mpirun --allow-run-as-root --map-by/' by_mpirun/submit.sbatch
echo "job $(sbatch --parsable by_mpirun/submit.sbatch)" >by_mpirun.out
expect "a sweep over three nodes by mpirun" same_as_reference by_mpirun

printf '#!/bin/bash\n"%s" doctor .\n' "$SPIKESWEEP" >doctor.sh
job=$(sbatch --parsable --nodes 2 --ntasks-per-node 1 --output doctor.out doctor.sh)
slurm_wait 60 slurm_has_not "$job"
expect "a doctor in a job starts two ranks by srun" grep -q '^ok  *ranks  *srun --mpi=pmix -n 2 starts two' doctor.out

submit array --nodes 1 --array 3
expect "an array of three jobs that serve one folder, and their merge" same_as_reference array
expect "each had a share of its own" [ "$(grep -h -o 'share [123]/3' array/slurm-*_*.log | sort -u | wc -l)" -eq 3 ]
expect "no task was computed twice" [ "$("$SPIKESWEEP" status array | grep -c 'more than once')" -eq 0 ]

submit stopped
expect "the sweep is under way" slurm_wait 60 is_midway stopped
scancel -b -s USR1 "$job"
expect "a job that is told of its end goes back into the queue" slurm_wait 40 grep -q 'back into the queue' stopped/slurm-"$job".log
expect "it has left checkpoints" [ -n "$(ls stopped/checkpoints)" ]
expect "it gets its next turn" slurm_wait 60 restarted stopped
expect "what was stopped and went on ends in the same bits" same_as_reference stopped

submit cancelled
slurm_wait 60 is_midway cancelled
scancel "$job"
expect "a job that is cancelled stays away" slurm_wait 30 slurm_has_not "$job"
submit cancelled
expect "what was cancelled and submitted again ends in the same bits" same_as_reference cancelled

experiment=long.cfg reference=$(results_digest long_reference)
# Of two nodes the second is lost: the job begins again on the first and the
# third, while what it ran on the second still does.
submit orphaned --nodes 2
slurm_wait 60 is_midway orphaned
lost=$(scontrol show hostnames "$(squeue -h -j "$job" -o %N)" | tail -1)
kill -9 "$(cat "$slurm/slurmd.$lost.pid")"
expect "a job whose node has died begins again" slurm_wait 120 restarted orphaned
expect "beside what is left of its first run it ends in the same bits" same_as_reference orphaned
pkill -9 -f "spikesweep.* $WORK/.*orphaned"
slurm_start_node "$lost"
expect "the node comes back" slurm_wait 60 slurm_all_idle 3

submit evicted
slurm_wait 60 is_midway evicted
scontrol update nodename=n3 state=down reason=test
sleep 2
scontrol update nodename=n3 state=resume 2>/dev/null # or it is back by itself
expect "a job whose node is set down begins again" slurm_wait 60 restarted evicted
expect "a job whose node was set down ends in the same bits" same_as_reference evicted
slurm_stop # before its files are deleted
finish
