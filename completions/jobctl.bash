# Written by `python -m jobctl.cli.reference`; `jobctl completion bash` prints it.
# To load it: source <(jobctl completion bash), or put it into ~/.local/share/bash-completion/completions/jobctl.

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

# The options and arguments of a verb, and before there is one all verbs.
_jobctl_verb() {
    verbs='run	Run a job now and follow its output
enqueue	Put runs with their values into the queue
exec	Run a command that something else fires, and keep it as a run
wait	Wait until runs have ended
cancel	Stop running runs and withdraw waiting ones
retry	Give ended runs another chance
dismiss	Take runs off the dead letters
delete	Remove ended runs and their logs
status	The daemon, what runs, what failed, what is next
list	Jobs with their schedule, next and last run
show	Everything about one job or one run
history	Runs, newest first
logs	What a run has written
dead	Runs that failed for good and that nobody made up for
alerts	What is wrong and not over yet, and what was told of it
stats	How often jobs succeed, how long they take, and what changed
top	What runs and what it uses, live
next	What starts when
why	Why a job did or did not run then
explain	A schedule in words, and its next times
enable	Let disabled jobs start by themselves again
disable	Keep jobs from starting by themselves
pause	Hold all starts, or those of one queue
resume	Let starts go on
prune	Remove old runs and their logs now
backup	Copy the database while everything runs
init	Write a jobs file to start from
add	Put a job into the jobs file, from options or by asking
remove	Take a job out of the jobs file
edit	Edit the jobs file, checked before it is replaced
check	Look for errors and doubts in the jobs file
import	Make a jobs file of crontabs or systemd timers
env	The environment that a run gets, and what differs from yours
shell	A shell in the environment and as the user of a run
progress	From inside a job: say how far it is
schema	The JSON Schema of the jobs file, for editors
completion	The script that completes words in bash, zsh or fish
doctor	What is wrong with this installation, and what to do
service	The systemd unit of the daemon
daemon	Start jobs when they are due, in the foreground
reload	Let the daemon read the jobs file again
health	One line and an exit status for monitoring
metrics	Numbers for Prometheus
'
    everywhere='--config=file	The jobs file.
-c=file	The jobs file.
--state-dir=dir	Where the database and the logs are.
--json	Machine-readable output.
--no-color	No colours on a terminal.
--quiet	Nothing on stderr but errors.
-q	Nothing on stderr but errors.
--verbose	More on stderr; errors with their traceback.
-v	More on stderr; errors with their traceback.
--help	Show this and exit.
-h	Show this and exit.
'
    arguments=''
    case $1 in
        '') choices='--config=file	The jobs file.
-c=file	The jobs file.
--state-dir=dir	Where the database and the logs are.
--json	Machine-readable output.
--no-color	No colours on a terminal.
--quiet	Nothing on stderr but errors.
-q	Nothing on stderr but errors.
--verbose	More on stderr; errors with their traceback.
-v	More on stderr; errors with their traceback.
--help	Show this and exit.
-h	Show this and exit.
--version	Show the version and exit.
' ;;
        run) arguments='job...' choices='--detach	Do not wait; print the run’s id.
-d	Do not wait; print the run’s id.
--as-scheduled	Let it count as the next slot.
--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--param=	A value for the job; again for each.
--params=	All values as a JSON object, or @FILE with one.
--delay=	Start not before "5m" from now, say.
--at=	Start not before, say, "tomorrow 09:00".
--priority=	1 lowest to 10 highest; the job’s own when left out.
--retries=	Attempts after the first; the job’s own when left out.
--id=	Make no second run of the job for this word of yours.
--from=file	A run for each line of JSON Lines; - is stdin.
--keep	Keep the run whatever the retention says.
--dry-run	Only show what would be executed, and how.
'$everywhere ;;
        enqueue) arguments='job' choices='--param=	A value for the job; again for each.
--params=	All values as a JSON object, or @FILE with one.
--delay=	Start not before "5m" from now, say.
--at=	Start not before, say, "tomorrow 09:00".
--priority=	1 lowest to 10 highest; the job’s own when left out.
--retries=	Attempts after the first; the job’s own when left out.
--id=	Make no second run of the job for this word of yours.
--from=file	A run for each line of JSON Lines; - is stdin.
--keep	Keep the run whatever the retention says.
'$everywhere ;;
        exec) arguments='command...' choices='--name=job	The job that its runs belong to.
-n=job	The job that its runs belong to.
'$everywhere ;;
        wait) arguments='run-active...' choices='--timeout=	Give up after "15m", say; "0s" only asks.
'$everywhere ;;
        cancel) arguments='run-active...' choices='--job=job	All unfinished runs of a job; globs work.
--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--queued	Only runs that wait; what runs is left alone.
--signal=words:TERM,INT,HUP,QUIT,USR1,USR2,KILL	The first signal for running jobs; KILL spares the grace.
--dry-run	Only say which.
'$everywhere ;;
        retry) arguments='run-retryable...' choices='--dead	All dead letters.
