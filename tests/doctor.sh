#!/usr/bin/env bash
# doctor finds what is broken on purpose, and says what to change; where nothing
# is, it says so.
. "$(dirname "$0")/lib.sh"
tools=$(dirname "$SPIKESWEEP")
unset SPIKESWEEP_ENGINE BLIS_ARCH_TYPE SLURM_JOB_ID "${!OMP_@}" "${!GOMP_@}"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
cd "$WORK" || exit 1
mkdir place
# With the address sanitizer a process takes all address space there is, and
# bears no other library before the C library.
by_sanitizer=$(ldd "$SPIKESWEEP" | grep -c 'libasan')

# doctor STATUS [ARGUMENTS...]: what it says goes into the file `out`.
doctor() {
    local status=$1 got
    shift
    "$SPIKESWEEP" doctor "$@" >out 2>&1
    got=$?
    [ "$got" -eq "$status" ] && return
    echo "doctor $*: status $got, expected $status:"
    cat out
    return 1
}
says() { grep -qE -e "$1" out || { cat out; return 1; }; }
# without NAME...: a folder of links to all programs of PATH but these.
without() {
    local folder=$WORK/without-$1 name other
    mkdir "$folder"
    for name in bash env "$SPIKESWEEP" orted gnuplot mpirun srun; do
        for other in "$@"; do [ "${name##*/}" = "$other" ] && continue 2; done
        command -v "$name" >/dev/null && ln -s "$(command -v "$name")" "$folder/${name##*/}"
    done
    echo "$folder"
}
# stand_in NAME TEXT: a script of that name, alone in the folder stand-in-NAME.
stand_in() {
    mkdir -p "$WORK/stand-in-$1"
    printf '#!/bin/bash\n%s\n' "$2" >"$WORK/stand-in-$1/$1"
    chmod +x "$WORK/stand-in-$1/$1"
}

# A machine that is well ----------------------------------------------

expect "where nothing is broken the exit status is 0" doctor 0 place
for what in engine BLIS cores threads memory shared 'file system' room rename flush exclusive dates locks launcher ranks; do
    expect "it looks at $what, one line" [ "$(grep -cE "^(ok|warn)  +$what " out)" -eq 1 ]
done
expect "it says which folder it looked at" says "^(ok|warn) +file system +$(realpath place) is on "
expect "it has started two ranks" says '^ok +ranks +mpirun -n 2 starts two that find each other$'
expect "it names BLIS' kernel and its speed" says '^ok +BLIS +BLIS [0-9.]+, [a-z0-9]+; [1-9][0-9]* GFLOP/s'
expect "the engine is the one that --version names" \
    says "^ok +engine +$("$SPIKESWEEP" --version | sed 's/.*engine \([a-z0-9]*\).*/\1/')"
tally_is_right() {
    says "^$(grep -c '^ok ' out) ok, $(grep -c '^warn ' out) to look at, $(grep -c '^bad ' out) bad\$"
}
expect "the last line counts them" tally_is_right
every_complaint_has_advice() { ! grep -E '^(warn|bad) ' out | grep -qv '; '; }
expect "what is not ok comes with what to change" every_complaint_has_advice
expect "nothing is left in the folder" [ -z "$(ls -A place)" ]

# The folder ----------------------------------------------------------

