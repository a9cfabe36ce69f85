#!/usr/bin/env bash
# A job that is told to stop, in the middle of trainings and of attacks: every
# task is left with a checkpoint, and goes on from it, to the same bits.
# It runs alone, since it measures times.
. tests/lib.sh
. tests/sweep_lib.sh

experiment=$WORK/long.cfg
cat >"$experiment" <<'TEXT'
dataset     = { kind = "synthetic"; n_train = 1024; n_test = 128; height = 12; width = 12; };
network     = { kind = "csnn"; channels = [16]; hidden = [32]; n_steps = 4; };
regularizer = ( { kind = "none"; }, { kind = "mpd_sgr"; weight = 0.5; } );
training    = { n_epochs = 12; batch_size = 16; };
attacks     = ( { kind = "pgd"; n_steps = 60; keep_going = true; epsilons = [0, 0.1, 0.2, 0.3]; } );
TEXT
on_ranks 2 "$SPIKESWEEP" run "$experiment" -o "$WORK/reference" --progress none >"$WORK/log" 2>&1 || cat "$WORK/log"
reference=$(results_digest "$WORK/reference")

went_on() { # DIR: the number of results that were found in more than one go
    h5dump -d /trials/means -d /robustness/evaluation_means "$1/sweep.h5" | grep -o 'from a checkpoint' | wc -l
}

# Stopped again and again. A job of one rank gets the signal itself.
folder=$WORK/stopped
n_stops=0 n_wrong=0 longest=0 n_left=0
for ((i = 0; i < 40; i++)); do
    "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none >"$WORK/log" 2>&1 &
    job=$!
    sleep "$((1 + i / 3)).$((i * 3 % 10))"
    began=$(date +%s%N)
    kill -USR1 "$job" 2>/dev/null
    wait "$job"
    status=$?
    took=$((($(date +%s%N) - began) / 1000000))
    [ "$status" -eq 0 ] && break
    [ "$status" -eq 75 ] || { n_wrong=$((n_wrong + 1)); cat "$WORK/log"; }
    n_stops=$((n_stops + 1))
    [ "$took" -gt "$longest" ] && longest=$took
    [ -n "$(ls "$folder/checkpoints")" ] && n_left=$((n_left + 1))
done
echo "stopped $n_stops times, at most $longest ms each; $n_left times with a checkpoint; $(went_on "$folder") of 4 tasks went on from one"
expect "a job that is told to stop ends with 75 each time" [ "$n_wrong" -eq 0 ]
expect "it stops more than once and comes to its end" [ "$n_stops" -ge 2 -a "$status" -eq 0 ]
expect "it stops within 20 seconds" [ "$longest" -lt 20000 ]
expect "tasks went on from checkpoints" [ "$(went_on "$folder")" -ge 1 -a "$n_left" -ge 1 ]
expect "a stopped job ends in the same bits" [ "$(results_digest "$folder")" = "$reference" ]
expect "no checkpoint is left of what is done" [ -z "$(ls "$folder/checkpoints")" ]

# By the clock, without a signal: a quarter of so short a time is for leaving.
folder=$WORK/timed
began=$SECONDS
"$SPIKESWEEP" run "$experiment" -o "$folder" --progress none --time 2 >"$WORK/log" 2>&1
status=$?
expect "a job stops by itself before its time is up" [ "$status" -eq 75 -a $((SECONDS - began)) -lt 20 ]
SLURM_JOB_END_TIME=$(($(date +%s) + 3600)) "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none >"$WORK/log" 2>&1
expect "with more of it, it ends in the same bits" [ $? -eq 0 -a "$(results_digest "$folder")" = "$reference" ]

# Two jobs at a time, each with its share of the cells.
folder=$WORK/shared
for k in 1 2; do
    "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none --share "$k/2" >"$WORK/log$k" 2>&1 &
done
wait
"$SPIKESWEEP" pack "$folder"
expect "jobs with a share each make the same sweep" [ "$(results_digest "$folder")" = "$reference" ]
expect "and no task is computed twice" [ "$(result_number "$folder" n_outcomes)" = "$(result_number "$WORK/reference" n_outcomes)" ]

# Children that are killed lose what they did since the last checkpoint.
folder=$WORK/killed
on_ranks 2 "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none --checkpoint 0.1 --attempts 1000 --set-aside 0 >"$WORK/log" 2>&1 &
job=$!
n_killed=0
while [ "$n_killed" -lt 6 ] && kill -0 "$job" 2>/dev/null; do
    sleep 0.8
    victim=$(pgrep -f "^$SPIKESWEEP trial --supervisor [0-9]+ .*$folder" | head -1)
    [ -n "$victim" ] && kill -9 "$victim" 2>/dev/null && n_killed=$((n_killed + 1))
done
wait "$job"
echo "killed $n_killed children; $(went_on "$folder") of 4 tasks went on from a checkpoint"
expect "a task whose process is killed goes on from its checkpoint" [ "$n_killed" -ge 1 -a "$(went_on "$folder")" -ge 1 ]
expect "with kills it ends in the same bits" [ "$(results_digest "$folder")" = "$reference" ]

# A checkpoint that is damaged. A stop between two tasks leaves none: then again.
folder=$WORK/damaged
for ((i = 0; i < 10; i++)); do
    rm -rf "$folder"
    "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none >"$WORK/log" 2>&1 &
    job=$!
    sleep "0.$((5 + i % 5))"
    kill -USR1 "$job" && wait "$job"
    [ -n "$(ls "$folder/checkpoints" 2>/dev/null)" ] && break
done
n_damaged=0
for file in "$folder"/checkpoints/*.checkpoint; do
    [ -s "$file" ] && printf 'damage' | dd of="$file" bs=1 seek=500 conv=notrunc status=none && n_damaged=$((n_damaged + 1))
done
on_ranks 2 "$SPIKESWEEP" run "$experiment" -o "$folder" --progress none >"$WORK/log" 2>&1
expect "a damaged checkpoint is not gone on from" [ "$n_damaged" -ge 1 -a "$(went_on "$folder")" -eq 0 ]
expect "and what it was of ends in the same bits" [ "$(results_digest "$folder")" = "$reference" ]
finish
