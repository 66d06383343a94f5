"""The commands behind script/backup and script/restore; in the image: `python -m config.backup`."""

import argparse
import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main(words: list[str]) -> int:
    """Runs one command; 1 and a sentence when it refuses."""
    os.umask(0o077)  # what is written here is other people's
    given = _parser().parse_args(words)
    django.setup()
    from django.db import DatabaseError

    from config.backup.places import Refused

    try:
        lines = _take(given) if given.command == "take" else _restore(given)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    except DatabaseError:
        sys.stderr.write("a database does not answer, or holds no tables yet\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"stopped, and cleaned up: {error.strerror or type(error).__name__}\n")
        return 1
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _take(given: argparse.Namespace) -> list[str]:
    from config.backup import take
    from config.backup.places import Refused

    asked = take.Asked(
        data=given.folder,
        keys=given.keys or given.folder,
        together=given.together,
        with_files=not given.without_files,
        data_days=given.keep_days,
        keys_days=given.keep_keys_days,
    )
    if given.keys is None and not given.together:
        raise Refused("say where the keys go: --keys FOLDER on another disk, or --together in the same folder")
    if given.only_remove:
        return [f"removed: {one}" for one in take.remove_old(asked)]
    done = take.take(asked)
    lines = [f"data:  {done.data}", f"keys:  {done.keys}", f"files: {done.files} in the data"]
    lines += [f"removed: {one}" for one in done.removed]
    kept = f"kept: data {asked.data_days} days, keys {asked.keys_days} days"
    return [*lines, f"{kept}. The secrets are in neither"]


def _restore(given: argparse.Namespace) -> list[str]:
    from config.backup import put_back
    from config.backup.places import Refused

    if (given.keys is None) != given.keep_keys:
        raise Refused("say which keys: --keys FOLDER, or --keep-keys when those of the site are whole")
    done = put_back.put_back(
        put_back.Asked(
            data=given.folder,
            keys=given.keys,
            replace=given.replace,
            erasures=tuple(given.erasures),
            nobody_erased_since=given.nobody_erased_since,
            accept_missing_keys=given.accept_missing_keys,
        )
    )
    gone = done.gap.lost - done.gap.head
    after = f"{gone} entries after it are gone" if gone else "none after it is known"
    lines = [
        f"put back: as it was on {done.taken}, and {done.files} files",
        f"ledger: up to entry {done.gap.head}; {after}",
    ]
    lines += [f"ledger: BROKEN at entry {done.broken.seq}: {done.broken.reason}"] if done.broken else []
    lines += [f"lost: {len(done.missing)} people have no key"] if done.missing else []
    return [*lines, "The site stays closed. Now: manage.py replay_erasures, then docs/beheer/backup.md"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="config.backup", description="Backups of data, keys and files.")
    commands = parser.add_subparsers(dest="command", required=True)
    take = commands.add_parser("take", help="make one, while the site runs")
    take.add_argument("folder", type=Path, metavar="DIR", help="where the data and the sealed files go")
    take.add_argument("--keys", type=Path, help="where the wrapped keys go: another disk, other people")
    take.add_argument("--together", action="store_true", help="keys and data on one disk all the same")
    take.add_argument("--without-files", action="store_true", help="S3 with versions of its own keeps the files")
    take.add_argument("--keep-days", type=int, default=35, help="of the data (35)")
    take.add_argument("--keep-keys-days", type=int, default=7, help="of the keys (7, and never more)")
    take.add_argument("--only-remove", action="store_true", help="make none, only remove those whose time is over")
    back = commands.add_parser("restore", help="put one back, while the site is off")
    back.add_argument("folder", type=Path, metavar="DIR", help="a backup of the data, or a folder with many")
    back.add_argument("--keys", type=Path, help="the backup of the keys, or the folder with many")
    back.add_argument("--keep-keys", action="store_true", help="the keys of the site are whole: leave them")
    back.add_argument("--replace", action="store_true", help="in the place of what is there")
    back.add_argument("--erasures", type=Path, action="append", default=[], help="a newer copy of the erasure list")
    back.add_argument("--nobody-erased-since", action="store_true", help="there was no erasing since the backup")
    back.add_argument("--accept-missing-keys", action="store_true", help="what has no key is lost")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
