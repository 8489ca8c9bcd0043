"""A process that adds runs and says so: `python -m tests.store.adding DIRECTORY WHO COUNT`.

Prints `key id` after each acknowledged run; the keys are shared with the others, so that most runs exist already.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from tests.store.building import new_run
from tests.store.conftest import STORES


def main(store_name: str, directory: str, who: str, count: str) -> None:
    store = STORES[store_name](Path(directory))
    chance = random.Random(who)
    for number in range(int(count)):
        key = f"order-{chance.randrange(300)}" if number % 2 else f"{who}-{number}"
        made = store.runs.add(new_run("mail", key=key))
        print(key, made.id, flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
