#!/usr/bin/env bash
# status --watch on a run of three ranks: on a terminal (tmux) and into a pipe.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/sweep_lib.sh"
terminal() { tmux -L "spikesweep-$$" "$@"; }

cat >"$WORK/study.cfg" <<'TEXT'
dataset  = { kind = "synthetic"; n_train = 64; n_test = 32; height = 4; width = 4; };
network  = { kind = "mlp"; hidden = [4]; n_steps = 2; };
training = ( { kind = "bptt"; n_epochs = 1; batch_size = 32; seed = [1, 2]; },
             { kind = "dummy"; end = "exit"; },
             { kind = "dummy"; end = "done"; sleep_s = [4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7, 4.8]; } );
attacks  = ( { kind = "fgsm"; n_samples = 16; epsilons = [0, 8/255]; } );
TEXT
on_ranks 3 "$SPIKESWEEP" run "$WORK/study.cfg" -o "$WORK/study" --attempts 1 >"$WORK/log" 2>&1 &
run=$!
within() { # SECONDS COMMAND...: until it succeeds
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}
tells() { compgen -G "$WORK/study/segments/*.now" >/dev/null; }
expect "the run tells what its ranks do" within 20 tells
"$SPIKESWEEP" status "$WORK/study" --watch 1 >"$WORK/lines" 2>"$WORK/errors" &
watch=$!

if ! command -v tmux >/dev/null; then
    skip "watching on a terminal" "tmux is not installed"
else
    screen() { terminal capture-pane -p; }
    shows() { screen | grep -qE "$1"; }
    shows_not() { ! shows "$1"; }
    terminal -f /dev/null new-session -d -x 110 -y 30 "env PS1='ready> ' bash --norc --noprofile"
    terminal pipe-pane "cat >$WORK/bytes"
    begin() { terminal send-keys "$SPIKESWEEP status $WORK/study --watch" Enter; }
    within 10 shows 'ready>'
    begin
    expect "it shows three ranks at work" within 10 shows '3 of 3 ranks at work'
    expect "and what each computes" within 5 shows '^ +2 .*0:00:0[0-9]  cell [0-9]+ training .*dummy.* sleep_s='
    expect "a bar, the cells and the tasks" shows '^\[[#.]+\] +[0-9]+ %  [0-9]+/12 cells, [0-9]+/[0-9]+ tasks'
    expect "the best so far" within 10 shows '^  clean +[0-9.]+ %  bptt seed='
    expect "and what went wrong" within 10 shows '^  failed: training of dummy.*: exit status 3'
    terminal resize-window -x 60 -y 9
    fits() { [ "$(screen | awk '{ if (length($0) > 60) long = 1 } END { print NR <= 9 && !long }')" = 1 ]; }
    small() { fits && screen | head -n 1 | grep -q '^[0-9:]\{8\}  ' && shows 'and [12] more ranks|^ +2 '; }
    expect "on a smaller terminal it shows what has room, from the top" within 5 small
    terminal resize-window -x 110 -y 30
    expect "and all of it again on a larger one" within 5 shows '^best so far'
    sane() { [ "$(terminal display -p '#{alternate_on} #{cursor_flag} #{wrap_flag}')" = "0 1 1" ]; }
    keys() { # the shell's own answer
        terminal send-keys "stty -a | tr ' ;' '\n\n' | grep -cx 'icanon\|echo'" Enter
        within 5 shows '^2$'
    }
    terminal send-keys q
    expect "q leaves it" within 5 sane
    expect "the last that it showed stays" shows '^\[[#.]+\] .*tasks'
    expect "with keys as they were" keys
    terminal send-keys clear Enter
    begin
    expect "it can be begun again" within 10 shows 'q quits'
    terminal send-keys C-c
    expect "ctrl-C leaves it, too" within 5 sane
    expect "with keys as before" keys
    terminal send-keys clear Enter
    begin
    within 10 shows 'q quits'
    expect "the sweep goes on meanwhile" kill -0 "$run"
    expect "it ends with the sweep" within 40 shows '^all is done'
    expect "and leaves the terminal sane" within 5 sane
    wipes() { grep -o $'\x1b\\[2J' "$WORK/bytes" | wc -l; }
    expect "the screen is wiped once at each beginning, and never again" [ "$(wipes)" -le $((3 + $(grep -c clear "$WORK/bytes"))) ]
    terminal kill-server
fi

wait "$run"
wait "$watch"
expect "a watch into a pipe ends with the sweep, too" [ $? -eq 0 ]
expect "without errors" [ ! -s "$WORK/errors" ]
expect "it is of plain lines" [ "$(grep -c $'\x1b' "$WORK/lines")" = 0 ]
expect "of which several tell what ranks do" [ "$(grep -cE '^ *[0-9]+ %, .*; rank 0: .*; rank 2: cell [0-9]+ training' "$WORK/lines")" -ge 3 ]
expect "a failure is told once" [ "$(grep -c '^failed: training of dummy' "$WORK/lines")" = 1 ]
expect "and the best, when it changes" grep -q '^best so far: clean ' "$WORK/lines"
expect "the last says that all is done" grep -qE '^100 %, .*all is done' "$WORK/lines"
expect "nothing is left of what ranks did" [ "$(find "$WORK/study" -name '*.now' | wc -l)" = 0 ]
expect "a sweep that nobody runs is shown once" eval '[ "$("$SPIKESWEEP" status "$WORK/study" --watch | grep -c "all is done")" = 1 ]'
"$SPIKESWEEP" status "$WORK/study/sweep.h5" --watch >"$WORK/refused" 2>&1
expect "a bare file is refused" [ $? -eq 2 ]
finish