--job=job	The dead letters of a job; globs work.
--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--since=	Only those made at this time or later.
--status=list:scheduled,queued,running,retrying,succeeded,failed,timed_out,cancelled,skipped,missed,lost	Instead of dead letters all that ended so.
--param=	Another value in the payload; again for each.
--params=	Another payload: a JSON object, or @FILE with one.
--dry-run	Only say which.
'$everywhere ;;
        dismiss) arguments='run-dead...' choices='--dead	All dead letters.
--job=job	The dead letters of a job; globs work.
--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--since=	Only those made at this time or later.
--dry-run	Only say which.
'$everywhere ;;
        delete) arguments='run-ended...' choices='--job=job	All ended runs of a job; globs work.
--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--since=	Only those made at this time or later.
--dead	Only dead letters.
--status=list:scheduled,queued,running,retrying,succeeded,failed,timed_out,cancelled,skipped,missed,lost	Only those that ended so, several with commas.
--dry-run	Only say which.
'$everywhere ;;
        status) arguments='job...' choices='--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
'$everywhere ;;
        list) arguments='job...' choices='--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--failing	Those that fail or miss their starts first.
'$everywhere ;;
        show) arguments='job+run' choices=''$everywhere ;;
        history) arguments='job...' choices='--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--status=list:scheduled,queued,running,retrying,succeeded,failed,timed_out,cancelled,skipped,missed,lost	Only runs in this status, several with commas: scheduled, queued, running, retrying, succeeded, failed, timed_out, cancelled, skipped, missed, lost.
--origin=list:schedule,catch_up,manual,queue,startup,chain,exec	Only runs made for this reason, several with commas: schedule, catch_up, manual, queue, startup, chain, exec.
--since=	Made at this time or later.
--until=	Made before this time.
--last=	Made within the last 2h, 7d, …
--limit=	At most so many.
-n=	At most so many.
--offset=	Leave out the newest N.
--csv	Comma-separated values with every field.
--columns=list:run,job,status,when,took,cpu,memory,read,written,try,origin,reason,age,made,due,started,ended,wait,log,exit,queue,priority,key,params,result,message	These columns, with commas; with --csv fields of its header.
--follow	Go on with each run as it ends.
-f	Go on with each run as it ends.
--events	Instead of runs: who did what and when; with JOB also what its overlap rule replaced.
'$everywhere ;;
        logs) arguments='job+run' choices='--follow	Go on until the run has ended.
-f	Go on until the run has ended.
--lines=	The last N lines.
-n=	The last N lines.
--attempt=	Not the newest attempt, but this.
--grep=	Only lines in which this pattern is found.
--since=	All runs of the job since then.
--forever	Go on with the next runs of the job, too.
-F	Go on with the next runs of the job, too.
'$everywhere ;;
        dead) arguments='job...' choices='--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--limit=	At most so many.
-n=	At most so many.
'$everywhere ;;
        alerts) arguments='words:ack,test,history' choices='--open	Only those that are not over; this is the default.
--all	Also those that are over.
--limit=	At most so many.
-n=	At most so many.
'$everywhere ;;
        stats) arguments='job...' choices='--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--since=	From this time on; else the last 7 days.
--last=	The last 24h, 30d, …
--by=words:cpu,mem,time,failures,wait	The most first: cpu, mem, time, failures or wait.
--calendar	A map of days and hours instead.
'$everywhere ;;
        top) arguments='' choices='--sort=words:cpu,mem,time	Running attempts with the most of it first: cpu (the default), mem, time.
--once	Print how it is now, and end.
'$everywhere ;;
        next) arguments='job...' choices='--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
-n=	At most so many; 10 unless --until is given.
--from=	From then on; without it from now.
--until=	Before this time.
'$everywhere ;;
        why) arguments='job' choices='--at=	In this minute; without it at the latest slot that has come.
'$everywhere ;;
        explain) arguments='job...' choices='--tz=	The zone; without it the job’s or the machine’s.
-n=	So many times.
'$everywhere ;;
        enable) arguments='job...' choices='--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
'$everywhere ;;
        disable) arguments='job...' choices='--for=	Enable again after so long, such as "4h".
--reason=	Why, for those who ask.
--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
'$everywhere ;;
        pause) arguments='' choices='--queue=queue	Only the runs of a queue.
--for=	Go on by itself after so long, such as "30m".
--reason=	Why, for those who ask.
'$everywhere ;;
        resume) arguments='' choices='--queue=queue	Only the runs of a queue.
'$everywhere ;;
        prune) arguments='job...' choices='--group=group	The jobs of a group; a glob works.
--tag=tag	The jobs with a tag; a glob works.
--older-than=	What ended longer ago, whatever [retention] says.
--status=list:scheduled,queued,running,retrying,succeeded,failed,timed_out,cancelled,skipped,missed,lost	Only runs that ended so, several with commas.
--dry-run	Only say what would go, and how large it is.
'$everywhere ;;
        backup) arguments='file' choices=''$everywhere ;;
        init) arguments='file' choices=''$everywhere ;;
        add) arguments='- command...' choices='--command=	The command, for the shell.
