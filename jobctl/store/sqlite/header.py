"""The first bytes of the database: what they say without SQLite, which takes a while to import."""

from pathlib import Path

APPLICATION_ID = 0x6A6F6263  # "jobc"
HEADER = 100  # bytes
MAGIC = b"SQLite format 3\0"


def application_of(header: bytes) -> int:
    """Whose database it is; 0 where the file does not say so itself, and perhaps its log does."""
    return int.from_bytes(header[68:72], "big")


def is_made(database: Path) -> bool:
    """Whether the file says that it is jobctl's database: then nothing that lies beside it makes it a lost one."""
    try:
        with database.open("rb") as file:
            header = file.read(HEADER)
    except OSError:
        return False
    return header.startswith(MAGIC) and application_of(header) == APPLICATION_ID
