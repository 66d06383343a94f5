"""Sites of their own to back up and to put back, as the fault tests make them; on the second run with servers."""

from collections.abc import Callable

import pytest

from tests.backup.hands import Backups
from tests.faults.conftest import blank, make_site, services
from tests.faults.site import Site

__all__ = ["backups", "blank", "make_site", "services"]


@pytest.fixture
def backups(make_site: Callable[..., Site], tmp_path) -> Callable[..., Backups]:
    """A site with so many students and a folder for its backups: `backups(2)`."""
    return lambda number: Backups(make_site(number), tmp_path / "backups")
