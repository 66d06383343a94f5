"""The PDF/UA of a signed agreement: a job in the database, made once by a worker and sealed with the agreement's key.

queued -> rendering (claimed, with a lease) -> ready | failed. What is signed never changes, so it is never made void:
it goes with its agreement. Who may fetch it is asked at every download, and a download is a look.
"""

from uuid import UUID

from django.db.models import QuerySet
from django.template.loader import render_to_string

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from consent.ledger import Action
from intake import handover as renderer
from intake.models import Agreement, AgreementFile
from intake.services import jobs
from intake.services.agreements import Opened, log_look, open_one, standing_or_404, visible
from intake.services.handover_files import FILE_BLOCK

PDF_FIELD = "intake.AgreementFile.sealed_pdf"
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
    return key.open_bytes(row.file.sealed_pdf or b"", field=PDF_FIELD, row=row.file.pk)


def render_html(opened: Opened) -> str:
    """The agreement as one A4 document; no name in its title."""
    return render_to_string("handover/agreement.html", {"one": opened, "content": opened.content})


def render_agreement(file_id: UUID) -> None:
    """The job: claim, open, render, publish. May run twice; a lost claim does nothing.

    After an error the row goes back in the queue, or has failed when the attempts are used up; the error is raised.
    """
    jobs.run(AgreementFile.objects.select_related("agreement__case"), file_id, _render)


def _render(file: AgreementFile) -> None:
    row = file.agreement
    keys = vault.open_keys([row.key_owner])
    if row.key_owner not in keys:  # its term is over: the row goes too
        return
    pdf = renderer.render_pdf(render_html(open_one(row, keys)))
    sealed = keys[row.key_owner].seal_bytes(pdf, field=PDF_FIELD, row=file.pk, block=FILE_BLOCK)
    jobs.mine(file).update(status=Status.READY, sealed_pdf=sealed, lease_until=None)


def try_again(rows: QuerySet[AgreementFile] | None = None) -> int:
    """What was given up goes back in the queue: when somebody asks for it, and every night. Returns how many.

    The text is signed and stays, so whatever was wrong may be mended by now.
    """
    rows = AgreementFile.objects.all() if rows is None else rows
    ids = list(rows.filter(status=Status.FAILED).values_list("pk", flat=True)[:200])
    AgreementFile.objects.filter(pk__in=ids, status=Status.FAILED).update(status=Status.QUEUED, attempts=0)
    jobs.wake(AgreementFile, ids)
    return len(ids)


def wake_waiting() -> int:
    """Wakes a worker for every file that waits or whose worker was lost; returns how many."""
    return jobs.sweep(AgreementFile.objects.all())


def wake(file_id: UUID) -> None:
    """Wakes a worker for one file."""
    jobs.wake(AgreementFile, [file_id])
