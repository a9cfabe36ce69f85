# Sourced by the tests on Slurm, after lib.sh: a Slurm of several nodes on this
# machine, below $WORK/slurm, without systemd. Each node has a host name, a /tmp
# and a /dev/shm of its own (unshare), so that two of them share no more memory
# than two machines would.
#   slurm_start N_NODES     all are idle when it returns; sets SLURM_CONF
#   slurm_stop
slurm=$WORK/slurm
n_node_cores=2

slurm_write_conf() { # N_NODES
    local port=$((20000 + RANDOM % 20000)) nodes="" i
    for ((i = 1; i <= $1; i++)); do
        nodes+="NodeName=n$i NodeHostname=n$i NodeAddr=127.0.0.1 Port=$((port + i)) CPUs=$n_node_cores"$'\n'
    done
    cat >"$slurm/slurm.conf" <<TEXT
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm/munge/socket
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool.%n
TmpFS=$slurm/tmp.%n
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.%n.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$slurm/jobs.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=pmix
ReturnToService=2
SlurmdParameters=config_overrides
SlurmdTimeout=10
KillWait=3
MailProg=/bin/true
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
${nodes}PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
TEXT
}

slurm_start_munge() {
    local place=$slurm/munge
    mkdir -m 755 "$place"
    head -c 1024 /dev/urandom >"$place/key"
    chmod 400 "$place/key"
    munged --force --key-file="$place/key" --socket="$place/socket" --pid-file="$place/pid" \
        --log-file="$place/log" --seed-file="$place/seed"
}

slurm_start_node() { # NAME
    mkdir -p "$slurm/spool.$1" "$slurm/tmp.$1"
    chmod 1777 "$slurm/tmp.$1"
    unshare -um bash -c "hostname $1 && mount -t tmpfs tmpfs /dev/shm && exec slurmd -N $1 -f '$slurm/slurm.conf'"
}

slurm_wait() { # SECONDS COMMAND...: until it succeeds
    local i limit=$(($1 * 10))
    shift
    for ((i = 0; i < limit; i++)); do
        "$@" && return
        sleep 0.1
    done
    return 1
}

slurm_all_idle() { # N_NODES
    [ "$(sinfo -h -N -t idle -o %N 2>/dev/null | sort -u | wc -l)" -eq "$1" ]
}

slurm_start() { # N_NODES
    local i
    mkdir -m 755 -p "$slurm/state"
    chmod 755 "$WORK"
    export SLURM_CONF=$slurm/slurm.conf
    slurm_write_conf "$1"
    slurm_start_munge || return 1
    slurmctld -f "$SLURM_CONF" || return 1
    for ((i = 1; i <= $1; i++)); do
        slurm_start_node "n$i" || return 1
    done
    slurm_wait 30 slurm_all_idle "$1" || { sinfo -N; tail -5 "$slurm"/*.log; return 1; }
}

slurm_stop() {
    local file
    scancel -u "$(id -un)" 2>/dev/null
    sleep 1
    for file in "$slurm"/slurmd.*.pid "$slurm/slurmctld.pid" "$slurm/munge/pid"; do
        [ -e "$file" ] && kill "$(cat "$file")" 2>/dev/null
    done
    sleep 1
    pkill -9 -f "(slurmd -N .*|slurmctld) -f $slurm" 2>/dev/null
    return 0
}

# Is the job of that number still waiting or running?
slurm_has() { [ -n "$(squeue -h -j "$1" -o %i 2>/dev/null)" ]; }
slurm_has_not() { ! slurm_has "$1"; }
slurm_runs() { [ "$(squeue -h -j "$1" -o %T 2>/dev/null)" = RUNNING ]; }
# It ran, and waits again.
slurm_waits() { [ "$(squeue -h -j "$1" -o %T 2>/dev/null)" = PENDING ]; }
