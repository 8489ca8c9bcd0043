# _jobctl_candidates WORD...: what may stand in the place of the last word, one a line, a tab before what it is.
# The line `/` asks for files, `//` for folders. Plain sh, to be called in a subshell: its variables are its own.
_jobctl_candidates() {
    set -f
    tab='	' nl='
' verb='' count=0 waits_for='' option='' state_dir='' config='' dashes=''
    _jobctl_verb ''
    while [ $# -gt 1 ]; do
        if [ -n "$waits_for" ]; then
            [ "$1" = = ] || { _jobctl_place "$option" "$1"; waits_for=''; }
        elif [ -n "$dashes" ]; then
            count=$((count + 1))
        else
            case $1 in
                --) dashes=1 ;;
                --*=*) _jobctl_place "${1%%=*}" "${1#*=}" ;;
                -?*) option=$1 && _jobctl_takes_value "$1" && waits_for=1 ;;
                *) _jobctl_plain "$1" ;;
            esac
        fi
        shift
    done
    word=${1-} before=''
    if [ -n "$waits_for" ]; then
        [ "$word" = = ] && word=''
        _jobctl_takes_value "$option" && _jobctl_of_kinds "$kind"
        return
    fi
    case $dashes$word in
        --*=*)
            _jobctl_takes_value "${word%%=*}" || return
            before=${word%%=*}= word=${word#*=}
            _jobctl_of_kinds "$kind"
            ;;
        -*) _jobctl_print "$choices" ;;
        *) if [ -z "$verb" ]; then _jobctl_print "$verbs"; else _jobctl_argument; fi ;;
    esac
}

# What an option before the last word says of the places.
_jobctl_place() {
    case $1 in
        --state-dir) state_dir=$2 ;;
        -c | --config) config=$2 ;;
    esac
}

# Whether the option has a value; `kind` is then what completes it.
_jobctl_takes_value() {
    kind=$nl$choices
    case $kind in
        *"$nl$1="*) kind=${kind#*"$nl$1="} kind=${kind%%"$tab"*} ;;
        *) return 1 ;;
    esac
}

_jobctl_plain() {
    if [ -z "$verb" ]; then
        verb=$1
        _jobctl_verb "$verb"
    else
        case $arguments in command...) dashes=1 ;; esac # from its first word on all is the command's own
        count=$((count + 1))
        [ $count -gt 1 ] || _jobctl_branch "$verb $1"
    fi
}

# The kinds at the place of the argument that comes next; the last of them holds for all that follow if it ends in `...`.
_jobctl_argument() {
    at=0 kind=''
    for kind in $arguments; do
        if [ $at -eq $count ]; then
            _jobctl_of_kinds "${kind%...}"
            return
        fi
        at=$((at + 1))
    done
    case $kind in *...) _jobctl_of_kinds "${kind%...}" ;; esac
}

_jobctl_of_kinds() {
    rest=$1
    while [ -n "$rest" ]; do
        this=${rest%%+*}
        case $rest in *+*) rest=${rest#*+} ;; *) rest='' ;; esac
        _jobctl_of_kind "$this"
    done
}

_jobctl_of_kind() {
    case $1 in
        file | command) echo / ;;
        dir) echo // ;;
        verb) _jobctl_print "$verbs" ;;
        words:*) _jobctl_print_words "${1#words:}" ;;
        list:*)
            case $word in *,*) before=$before${word%,*}, word=${word##*,} ;; esac
            _jobctl_print_words "${1#list:}"
            ;;
        *) _jobctl_names "$1" ;;
    esac
}

_jobctl_print_words() {
    IFS=,
    for candidate in $1; do
        case $candidate in "$word"*) printf '%s\n' "$before$candidate" ;; esac
    done
    unset IFS
}

# Of lines that begin with the word, without what says that an option has a value.
_jobctl_print() {
    IFS=$nl
    for line in $1; do
        case $line in
            "$word"*) candidate=${line%%"$tab"*} && printf '%s\t%s\n' "${candidate%%=*}" "${line#*"$tab"}" ;;
        esac
    done
    unset IFS
}

# Names out of the file that jobctl replaces whenever definitions are loaded, by kind and name; runs out of that with those
# to name, each with what it is for the verbs. Of very many the first and the very last are told: what all have in common
# is what these have in common. What comes last takes the place of this shell: to start a process takes as long as to
# read ten thousand names.
_jobctl_names() {
    _jobctl_find_state_dir
    list=names
    case $1 in run*) list=recent ;; esac
    [ -r "$state_dir/$list" ] || return
    kind=$1 LC_ALL=C
    export kind word before list LC_ALL
    if [ -n "$rest" ]; then
        awk -F '\t' "$_jobctl_reader" "$state_dir/$list"
    else
        exec awk -F '\t' "$_jobctl_reader" "$state_dir/$list"
    fi
}

_jobctl_reader='
    function line() { return before $2 ($3 == "" ? "" : "\t" $3 " " $4) }
    BEGIN {
        split(ENVIRON["kind"], kind, "-")
        start = kind[1] "\t" ENVIRON["word"]
        before = ENVIRON["before"]
        is_sorted = ENVIRON["list"] == "names"
    }
    index($0, start) != 1 { if (found && is_sorted) exit; next }
    kind[2] != "" && !index("," $5 ",", "," kind[2] ",") { next }
    ++found < 200 { print line(); next }
    { last = $0 }
    END { if (found >= 200) { $0 = last; print line() } }
'

# The rules of jobctl: --state-dir, $JOBCTL_STATE_DIR, [daemon] state_dir where it is written on a line of its own,
# $STATE_DIRECTORY, the custom of the system.
_jobctl_find_state_dir() {
    state_dir=${state_dir:-${JOBCTL_STATE_DIR-}}
    if [ -z "$state_dir" ]; then
        _jobctl_find_config
        _jobctl_configured_state_dir
    fi
    if [ -z "$state_dir" ]; then
        state_dir=${STATE_DIRECTORY-}
        state_dir=${state_dir%%:*}
    fi
    if [ -z "$state_dir" ]; then
        state_dir=${XDG_STATE_HOME:-$HOME/.local/state}/jobctl
        [ ! -O / ] || state_dir=/var/lib/jobctl
    fi
    case $state_dir in "~/"*) state_dir=$HOME/${state_dir#??} ;; esac
}

_jobctl_find_config() {
    config=${config:-${JOBCTL_CONFIG-}}
    if [ -z "$config" ]; then
        config=${XDG_CONFIG_HOME:-$HOME/.config}/jobctl/jobs.toml
        [ ! -O / ] || config=/etc/jobctl/jobs.toml
        [ ! -e jobs.toml ] || config=./jobs.toml
    fi
    case $config in "~/"*) config=$HOME/${config#??} ;; */*) ;; *) config=./$config ;; esac
}

_jobctl_configured_state_dir() {
    [ -f "$config" ] && grep -q state_dir "$config" 2> /dev/null || return 0
    state_dir=$(LC_ALL=C awk '
        /^[ \t]*\[/ { inside = /^[ \t]*\[[ \t]*daemon[ \t]*\]/ }
        inside && match($0, /^[ \t]*state_dir[ \t]*=[ \t]*["\047]/) {
            value = substr($0, RLENGTH + 1)
            print substr(value, 1, index(value, substr($0, RLENGTH, 1)) - 1)
            exit
        }
    ' "$config")
    case $state_dir in '' | /*) ;; *) state_dir=${config%/*}/$state_dir ;; esac
}