--schedule=	Cron, daily …, or words; again for each.
--every=	At a fixed interval.
--every-after=	So long after its last run.
--at=	Once, at "tomorrow 09:00", say.
--on-start	When the daemon starts.
--on-boot	When the machine starts.
--after=job	When a run of that job succeeds; again for each.
--timezone=	Of the schedule.
--timeout=	Stop an attempt after that.
--retries=	Attempts after the first.
--description=	What it is for.
--group=group	A word to select it by.
--tag=tag	The same; again for each.
--queue=queue	The queue that it waits in.
--overlap=words:skip,queue,allow,replace	skip, queue, allow or replace.
--user=	Who it runs as.
--cwd=dir	Where it runs.
--env=	A variable; again for each.
--alert=words:low,medium,high	Of its alerts: low, medium or high.
--dry-run	Only show the difference.
'$everywhere ;;
        remove) arguments='job' choices='--dry-run	Only show the difference.
'$everywhere ;;
        edit) arguments='job' choices=''$everywhere ;;
        check) arguments='file' choices=''$everywhere ;;
        import) arguments='words:crontab,systemd' choices='--system	Lines name users; without FILE /etc/crontab and /etc/cron.d.
--user	Units of your own manager; without DIR ~/.config/systemd/user.
'$everywhere ;;
        env) arguments='job' choices='--diff	Only what differs from your environment.
--param=	A value for the job; again for each.
--params=	All values as a JSON object, or @FILE with one.
'$everywhere ;;
        shell) arguments='job command...' choices='--param=	A value for the job; again for each.
--params=	All values as a JSON object, or @FILE with one.
'$everywhere ;;
        progress) arguments='-' choices='--message=	What the job is at; stays until the next.
-m=	What the job is at; stays until the next.
'$everywhere ;;
        schema) arguments='' choices=''$everywhere ;;
        completion) arguments='words:bash,zsh,fish' choices=''$everywhere ;;
        doctor) arguments='' choices='--pressure	Instead: a map of how many jobs the clock starts in each hour of a week.
'$everywhere ;;
        service) arguments='words:install,uninstall,show' choices='--user	A daemon of your own, not the machine’s.
--force	Also without a jobs file, or over a changed unit.
--now	install: start the daemon too.
'$everywhere ;;
        daemon) arguments='' choices='--drain	SIGTERM waits for running jobs; a second one leaves them running.
--log-format=words:text,json	The daemon’s own log, on stderr.
'$everywhere ;;
        reload) arguments='' choices='--plan	Only show what would change.
'$everywhere ;;
        health) arguments='' choices='--thorough	Also read the whole database; a big one takes seconds.
'$everywhere ;;
        metrics) arguments='' choices='--output=file	Replace FILE in one stroke instead.
'$everywhere ;;
        help) arguments=verb choices='' ;;
        *) choices=$everywhere ;;
    esac
}

# The arguments where the first of them is a word that decides what follows.
_jobctl_branch() {
    case $1 in
        'alerts ack') arguments='- -...' ;;
        'alerts test') arguments='- channel' ;;
        'alerts history') arguments='- ' ;;
        'import crontab') arguments='- file' ;;
        'import systemd') arguments='- dir' ;;
        'completion bash') arguments='- ' ;;
        'completion zsh') arguments='- ' ;;
        'completion fish') arguments='- ' ;;
        'service install') arguments='- ' ;;
        'service uninstall') arguments='- ' ;;
        'service show') arguments='- ' ;;
        *) ;;
    esac
}

_jobctl() {
    local words=("${COMP_WORDS[@]:1:COMP_CWORD}") found at
    found=$(_jobctl_candidates "${words[@]}" 2> /dev/null)
    COMPREPLY=()
    case $found in
        '') ;;
        /) compopt -o default ;;
        //) compopt -o dirnames ;;
        *)
            compopt -o nosort # files are sorted, names come as they are told: jobs before runs
            local - IFS=$'\n'
            set -f
            COMPREPLY=($found) # `mapfile` would read each byte by itself
            case $found in *$'\t'*) COMPREPLY=("${COMPREPLY[@]%%$'\t'*}") ;; esac
            IFS=,
            case ${COMPREPLY[*]} in
                *[!A-Za-z0-9_.,:=@%+/-]*) # readline inserts them as they are: a name must not become a command
                    for at in "${!COMPREPLY[@]}"; do
                        case ${COMPREPLY[at]} in
                            *[!A-Za-z0-9_.,:=@%+/-]*) printf -v "COMPREPLY[at]" %q "${COMPREPLY[at]}" ;;
                        esac
                    done
                    ;;
            esac
            ;;
    esac
}

complete -F _jobctl jobctl
