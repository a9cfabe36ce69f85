# Sourced by tests that bound what the commands on results need: all of them on
# made-up results (tests/many_trials.h), each within so much processor time and
# memory. Wall time would tell how busy the machine is.
maker=$(realpath "$(dirname "$SPIKESWEEP")/make_many_trials")

# Whether "USER SYSTEM" seconds are at most so many.
is_within() {
    awk -v spent="$1" -v most="$2" \
        'BEGIN { exit !(split(spent, s, " ") == 2 && s[1] + s[2] > 0 && s[1] + s[2] <= most) }'
}

# What a sanitizer needs is not bounded: it takes terabytes of addresses.
by_sanitizer=$(ldd "$SPIKESWEEP" | grep -c 'libasan')

# bounded NAME SECONDS MEGABYTES ARGUMENTS...: address space counts as memory;
# the exit status has to be $ends_with (0).
bounded() {
    local name=$1 seconds=$2 megabytes=$3 spent status
    shift 3
    [ "$by_sanitizer" -gt 0 ] && seconds=$((seconds * 20)) megabytes=unlimited || megabytes=$((megabytes * 1000))
    TIMEFORMAT='%U %S'
    # No exec: bash does not tell the time of what it has become.
    spent=$( { time (ulimit -v "$megabytes" && "$SPIKESWEEP" "$@" >out 2>err </dev/null); } 2>&1 )
    status=$?
    if [ "$status" -eq "${ends_with:-0}" ] && [ -s out ] && is_within "$spent" "$seconds"; then
        pass "$name ($spent s)"
    else
        echo "spikesweep $*: status $status, $spent s of processor time, at most $seconds are allowed"
        tail -n 3 err
        fail "$name"
    fi
}

# all_bounded FILE SECONDS MEGABYTES: every command; two of its trials are named
# for diff.
all_bounded() {
    local file=$1 s=$2 mb=$3 ids
    mapfile -t ids < <("$SPIKESWEEP" query "$file" --show id --limit 2 --csv | tail -n 2)
    bounded "table of twins" "$s" "$mb" table "$file"
    bounded "table of axes" "$s" "$mb" table "$file" --rows 'regularizer.*' --columns encoding --figure 'clean,pgd@*'
    bounded "table of all cells against a baseline" "$s" "$mb" table "$file" --figure clean,pgd@8/255 --baseline regularizer=none
    bounded "curves" "$s" "$mb" curves "$file" --lines 'regularizer.*,surrogate' --csv
    bounded "query of all" "$s" "$mb" query "$file" --sort -clean --json
    bounded "query by an expression" "$s" "$mb" query "$file" --where 'clean > 0.87 and surrogate = atan' --show id,cell,clean
    bounded "pareto" "$s" "$mb" pareto "$file" --all --figure clean,pgd@8/255,wall_time
    bounded "diff" "$s" "$mb" diff "$file" "${ids[0]}" "${ids[1]}"
    bounded "audit" "$s" "$mb" audit "$file"
    bounded "matrix" "$s" "$mb" matrix "$file"
    bounded "ablate" "$s" "$mb" ablate "$file" --figure pgd@8/255
    bounded "mpd" "$s" "$mb" mpd "$file"
    bounded "firing" "$s" "$mb" firing "$file"
    bounded "mpd over epochs" "$s" "$mb" mpd "$file" --by surrogate --epochs
    bounded "correlate" "$s" "$mb" correlate "$file" --figure pgd@8/255
    # Its pictures take their time whatever the number of trials.
    bounded "report" $((s + 10)) "$mb" report "$file" -o report
    # Such results contradict themselves, which it says.
    ends_with=1 bounded "verify" $((2 * s)) "$mb" verify "$file"
}
