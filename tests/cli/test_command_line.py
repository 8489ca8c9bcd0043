"""Which words of a call mean what, and what is said of those that mean nothing."""

from __future__ import annotations

import enum
import re
from typing import Annotated, Any

import pytest

from jobctl.cli.command_line import Words
from jobctl.cli.declare import Argument, Context, Option
from jobctl.cli.main import call
from jobctl.cli.parameters import parameters_of
from jobctl.cli.verbs import VERBS
from jobctl.errors import UsageError


class Colour(enum.Enum):
    """Something with a choice."""

    RED = "red"
    BLUE = "blue"


def sample(
    ctx: Context,
    first: Annotated[str, Argument(metavar="FIRST", help="One.")],
    others: Annotated[list[str] | None, Argument(metavar="MORE...", help="More.")] = None,
    follow: Annotated[bool, Option("-f", "--follow", help="A flag.")] = False,
    quick: Annotated[bool, Option("-q", help="Another.")] = False,
    count: Annotated[int | None, Option("-n", "--count", min=1, max=9, help="A number.")] = 3,
    share: Annotated[float | None, Option(help="A number with a fraction.")] = None,
    tags: Annotated[list[str] | None, Option("--tag", metavar="TAG", help="Again for each.")] = None,
    colour: Annotated[Colour, Option(help="A choice.")] = Colour.RED,
    long_name: Annotated[str | None, Option(metavar="TEXT", help="Spelled with a dash.")] = None,
) -> None:
    """Nothing."""


def read(*words: str) -> dict[str, Any]:
    line = Words("jobctl sample", parameters_of(sample))
    values = line.values(*line.all(words))
    return {name: value for name, value in values.items() if name != "first" or value != "a"}


UNSAID = {
    "others": None, "follow": False, "quick": False, "count": 3, "share": None, "tags": None, "colour": Colour.RED,
    "long_name": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("a", {}),
        ("a b c", {"others": ["b", "c"]}),
        ("-f a", {"follow": True}),
        ("a --follow b", {"follow": True, "others": ["b"]}),
        ("a -fq", {"follow": True, "quick": True}),
        ("a -n 5", {"count": 5}),
        ("a -n5", {"count": 5}),
        ("a -fqn5", {"follow": True, "quick": True, "count": 5}),
        ("a -fn 5", {"follow": True, "count": 5}),
        ("a --count=5", {"count": 5}),
        ("a --count 5 --count 6", {"count": 6}),
        ("a --share 0.5", {"share": 0.5}),
        ("a --tag x --tag=y", {"tags": ["x", "y"]}),
        ("a --tag -f", {"tags": ["-f"]}),
        ("a --tag=", {"tags": [""]}),
        ("a --colour blue", {"colour": Colour.BLUE}),
        ("a --long-name=b=c", {"long_name": "b=c"}),
        ("a -- -f --tag", {"others": ["-f", "--tag"]}),
        ("a -", {"others": ["-"]}),
    ],
)
def test_words_have_their_meaning(words: str, said: dict[str, Any]) -> None:
    assert read(*words.split()) == UNSAID | said


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("", "missing argument 'FIRST'", "see `jobctl sample --help`"),
        ("a --folow", "there is no option `--folow`", "did you mean `--follow`?"),
        ("a --fol", "there is no option `--fol`", "did you mean `--follow`?"),
        ("a -x", "there is no option `-x`", "`jobctl sample --help` lists the options"),
        ("a -fx", "there is no option `-x`", "`jobctl sample --help` lists the options"),
        ("a -n", "option '-n' requires an argument", "see `jobctl sample --help`"),
        ("a --tag", "option '--tag' requires an argument", "see `jobctl sample --help`"),
        ("a --follow=yes", "option '--follow' does not take a value", "see `jobctl sample --help`"),
        ("a -n x", "invalid value for '-n' / '--count': 'x' is no whole number", "see `jobctl sample --help`"),
        ("a -n 0", "invalid value for '-n' / '--count': 0 is not in the range 1<=x<=9", "see `jobctl sample --help`"),
        ("a --share x", "invalid value for '--share': 'x' is no number", "see `jobctl sample --help`"),
        ("a --colour x", "invalid value for '--colour': 'x' is not one of 'red', 'blue'", "see `jobctl sample --help`"),
    ],
)
def test_words_without_a_meaning_are_told(words: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(*words.split())
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_help_is_a_verb_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--help"]) == call(["help"]) == 0
    first, second = re.split(r"(?=Usage:)", capsys.readouterr().out)[1:]
    assert first == second
    assert call(["history", "--help"]) == call(["help", "history"]) == call(["help", "history", "please"]) == 0
    texts = re.split(r"(?=Usage:)", capsys.readouterr().out)[1:]
    assert len(set(texts)) == 1
    assert call(["help", "histroy"]) == 2
    assert "did you mean `history`?" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["", *VERBS])
@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_help_fits_the_terminal(
    verb: str, width: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    assert call([*verb.split(), "--help"]) == 0
    text = capsys.readouterr().out.split("\n\n", 1)[1]
    assert max(map(len, text.splitlines())) <= min(int(width), 80)
