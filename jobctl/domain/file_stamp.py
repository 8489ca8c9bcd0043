"""Apart from `settings`, since every verb compares stamps and few read a file."""

from typing import NamedTuple


class FileStamp(NamedTuple):
    """What tells cheaply whether a file is still the one that was read."""

    path: str
    size: int
    mtime_ns: int
    inode: int
    digest: str = ""  # of the content, where it was read
