"""The one place that chooses concrete classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jobctl.clock import SystemClock
from jobctl.config.places import Places, find_places, make_state_dir, only_file_named, places_looked_at
from jobctl.errors import JobsFileError
from jobctl.operations.context import Context
from jobctl.presence import is_there
from jobctl.store.sqlite.header import is_made

if TYPE_CHECKING:
    from jobctl.store.interface import Store


def open_context(
    config: Path | None,
    state_dir: Path | None,
    *,
    named_state_dir: Path | None = None,
    missing_file_serves: bool = False,
    broken_file_serves: bool = False,
) -> Context:
    """The surroundings of one verb. Nothing is created or opened yet; the store, when it is asked for, is not made
    where there is no jobs file, unless the verb has a use for that (JobsFileError). `named_state_dir` is what is meant,
    where `state_dir` is an empty directory in its stead.

    JobsFileError where somebody named a jobs file that is not there and no state directory, unless the verb has a use
    for that or the state directory is known to be that file's: what the verb did or showed would be another
    installation's. For the same reason where the jobs file is no TOML and cannot say which state directory is meant.
    """
    places, file_alone = find_places(config, state_dir), only_file_named(config, state_dir)
    context = Context(
        places=places,
        clock=SystemClock(),
        open_store=lambda: open_store(places) if missing_file_serves else _open_what_may_be(places),
        store_is_made=lambda: is_made(places.database),
        only_file_named=file_alone,
        named_state_dir=named_state_dir,
    )
    there = (file_alone or places.is_customary) and is_there(places.jobs_file)
    misses = file_alone and not there and not missing_file_serves
    if misses or (places.is_customary and there and not broken_file_serves):
        _refuse_what_tells_nothing(context, missing=misses)
    return context


def _refuse_what_tells_nothing(context: Context, *, missing: bool) -> None:
    from jobctl.operations.named_file import refuse_broken_file, refuse_missing_file

    try:
        refuse_missing_file(context) if missing else refuse_broken_file(context)
    except JobsFileError:
        context.close()
        raise


def _open_what_may_be(places: Places) -> Store:
    """The store of a verb that is of no use without a jobs file. Where neither is there, a slip of the fingers leaves
    nothing behind: JobsFileError before anything is made."""
    if not is_there(places.state_dir) and not is_there(places.jobs_file):
        from jobctl.config.safety import content_of  # its words for what is not there, for this mistake only

        try:
            content_of(places.jobs_file)
        except JobsFileError as error:
            error.hint = f"{error.hint}\n{places_looked_at(places, places.state_dir)}"
            raise
    return open_store(places)


def open_store(places: Places, *, for_daemon: bool = False) -> Store:
    """The store of a state directory, made when it is not there yet. StoreUnusable says what is wrong with it."""
    from jobctl.store.sqlite.store import SqliteStore  # SQLite, which `exec` imports while its keeper gets ready

    make_state_dir(places)
    return SqliteStore.open(
        places.database,
        places.write_lock,
        checkpointer=for_daemon,
        verify=for_daemon,
        evidence=(places.keepers_dir, places.logs_dir),
    )
