# Completion of jobctl for bash: verbs and their options. Load it with `source`, or copy it to
# ~/.local/share/bash-completion/completions/jobctl.

_jobctl() {
    local word=${COMP_WORDS[COMP_CWORD]} global="--config --state-dir --json --no-color --quiet --verbose --help"
    local -A options=(
        [run]="--as-scheduled --at --delay --detach --group --id --keep --param --params --priority --retries --tag"
        [enqueue]="--at --delay --from --id --keep --param --params --priority --retries"
        [wait]="--timeout"
        [cancel]="--group --job --queued --signal --tag"
        [retry]="--dead --dry-run --group --job --param --params --since --status --tag"
        [progress]="--message"
        [dismiss]=""
        [delete]=""
        [status]="--group --tag"
        [list]="--failing --group --tag"
        [show]=""
        [history]="--csv --events --follow --group --last --limit --offset --origin --since --status --tag --until"
        [logs]="--attempt --follow --grep --lines --since"
        [dead]="--group --limit --tag"
        [alerts]="--all --limit --open"
        [stats]="--by --calendar --group --last --since --tag"
        [next]="--from --group --tag --until"
        [why]="--at"
        [explain]="--tz"
        [enable]="--group --tag"
        [disable]="--for --group --reason --tag"
        [pause]="--for --queue --reason"
        [resume]="--queue"
        [prune]="--dry-run --group --older-than --status --tag"
        [backup]=""
        [init]=""
        [check]=""
        [schema]=""
        [daemon]="--drain --log-format"
        [reload]="--plan"
        [health]="--thorough"
        [metrics]="--output"
    )
    local verb="" at
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${COMP_WORDS[at]} in
            -c | --config | --state-dir) at=$((at + 1)) ;;
            -*) ;;
            *) verb=${COMP_WORDS[at]}; break ;;
        esac
    done
    case ${COMP_WORDS[COMP_CWORD - 1]} in
        -c | --config | --state-dir) return ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$global ${options[${verb:-none}]-}" -- "$word"))
    elif [[ -z $verb ]]; then
        COMPREPLY=($(compgen -W "${!options[*]}" -- "$word"))
    fi
}

complete -o default -F _jobctl jobctl
