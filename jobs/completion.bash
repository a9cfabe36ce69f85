# What a word of the commands' rows stands for, completed into COMPREPLY.
_spikesweep_offer() { # FILE, DIR, AXIS, KIND or COMMAND; the word so far
    local words=
    case $1 in
    DIR*) mapfile -t COMPREPLY < <(compgen -d -- "$2"; compgen -f -X '!*.h5' -- "$2")
        compopt -o filenames 2>/dev/null ;;
    FILE*) mapfile -t COMPREPLY < <(compgen -f -- "$2")
        compopt -o filenames 2>/dev/null ;;
    AXIS|AXES) mapfile -t COMPREPLY < <(compgen -W "$_spikesweep_axes" -- "$2") ;;
    KIND) _spikesweep_kinds "$last"
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2") ;;
    COMMAND) mapfile -t COMPREPLY < <(compgen -W "$_spikesweep_commands" -- "$2") ;;
    esac
}

# Counts into n what of the words before is neither an option nor its value;
# `last` is the last of them.
_spikesweep_count() {
    local i
    for ((i = 2; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -*) [ "${COMP_WORDS[i + 1]}" = = ] && i=$((i + 1)) # --name=VALUE is three words
            [[ $values = *" ${COMP_WORDS[i]}:"* || ${COMP_WORDS[i]} = = ]] && i=$((i + 1)) ;;
        *) n=$((n + 1)) last=${COMP_WORDS[i]} ;;
        esac
    done
}

_spikesweep() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local options='' values='' arguments='' last='' n=0 places
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        _spikesweep_offer COMMAND "$word"
        return
    fi
    _spikesweep_rows "${COMP_WORDS[1]}"
    if [ "$word" = = ]; then
        word=
    elif [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [[ $values = *" $before:"* ]]; then
        values=${values#*" $before:"}
        _spikesweep_offer "${values%% *}" "$word"
    elif [[ $word = -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    else
        _spikesweep_count
        read -ra places <<<"$arguments"
        [ "$n" -ge "${#places[@]}" ] && [[ $arguments = *... ]] && n=$((${#places[@]} - 1))
        _spikesweep_offer "${places[n]:-}" "$word"
    fi
}
complete -F _spikesweep spikesweep
