"""What whoever runs a site types, each in a process of its own."""

import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench.server import ROOT
from tests.faults.site import Site

Ended = subprocess.CompletedProcess[str]
SETUP = """
import django
django.setup()
from accounts import vault
from accounts.models import DataKey, Student, User
from consent.models import Share
from intake.models import Handover
from tests import factories
"""


@dataclass
class Backups:
    """A site, and the folder its backups go to."""

    site: Site
    folder: Path

    def run(self, *words: str, limit: int | None = None) -> Ended:
        """A process with the settings of the site; with `limit` no file can become longer than so many bytes."""

        def fence() -> None:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        self.site.ask("close")
        return subprocess.run(
            [*self.site.as_site, "DJANGO_SETTINGS_MODULE=config.settings", sys.executable, *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=fence,
        )

    def manage(self, *words: str) -> Ended:
        return self.run("manage.py", *words)

    def code(self, source: str) -> str:
        """What a piece of Python in the site printed."""
        done = self.run("-c", SETUP + source)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def take(self, *more: str, limit: int | None = None) -> Ended:
        return self.run("-m", "config.backup", "take", str(self.folder), "--together", *more, limit=limit)

    def take_one(self) -> tuple[Path, Path]:
        """A new backup: its data and its keys."""
        before = self.whole()
        done = self.take()
        assert done.returncode == 0, done.stderr
        new = sorted(set(self.whole()) - set(before))
        return new[0], new[1]

    def whole(self) -> list[Path]:
        """Every whole backup there is, of data and of keys."""
        return sorted(one.parent for one in self.folder.glob("*/manifest.json"))

    def restore(self, data: Path, *more: str, keys: Path | None = None, limit: int | None = None) -> Ended:
        which = ["--keep-keys"] if keys is None else ["--keys", str(keys)]
        return self.run("-m", "config.backup", "restore", str(data), *which, "--replace", *more, limit=limit)
