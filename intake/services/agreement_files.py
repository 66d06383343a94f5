"""The PDF/UA of a signed agreement: a job in the database, made once by a worker and sealed with the agreement's key.

queued -> rendering (claimed, with a lease) -> ready | failed. What is signed never changes, so it is never made void:
it goes with its agreement. Who may fetch it is asked at every download, and a download is a look.
"""

import logging
from uuid import UUID

from celery import current_app
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from consent.ledger import Action
from intake import handover as renderer
from intake.models import Agreement, AgreementFile
from intake.services.agreements import Opened, log_look, open_one, standing_or_404, visible
from intake.services.handover_files import FILE_BLOCK, LEASE
from intake.services.handovers import AWAY, lease_is_over

log = logging.getLogger("paspoort.agreement")
PDF_FIELD = "intake.AgreementFile.sealed_pdf"
MOST_ATTEMPTS = 3
Status = AgreementFile.Status


def open_file(*, agreement_id: UUID, by: User) -> bytes:
    """The PDF of a signed version, for who may read it. Raises NotHere; Refusal 409 before it is ready."""
    row = Agreement.objects.kept().filter(pk=agreement_id).select_related("file").first()
    if row is None:
        raise NotHere()
    standing = standing_or_404(by, row.case_id)
    if row.pk not in {one.pk for one in visible(standing)}:
        raise NotHere()
    if row.file.status == Status.FAILED:
        try_again(AgreementFile.objects.filter(pk=row.file.pk))
    if row.file.status != Status.READY:
        raise Refusal("not_ready", "Het bestand is nog niet klaar. Probeer het zo nog een keer.", status=409)
    key = vault.open_key(row.key_owner)
    log_look(standing, by, Action.DOWNLOAD)
    return key.open_bytes(row.file.sealed_pdf, field=PDF_FIELD, row=row.file.pk)


def render_html(opened: Opened) -> str:
    """The agreement as one A4 document; no name in its title."""
    return render_to_string("handover/agreement.html", {"one": opened, "content": opened.content})


def render_agreement(file_id: UUID) -> None:
    """The job: claim, open, render, publish. May run twice; a lost claim does nothing.

    After an error the row goes back in the queue, or has failed when the attempts are used up; the error is raised.
    """
    file = _claim(file_id)
    if file is None:
        return
    try:
        _render(file)
    except Exception as error:
        _put_back(file, is_spent=not isinstance(error, AWAY))
        raise


def _render(file: AgreementFile) -> None:
    row = file.agreement
    keys = vault.open_keys([row.key_owner])
    if row.key_owner not in keys:  # its term is over: the row goes too
        return
    pdf = renderer.render_pdf(render_html(open_one(row, keys)))
    sealed = keys[row.key_owner].seal_bytes(pdf, field=PDF_FIELD, row=file.pk, block=FILE_BLOCK)
    _mine(file).update(status=Status.READY, sealed_pdf=sealed, lease_until=None)


def _put_back(file: AgreementFile, *, is_spent: bool) -> None:
    """After an error: back in the queue, or failed when the attempts are used up; as intake/services/handovers.py.

    A database that was away costs no attempt, and a worker that lost its claim changes nothing.
    """
    attempts = file.attempts if is_spent else file.attempts - 1
    status = Status.FAILED if attempts >= MOST_ATTEMPTS else Status.QUEUED
    _mine(file).update(status=status, lease_until=None, attempts=attempts)


def _mine(file: AgreementFile) -> QuerySet[AgreementFile]:
    """The row while this claim on it holds: nobody took over, and the lease is not over."""
    claimed = AgreementFile.objects.filter(pk=file.pk, status=Status.RENDERING, attempts=file.attempts)
    return claimed.filter(lease_until=file.lease_until, lease_until__gte=timezone.now())


def try_again(rows: QuerySet[AgreementFile] | None = None) -> int:
    """What was given up goes back in the queue: when somebody asks for it, and every night. Returns how many.

    The text is signed and stays, so whatever was wrong may be mended by now.
    """
    rows = AgreementFile.objects.all() if rows is None else rows
    ids = list(rows.filter(status=Status.FAILED).values_list("pk", flat=True)[:200])
    AgreementFile.objects.filter(pk__in=ids, status=Status.FAILED).update(status=Status.QUEUED, attempts=0)
    for file_id in ids:
        wake(file_id)
    return len(ids)


def wake_waiting() -> int:
    """Wakes a worker for every file that waits or whose lease ran out; gives up on those without attempts left."""
    now = timezone.now()
    waiting = AgreementFile.objects.filter(status__in=[Status.QUEUED, Status.RENDERING])
    waiting = waiting.filter(Q(lease_until=None) | lease_is_over(now))
    waiting.filter(attempts__gte=MOST_ATTEMPTS).update(status=Status.FAILED, lease_until=None)
    ids = list(waiting.values_list("pk", flat=True)[:200])
    for file_id in ids:
        wake(file_id)
    return len(ids)


def wake(file_id: UUID) -> None:
    """Sends one id to the broker. A broker that is down costs a minute: the sweep finds the row."""
    try:
        current_app.send_task("intake.tasks.render_agreement", args=[str(file_id)])
    except Exception:
        log.warning("broker_down", extra={"event": "wake", "job": str(file_id)})


def _claim(file_id: UUID) -> AgreementFile | None:
    now = timezone.now()
    free = Q(status=Status.QUEUED) | Q(status=Status.RENDERING) & lease_is_over(now)
    claimed = AgreementFile.objects.filter(free, pk=file_id, attempts__lt=MOST_ATTEMPTS).update(
        status=Status.RENDERING, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    return AgreementFile.objects.select_related("agreement__case").get(pk=file_id) if claimed else None
