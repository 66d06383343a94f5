"""The sealed files of handovers: stored, opened, and destroyed when their time is over or nobody knows them.

A row says which file is whose. What no row names is nobody's: a worker that was killed between storing and saying so
leaves such a file, and it goes. A row whose file is lost or damaged is void, so that asking again makes it anew.
"""

import logging
import re
import secrets
from contextlib import suppress
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Q
from django.utils import timezone

from accounts import vault
from intake.models import Case, Handover
from intake.services.jobs import LEASE

log = logging.getLogger("paspoort.handover")
FILE_FIELD = "intake.Handover.file"
KEPT = timedelta(days=90)
FILE_BLOCK = 64 * 1024  # a file's size tells only its class
OUTCOMES = [Case.Status.PLACED, Case.Status.NOT_PLACED]
# Nobody is still busy with a file that is older: a claim lasts a lease, and is not published after it.
NOBODYS_AFTER = 2 * LEASE
# Names of this shape are of handovers alone: whoever stores something else here gives it another.
OURS = re.compile(r"[0-9a-f]{32}-(?:[0-9a-f]{8}|v\d+)")


def store_file(handover: Handover, key: vault.Key, pdf: bytes) -> str:
    """Seals and stores the PDF under a new name, and returns that name. Of what cannot be stored nothing is left."""
    sealed = key.seal_bytes(pdf, field=FILE_FIELD, row=handover.pk, revision=handover.release, block=FILE_BLOCK)
    name = f"{handover.pk.hex}-{secrets.token_hex(4)}"
    try:
        return default_storage.save(name, ContentFile(sealed))
    except BaseException:  # a full disk keeps the half that fitted
        with suppress(Exception):
            default_storage.delete(name)
        raise


def stored_file(handover: Handover) -> bytes | None:
    """The sealed file, or None when it is gone. One that was sealed anew just now is found under its new name."""
    found = _read_file(handover.file)
    if found is None:
        handover.file = Handover.objects.filter(pk=handover.pk).values_list("file", flat=True).first() or ""
        found = _read_file(handover.file)
    return found


def opened_file(handover: Handover, key: vault.Key) -> bytes | None:
    """The PDF, or None when the file is lost or damaged: then the row is void, and asking again makes it anew.

    Raises vault.Shredded when the key it was sealed with is gone.
    """
    sealed = stored_file(handover)
    with suppress(vault.Tampered):
        if sealed is not None:
            return key.open_bytes(sealed, field=FILE_FIELD, row=handover.pk, revision=handover.release)
    same = Handover.objects.filter(pk=handover.pk, file=handover.file, status=Handover.Status.READY)
    if same.update(status=Handover.Status.VOID):
        log.warning("file_lost", extra={"event": "open", "job": str(handover.pk)})
    return None


def delete_file(name: str) -> None:
    """Deletes a file by its name; no name is no file."""
    if name:
        default_storage.delete(name)


def delete_unnamed(name: str) -> None:
    """Deletes a file that was not published. After a lost connection it may have been: then it stays."""
    if name and not Handover.objects.filter(file=name).exists():
        default_storage.delete(name)


def destroy_files() -> int:
    """Deletes the files of handovers that are void, over or 90 days old; returns how many. May run twice.

    One that cannot be deleted keeps none of the others: it is tried again the next time.
    """
    old = Q(ready_at__lt=timezone.now() - KEPT) | Q(share__valid_until__lt=timezone.localdate())
    ended = Q(share__case__status__in=OUTCOMES)
    rows = Handover.objects.exclude(file="").filter(Q(status=Handover.Status.VOID) | old | ended)
    done = 0
    for handover_id, name in list(rows.values_list("pk", "file")):
        try:
            default_storage.delete(name)
        except Exception:
            log.warning("file_stays", extra={"event": "destroy", "job": str(handover_id)})
            continue
        # One that got another name meanwhile, sealed anew, is found the next time.
        same = Handover.objects.filter(pk=handover_id, file=name)
        same.update(status=Handover.Status.VOID, file="", code_sha256=None)
        done += 1
    return done


def drop_lost_files() -> int:
    """Deletes files that no row names and nobody can be busy with any more; returns how many. May run twice."""
    if not default_storage.exists(""):
        return 0
    there = {name for name in default_storage.listdir("")[1] if OURS.fullmatch(name)}
    # The rows after the files: what was stored since is not in the list, and is not touched.
    lost = there - set(Handover.objects.exclude(file="").values_list("file", flat=True))
    old = [name for name in lost if default_storage.get_modified_time(name) < timezone.now() - NOBODYS_AFTER]
    for name in old:
        default_storage.delete(name)
    return len(old)


def _read_file(name: str) -> bytes | None:
    if not name:
        return None
    try:
        with default_storage.open(name, "rb") as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None
