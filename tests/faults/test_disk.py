"""A disk that is full: a no in plain words, nothing half written, and with room again all goes on.

Embedded, everything is on that disk: databases, broker, files and the ledger's anchor.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import WITH_SERVICES
from tests.faults.people import ANSWER, Typing
from tests.faults.site import Site

pytestmark = [pytest.mark.faults, pytest.mark.services]
MakeSite = Callable[..., Site]
QUESTION, OTHER = "/paspoort/vraag/want.dream/", "/paspoort/vraag/want.why/"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A folder that is a disk of its own: `small_disk("400k")`. Skipped where nobody may mount one."""
    mounted: list[Path] = []

    def one(size: str) -> Path:
        folder = tmp_path / f"disk{len(mounted)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
        if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("no disk can be mounted here, so none can be filled")
        mounted.append(folder)
        return folder

    yield one
    for folder in mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, keep: int = 0) -> Path:
    """Fills the disk but for `keep` bytes; gives the file to delete."""
    filler, keeper = folder / "filler", folder / "keeper"
    keeper.write_bytes(b"x" * keep)
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass
    keeper.unlink()
    return filler


@pytest.mark.slow
def test_a_full_disk_leaves_no_half_file_and_asking_again_helps(
    make_site: MakeSite, small_disk: Callable[[str], Path]
) -> None:
    """Half of a file fits. The job says that it failed, and once there is room it can be asked for again."""
    site = make_site(1)
    disk = small_disk("1m")
    (site.var / "files").symlink_to(disk)
    filler = fill(disk, keep=40_000)
    site.worker()
    site.ask("ask")
    site.finish()
    (job,) = site.ask("jobs")
    assert job[:3] == ["failed", 3, ""] and site.ask("files") == ["filler"]
    assert site.ask("counts") == [1, 0, 1, 0]
    filler.unlink()
    site.ask("ask")
    site.finish()
    site.each_ended_once(1)


def test_a_full_disk_takes_no_answer_it_said_yes_to(make_site: MakeSite, small_disk: Callable[[str], Path]) -> None:
    """The page keeps the words and says so; what got a yes is there, and with room again a tap is enough."""
    if WITH_SERVICES:
        pytest.skip("the databases are not on this disk: on the embedded run")
    disk = small_disk("48m")
    site = make_site(3, disk)
    site.web()
    student, words = site.sessions["student-0"], "Ik word bakker, en dan koning."
    before = site.ask("wide")
    assert site.page(QUESTION, student, value="Eerst dit.", revision="0", before="0")[0] == 302
    with Typing(site, 3, padding=900) as typing:
        typing.go_on()
        filler = fill(disk)
        typing.hears(503)
        status, html = site.page(OTHER, student, value=words, revision="0", before="0")
        assert status == 503 and "Nog niet bewaard" in html and words in html
        shares = [share[0].split()[0] for share in before]  # of three students, and one of them is theirs
        answers = [site.call("POST", f"/api/v1/shares/{share}/withdraw/", student)[0] for share in shares]
        assert [code for code in answers if code != 404] in [[200], [503]]
        assert site.call("GET", "/readyz")[0] == 503
        filler.unlink()
        typing.go_on(seconds=20)
    assert site.page(OTHER, student, value=words, revision="0", before="0")[0] == 302
    assert site.ask("ledger") and all(share in before for share in site.ask("wide"))
    assert site.call("PUT", ANSWER, student, status="later", value=None, revision=0)[0] == 409