expect "a folder that is not there is bad" doctor 1 nowhere
expect "and named" says '^bad +folder +nowhere: cannot write: No such file or directory; name a folder'
if [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null; then
    read_only() {
        unshare -m bash -c 'mount --bind place place && mount -o remount,ro,bind place && "$1" doctor place >out 2>&1' \
            bash "$SPIKESWEEP"
        [ $? -eq 1 ]
    }
    expect "a read-only folder is bad" read_only
    expect "for this reason" says '^bad +folder +place: cannot write: Read-only file system'
    small() {
        unshare -m bash -c 'mount -t tmpfs -o size=4m none place && "$1" doctor place >out 2>&1' bash "$SPIKESWEEP"
        [ $? -eq 1 ]
    }
    expect "a folder without room is bad" small
    expect "because of its room" says '^bad +room +room for [0-9.]+ MB'
    expect "a folder in memory is to be looked at" says '^warn +file system +.* is on tmpfs; it is memory'
else
    skip "a read-only folder, or one without room, is bad" "mounting needs root"
fi
if [ -e "$tools/chaos_disk.so" ] && [ "$by_sanitizer" -eq 0 ]; then
    refused_flush() {
        echo s >order
        CHAOS_REFUSE=$WORK/order CHAOS_FOLDER=$WORK/place LD_PRELOAD=$tools/chaos_disk.so doctor 1 "$WORK/place"
    }
    expect "a disk that does not flush is bad" refused_flush
    expect "because results would not be safe" says '^bad +flush +cannot flush a file: .*; results would not be safe'
else
    skip "a disk that does not flush is bad" "not with the address sanitizer, nor without chaos_disk.so"
fi

# Settings ------------------------------------------------------------

with() { # SETTING VERDICT PATTERN
    env "$1" "$SPIKESWEEP" doctor place >out 2>&1
    expect "$1 is noticed" says "^$2 +$3"
}
with OMP_WAIT_POLICY=active warn 'threads +OMP_WAIT_POLICY=active; .*unset it'
with OMP_PROC_BIND=close warn 'threads +OMP_PROC_BIND=close; .*same core: unset it'
expect "as is what it did to this process" [ "$(nproc --all)" -eq 1 -o "$(grep -c '^warn  cores ' out)" -eq 1 ]
with OMP_THREAD_LIMIT=1 warn 'threads +OMP_THREAD_LIMIT=1; run --threads'
with BLIS_ARCH_TYPE=0 '(warn|bad)' 'BLIS +.*, with BLIS_ARCH_TYPE=0; unset it'
with SPIKESWEEP_ENGINE=plain warn 'engine +plain; chosen by SPIKESWEEP_ENGINE: unset it'
env OMP_WAIT_POLICY=passive OMP_NUM_THREADS=7 "$SPIKESWEEP" doctor place >out 2>&1
expect "settings that do no harm are ok" says '^ok +threads '
if [ "$(nproc)" -gt 1 ]; then
    taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" "$SPIKESWEEP" doctor place >out 2>&1
    expect "a process that is bound to one core says so" says "^warn +cores +1 of this machine's"
else
    skip "a process that is bound to one core says so" "there is but one"
fi
limited() { (ulimit -v "$1"; "$SPIKESWEEP" doctor place >out 2>&1); }
if [ "$by_sanitizer" -eq 0 ]; then
    limited 1500000
    expect "a limit of address space is to be looked at" \
        says '^warn +memory +a process may take 1.5 GB of address space \(ulimit -v\); .*ulimit -v unlimited'
    limited 450000
    expect "a small one is bad" says '^bad +memory +a process may take 461 MB of address space'
else
    skip "a limit of address space is noticed" "not with the address sanitizer"
fi
(ulimit -n 100; "$SPIKESWEEP" doctor place >out 2>&1)
expect "few open files are bad" says '^bad +open files +100 at a time'

(ulimit -t 3000; "$SPIKESWEEP" doctor place >out 2>&1)
expect "a limit of CPU time, as where one logs in, is to be looked at" says '^warn +CPU time +3000 seconds a process'
(ulimit -f 100000; "$SPIKESWEEP" doctor place >out 2>&1)
expect "so is one of the size of files" says '^warn +file size +102400000 bytes'

# Launchers -----------------------------------------------------------

expect "without mpirun and srun it is bad" env PATH="$(without mpirun srun)" bash -c '! "$1" doctor place >out 2>&1' bash "$SPIKESWEEP"
expect "because there are no ranks" says '^bad +launcher +there is no mpirun in PATH, .*load its module'
stand_in srun 'echo "MPI plugin types are..."; echo pmix'
env PATH="$WORK/stand-in-srun:$WORK/without-mpirun" "$SPIKESWEEP" doctor place >out 2>&1
expect "with srun, which has pmix, it is well" says '^ok +launcher +there is no mpirun .*; srun starts ranks$'
env PATH="$WORK/stand-in-srun:$PATH" SLURM_JOB_ID=1 "$SPIKESWEEP" doctor place >out 2>&1
expect "within a job srun has to start ranks" says '^bad +ranks +srun --mpi=pmix -n 2 fails'
# Behind its own options, two for Open MPI's -n and one more, is what it starts.
stand_in mpirun 'case $1 in --version) echo "mpirun (Open MPI) 4.0.0" ;; *) "${@:4}"; "${@:4}" ;; esac'
env PATH="$WORK/stand-in-mpirun:$PATH" "$SPIKESWEEP" doctor place >out 2>&1
expect "a launcher of lone programs is bad" says '^bad +ranks +.*rank 0 of 1; it starts programs that do not find each other'
expect "one of another version is to be looked at" says '^warn +launcher +mpirun is Open MPI 4.0.0, this program is linked to '
stand_in mpirun 'case $1 in --version) echo "HYDRA build details:"; echo "  Version: 4.0.2" ;; *) echo no; exit 3 ;; esac'
env PATH="$WORK/stand-in-mpirun:$PATH" "$SPIKESWEEP" doctor place >out 2>&1
expect "one of another MPI is bad" says '^bad +launcher +mpirun is MPICH 4.0.2, this program is linked to Open MPI'
expect "what it said is told" says '^bad +ranks +mpirun -n 2 fails \(status 3\): no; '
if [ "$(id -u)" -eq 0 ]; then
    env -u OMPI_ALLOW_RUN_AS_ROOT "$SPIKESWEEP" doctor place >out 2>&1
    expect "root learns how to start Open MPI" says '^bad +ranks +.*as root Open MPI wants OMPI_ALLOW_RUN_AS_ROOT=1'
else
    skip "root learns how to start Open MPI" "this is not root"
fi

# Pictures ------------------------------------------------------------

env PATH="$(without gnuplot)" "$SPIKESWEEP" doctor place >out 2>&1
expect "without gnuplot there are no pictures" says '^warn +gnuplot +is not in PATH; .*install gnuplot-nox'
finish
