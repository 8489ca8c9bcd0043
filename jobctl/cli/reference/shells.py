"""The completion scripts: one engine in plain sh with the table in it, and a thin shell around it for each shell.

fish cannot read sh: it hands the whole to `sh -c`, which takes a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jobctl.cli.reference.table import Argument, Option, Page, options_before_the_verb, options_of_all_verbs

_ENGINE = Path(__file__).with_name("engine.sh")
_WRITTEN = "# Written by `python -m jobctl.cli.reference`; `jobctl completion {shell}` prints it."

_BASH = """\
{written}
# To load it: source <(jobctl completion bash), or put it into ~/.local/share/bash-completion/completions/jobctl.

{engine}
_jobctl() {{
    local words=("${{COMP_WORDS[@]:1:COMP_CWORD}}") found at
    found=$(_jobctl_candidates "${{words[@]}}" 2> /dev/null)
    COMPREPLY=()
    case $found in
        '') ;;
        /) compopt -o default ;;
        //) compopt -o dirnames ;;
        *)
            compopt -o nosort # files are sorted, names come as they are told: jobs before runs
            local - IFS=$'\\n'
            set -f
            COMPREPLY=($found) # `mapfile` would read each byte by itself
            case $found in *$'\\t'*) COMPREPLY=("${{COMPREPLY[@]%%$'\\t'*}}") ;; esac
            IFS=,
            case ${{COMPREPLY[*]}} in
                *[!A-Za-z0-9_.,:=@%+/-]*) # readline inserts them as they are: a name must not become a command
                    for at in "${{!COMPREPLY[@]}}"; do
                        case ${{COMPREPLY[at]}} in
                            *[!A-Za-z0-9_.,:=@%+/-]*) printf -v "COMPREPLY[at]" %q "${{COMPREPLY[at]}}" ;;
                        esac
                    done
                    ;;
            esac
            ;;
    esac
}}

complete -F _jobctl jobctl
"""

_ZSH = """\
#compdef jobctl
{written}
# To load it: put it as _jobctl into a folder of $fpath before compinit, or after that: source <(jobctl completion zsh).

{engine}
_jobctl() {{
    local -a typed lines names found
    typed=("${{(@Q)words[2,CURRENT]}}")
    lines=("${{(@f)$(emulate sh; _jobctl_candidates "${{typed[@]}}" 2> /dev/null)}}")
    case $lines[1] in
        '') return 1 ;;
        /) _files ;;
        //) _files -/ ;;
        *)
            names=("${{(@)lines:#*$'\\t'*}}") # in a group of their own, jobs stay before runs
            lines=("${{(@M)lines:#*$'\\t'*}}") found=("${{(@)${{(@)lines//:/\\\\:}}/$'\\t'/:}}")
            [[ $#names -eq 0 ]] || compadd -V names -a names
            [[ $#found -eq 0 ]] || _describe -V jobctl found
            ;;
    esac
}}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _jobctl "$@"
else
    compdef _jobctl jobctl
fi
"""

_FISH = """\
{written}
# To load it: jobctl completion fish > ~/.config/fish/completions/jobctl.fish

set -g __jobctl_engine '{engine}
_jobctl_candidates "$@" 2> /dev/null'

function __jobctl_complete
    set -l found (sh -c $__jobctl_engine sh (commandline -opc)[2..-1] (commandline -ct))
    switch "$found[1]"
        case ''
            return
        case /
            __fish_complete_path (commandline -ct)
        case //
            __fish_complete_directories (commandline -ct)
        case '*'
            printf '%s\\n' $found
    end
end

complete -c jobctl -e
complete -c jobctl -f -k -a '(__jobctl_complete)'
"""


def scripts(pages: list[Page]) -> dict[str, str]:
    """By shell, the text of its script."""
    engine = f"{_ENGINE.read_text(encoding='utf-8')}\n{_table(pages)}"
    in_fish = engine.replace("\\", "\\\\").replace("'", "\\'")
    return {
        "bash": _BASH.format(written=_WRITTEN.format(shell="bash"), engine=engine),
        "zsh": _ZSH.format(written=_WRITTEN.format(shell="zsh"), engine=engine),
        "fish": _FISH.format(written=_WRITTEN.format(shell="fish"), engine=in_fish),
    }


def _table(pages: list[Page]) -> str:
    verbs = "".join(f"{page.name}\t{_quoted(page.summary)}\n" for page in pages)
    branches = "".join(_branch_entry(page, word) for page in pages for word in page.branches)
    return (
        "# The options and arguments of a verb, and before there is one all verbs.\n"
        "_jobctl_verb() {\n"
        f"    verbs='{verbs}'\n"
        f"    everywhere='{_lines(options_of_all_verbs())}'\n"
        "    arguments=''\n"
        "    case $1 in\n"
        f"        '') choices='{_lines(options_before_the_verb())}' ;;\n"
        f"{''.join(_entry(page) for page in pages)}"
        "        help) arguments=verb choices='' ;;\n"
        "        *) choices=$everywhere ;;\n"
        "    esac\n"
        "}\n\n"
        "# The arguments where the first of them is a word that decides what follows.\n"
        "_jobctl_branch() {\n"
        "    case $1 in\n"
        f"{branches}"
        "        *) ;;\n"
        "    esac\n"
        "}\n"
    )


def _entry(page: Page) -> str:
    arguments, options = _arguments(page.arguments), _lines(page.options)
    return f"        {page.name}) arguments='{arguments}' choices='{options}'$everywhere ;;\n"


def _branch_entry(page: Page, word: str) -> str:
    return f"        '{page.name} {word}') arguments='- {_arguments(page.branches[word])}' ;;\n"


def _arguments(arguments: Iterable[Argument]) -> str:
    return " ".join((one.kind or "-") + ("..." if one.many else "") for one in arguments)


def _lines(options: Iterable[Option]) -> str:
    """A line for each of their names, long ones first."""
    return "".join(
        f"{name}{'' if option.metavar is None else f'={option.kind}'}\t{_quoted(option.help)}\n"
        for option in options
        for name in sorted(option.names, key=lambda name: not name.startswith("--"))
    )


def _quoted(text: str) -> str:
    """Help as it may stand between single quotes, on one line."""
    return " ".join(text.split()).replace("'", "’").replace("\\", "")
