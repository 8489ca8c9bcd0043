"""`python -m jobctl.cli.reference`, in a checkout: write the completion scripts and the man page anew."""

from __future__ import annotations

from pathlib import Path

from jobctl.cli.completion import Shell
from jobctl.cli.reference.man import man_page
from jobctl.cli.reference.shells import scripts
from jobctl.cli.reference.table import pages
from jobctl.operations.service_unit import UnitSettings, unit_text

# As the README installs it.
_UNIT = UnitSettings(
    program=("/opt/jobctl/bin/jobctl",),
    jobs_file=Path("/etc/jobctl/jobs.toml"),
    state_dir=Path("/var/lib/jobctl"),
    for_user=False,
    systemd=254,
)
_CHECKOUT = Path(__file__).parents[3]


def written() -> dict[Path, str]:
    """Every file, relative to the checkout, with what belongs into it."""
    found = pages()
    completions = {Path("completions", Shell(name).file_name): text for name, text in scripts(found).items()}
    return {**completions, Path("docs", "jobctl.1"): man_page(found), Path("docs", "jobctl.service"): unit_text(_UNIT)}


if __name__ == "__main__":
    for path, text in written().items():
        (_CHECKOUT / path).write_text(text, encoding="utf-8")
        print(path)
