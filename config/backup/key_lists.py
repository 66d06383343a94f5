"""Which keys the data needs and which a backup of the keys holds: lists of random ids, so that nothing is guessed.

A key that is destroyed was destroyed on purpose (erased, or its time was over): it is not missing. One that is not
there at all is: what it opens would be lost.
"""

from pathlib import Path
from uuid import UUID

from accounts import vault

NEEDED, HELD = "keys-needed.list", "keys-held.list"
Versions = dict[tuple[UUID, int], bool]


def here() -> Versions:
    """Every key version of the site, and whether it lives."""
    return {(owner, version): is_living for owner, version, is_living in vault.every_version()}


def write(path: Path, versions: Versions) -> None:
    """A line a version: owner, version, living or destroyed."""
    states = {True: "living", False: "destroyed"}
    lines = (f"{owner} {version} {states[lives]}\n" for (owner, version), lives in sorted(versions.items()))
    with path.open("w", encoding="ascii") as file:
        file.writelines(lines)


def read(path: Path) -> Versions:
    """What `write` wrote."""
    words = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {(UUID(owner), int(version)): state == "living" for owner, version, state in words}


def living(versions: Versions) -> set[tuple[UUID, int]]:
    return {one for one, lives in versions.items() if lives}


def missing(needed: set[tuple[UUID, int]], held: Versions) -> list[UUID]:
    """Whose key is not among what is held, nor known to be destroyed."""
    return sorted({owner for owner, version in needed if (owner, version) not in held})


def renewed(needed: set[tuple[UUID, int]], held: Versions) -> list[UUID]:
    """Who has a new key since, and no longer the version that is needed: with these keys that data does not open."""
    alive = {owner for owner, version in living(held) if version != vault.SLOTS}
    return sorted({owner for owner, version in needed if held.get((owner, version)) is False and owner in alive})
