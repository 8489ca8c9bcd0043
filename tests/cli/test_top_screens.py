"""Screens of `top`, kept as files; and that none of any size breaks. JOBCTL_KEEP_SCREENS=1 keeps them anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobctl.cli.render.style import Meaning
from jobctl.cli.render.top.line import text_of, width_of
from jobctl.cli.render.top.pages import help_page, log_page, wrapped
from jobctl.cli.render.top.screen import Size, draw, plan
from jobctl.cli.render.top.view import Sort, View, arranged, scrolled
from jobctl.domain.run import Status
from jobctl.operations.top import Snapshot
from jobctl.store.records import MissedStarts
from tests.cli.showcase import NOW, assert_screen, local_zone
from tests.cli.top_sample import snapshot

pytestmark = pytest.mark.usefixtures("berlin")


@pytest.fixture(name="berlin")
def _berlin(monkeypatch: pytest.MonkeyPatch) -> object:
    with local_zone(monkeypatch):
        yield


def screen(size: Size, view: View | None = None, running: int = 6) -> str:
    lines = draw(snapshot(running), view or View(), size)
    return "\n".join(text_of(line).rstrip() for line in lines) + "\n"


@pytest.mark.parametrize("size", [Size(80, 24), Size(120, 40), Size(200, 60), Size(44, 12)])
def test_the_screen_is_the_one_that_is_kept(size: Size) -> None:
    assert_screen(f"top_{size.columns}x{size.lines}", screen(size))


def test_what_went_well_gives_way_to_what_went_wrong() -> None:
    shot = replace(snapshot(), counts=dict.fromkeys(Status, 10))
    line = text_of(draw(shot, View(), Size(80, 24))[1])
    assert line.rstrip().endswith("10 failed, 10 timed out, 10 missed, 10 lost"), line
    wide = text_of(draw(shot, View(), Size(200, 60))[1])
    assert "10 succeeded, 10 failed" in wide


def test_a_daemon_that_stands_still_is_not_green() -> None:
    shot = snapshot()
    daemon = shot.stored.daemon._replace(stands_still=True)
    silent = replace(shot, stored=replace(shot.stored, daemon=daemon))
    for found, meaning in ((shot, Meaning.GOOD), (silent, Meaning.BAD)):
        [shown] = [one for text, one in draw(found, View(), Size(80, 24))[0] if text.startswith("daemon")]
        assert shown is meaning


def test_a_failure_tells_its_instants_on_the_clock_of_the_reader() -> None:
    shot = snapshot()
    reason = "stands for 48 slots since 2026-11-22T17:10:30Z"
    late = shot.stored.failed[0]._replace(reason=reason)
    lines = draw(replace(shot, stored=replace(shot.stored, failed=(late,))), View(), Size(200, 60))
    assert any("stands for 48 slots since 18:10:30" in text_of(line) for line in lines)


def test_in_ascii_nothing_else_is_sent() -> None:
    shown = screen(Size(200, 60), View(ascii_only=True))
    assert shown.isascii()
    assert "####" in shown
    assert "\\xfcberpr\\xfcfung" in shown


def with_missed(shot: Snapshot, count: int) -> Snapshot:
    """The same with so many jobs that nobody starts."""
    absent = (MissedStarts(f"absent-{number}", 3 if number else 1, NOW - 3_600_000) for number in range(count))
    return replace(shot, stored=replace(shot.stored, missed=tuple(absent)))


@pytest.mark.parametrize("running", [0, 1, 6, 100])
def test_every_size_is_filled_exactly(running: int) -> None:
    shot = with_missed(snapshot(running), running)
    for columns in (1, 2, 5, 10, 19, 30, 36, 47, 59, 60, 61, 72, 79, 80, 100, 108, 112, 116, 131, 164, 200, 300):
        for lines in (1, 2, 3, 5, 8, 10, 12, 18, 19, 24, 31, 60, 100):
            drawn = draw(shot, View(chosen=shot.running[0].run.id if running else None), Size(columns, lines))
            assert len(drawn) == lines
            assert {width_of(line) for line in drawn} == {columns}, (columns, lines)
            assert not any("\x1b" in text_of(line) for line in drawn)


def test_as_many_rows_as_fit_are_shown_and_the_rest_is_told_of() -> None:
    shown = screen(Size(80, 24), View(sort=Sort.TIME, first=3), running=30)
    assert "Running  30, most time first, lines 4 to " in shown


def test_the_order_is_the_wanted_one() -> None:
    jobs = {sort: [one.run.job for one in arranged(snapshot(), View(sort=sort))][:2] for sort in Sort}
    assert jobs == {
        Sort.CPU: ["compress-archive", "resize-photos-of-the-whole-year"],
        Sort.MEMORY: ["database-dump", "compress-archive"],
        Sort.TIME: ["database-dump", "compress-archive"],
    }


def test_the_filter_takes_letters_of_the_name_or_the_beginning_of_an_id() -> None:
    shot = snapshot()
    by_name = plan(shot, View(needle="UP"), Size(120, 40))
    assert [run.job for run in by_name.choices] == ["site-up", "await-upload"]
    shown = screen(Size(120, 40), View(needle="index"))
    assert "Running  1 of 6, most cpu first, filter index" in shown
    assert "nightly-backup" not in shown


def test_the_chosen_one_is_marked_and_reversed() -> None:
    shot = snapshot()
    for wanted in (shot.running[1].run, shot.stored.failed[0]):
        lines = draw(shot, View(chosen=wanted.id), Size(120, 40))
        marked = [text for line in lines for text, meaning in line if meaning is Meaning.CHOSEN]
        assert len(marked) == 1
        assert ">" in marked[0]
        assert wanted.job in marked[0]


@pytest.mark.parametrize(
    ("first", "place", "expected"), [(0, None, 0), (0, 4, 0), (0, 5, 1), (3, 2, 2), (90, None, 15), (7, 19, 15)]
)
def test_the_list_scrolls_no_further_than_it_must(first: int, place: int | None, expected: int) -> None:
    assert scrolled(first, place, 20, 5) == expected


def test_jobs_that_nobody_starts_stand_below_what_failed_and_leave_room_for_it() -> None:
    shot = with_missed(snapshot(), 40)
    for size in (Size(80, 24), Size(120, 40), Size(200, 60)):
        shown = [text_of(line) for line in draw(shot, View(), size)]
        assert any("await-upload" in line for line in shown)
        below = next(line for line in shown if "absent-1" in line)
        assert " ".join(below.split()).endswith("1h absent-1 missed 3 in a row")
    assert plan(shot, View(), Size(80, 24)).choices == [
        *(one.run for one in arranged(shot, View())),
        *shot.stored.failed,
    ]
    filtered = plan(shot, View(needle="absent-3"), Size(120, 40))
    assert [one.job for one in filtered.missed] == ["absent-3", *(f"absent-{number}" for number in range(30, 40))]
    few = with_missed(replace(shot, stored=replace(shot.stored, failed=())), 1)
    shown = [" ".join(text_of(line).split()) for line in draw(few, View(), Size(120, 40))]
    assert any(line.endswith("1h absent-0 missed") for line in shown)


def test_a_frozen_screen_says_so() -> None:
    assert "frozen at 20:05:09" in screen(Size(80, 24), View(is_frozen=True)).splitlines()[0]


def test_a_question_takes_the_place_of_the_keys() -> None:
    view = View(prompt="cancel a\x1b[2J? y/n", is_alarming=True)
    assert screen(Size(80, 24), view).splitlines()[-1] == "cancel a\\x1b[2J? y/n"


def test_many_processors_get_a_sign_each() -> None:
    shot = snapshot()
    many = replace(shot, host=replace(shot.host, cores=tuple(float(core) for core in range(0, 100)) * 2))
    lines = [text_of(line) for line in draw(many, View(), Size(120, 24))]
    assert any(line.startswith("CPU   50% ▁▁▁▁") for line in lines)
    assert sum("CPU" in line and "MEMORY" not in line for line in lines) == 1


def test_the_help_fits_a_small_terminal() -> None:
    page = [text_of(line).rstrip() for line in help_page(Size(80, 24), ascii_only=True)]
    assert len(page) == 24
    assert all(line.isascii() and "~" not in line for line in page)
    assert any("SIGKILL now" in line for line in page)


def test_a_log_is_wrapped_and_cannot_touch_the_terminal() -> None:
    data = b"\x1b[2Jone\n" + b"x" * 25 + b"\n" + "日本".encode() * 4 + b"\na\tb\n\xff\n"
    lines = wrapped(data, 10, ascii_only=False)
    assert lines == ["\\x1b[2Jone", "x" * 10, "x" * 10, "x" * 5, "日本日本日", "本日本", "a       b", "\\xff"]
    page = log_page("send-email", lines, None, Size(10, 5), ascii_only=False)
    assert [text_of(line).rstrip() for line in page] == ["send-email", "本日本", "a       b", "\\xff", "q back  a…"]
    top = log_page("send-email", lines, 0, Size(40, 5), ascii_only=False)
    assert text_of(top[0]).rstrip() == "send-email  lines 1 to 3 of 8"
