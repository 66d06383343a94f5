"""The handover job: the database owns it, a message only wakes a worker, and access is asked at every step.

queued -> rendering (claimed, with a lease) -> ready | failed; void as soon as the share changed or ended.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Membership, Student, User
from accounts.refusals import NotHere, Refusal
from accounts.services import class_of, school_team
from consent import access, ledger
from consent.models import RecipientKind, Share, ShareState
from consent.services import digest_of
from intake import handover as renderer
from intake.models import Case, Handover
from intake.services import jobs
from intake.services.handover_files import (
    KEPT,
    OUTCOMES,
    delete_file,
    delete_unnamed,
    destroy_files,
    opened_file,
    store_file,
)
from intake.services.jobs import WAITING


@dataclass(frozen=True, slots=True)
class WarmShare:
    """A share that a school team hands over in person, with the name that team knows."""

    share: Share
    display_name: str = field(repr=False)


def request_handover(*, share_id: UUID, by: User) -> tuple[Handover, bool]:
    """Queues the PDF of what the share shows now; the same release gives the same handover.

    Returns the handover and whether it is new. Raises NotHere for anybody but the student, the recipient, or
    with warm transfer the school team; Refusal (409) once the intake is over.
    """
    handover, is_new = _put_in_line(share_id, by)
    transaction.on_commit(partial(jobs.wake, Handover, [handover.pk]), robust=True)
    return handover, is_new


def _put_in_line(share_id: UUID, by: User) -> tuple[Handover, bool]:
    """The row of `request_handover`, before anybody is woken for it."""
    share = _readable_share(share_id, by)
    if share.recipient_kind == RecipientKind.LINK:
        raise Refusal("no_file", "Een link is alleen om te lezen. Er komt geen bestand van.")
    # Asked before the transaction: it opens the student's key.
    stale = [one.pk for one in share.handovers.all() if is_void(one)]
    with transaction.atomic():
        locked = Share.objects.select_for_update(no_key=True).get(pk=share.pk)
        if _is_over(share=locked, student=share.student):
            raise NotHere()
        if Case.objects.filter(share=locked, status__in=OUTCOMES).exists():
            raise Refusal("intake_over", "De intake is klaar. Er komt geen bestand meer.", status=409)
        handover, is_new = Handover.objects.get_or_create(share=locked, release=locked.release)
        if handover.status == Handover.Status.FAILED or handover.pk in stale:
            # Void at the release that holds: its file went after 90 days, the intake was over and is not, or an
            # answer was emptied or changed since.
            transaction.on_commit(partial(delete_file, handover.file), robust=True)
            handover.status = Handover.Status.QUEUED
            Handover.objects.filter(pk=handover.pk).update(
                status=handover.status, attempts=0, lease_until=None, file="", code_sha256=None, ready_at=None
            )
    return handover, is_new


def request_handovers(*, shares: Iterable[Share], by: User) -> list[Handover]:
    """`request_handover` for a list of which the caller asked consent/access.py just now; what is over is left out.

    What is asked for the first time costs the same for one as for a class; a file that was made before is looked at.
    """
    wanted = {share.pk: share for share in shares}
    known = {(one.share_id, one.release): one for one in Handover.objects.filter(share__in=wanted)}
    made = {pk for pk, one in wanted.items() if (old := known.get((pk, one.release))) and old.status not in WAITING}
    with transaction.atomic():
        rows = Share.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted.keys() - made)
        rows = rows.exclude(recipient_kind=RecipientKind.LINK).exclude(case__status__in=OUTCOMES)
        rows = rows.select_related("student__user").order_by("pk")
        there = [one for one in rows if not _is_over(share=one, student=one.student)]
        new = [Handover(share=one, release=one.release) for one in there if (one.pk, one.release) not in known]
        Handover.objects.bulk_create(new, ignore_conflicts=True)
        releases = {one.pk: one.release for one in there}
        asked = [one for one in Handover.objects.filter(share__in=releases) if one.release == releases[one.share_id]]
    found = {one.share_id: one for one in asked}
    for share_id in made:
        try:
            found[share_id] = _put_in_line(share_id, by)[0]
        except Refusal:  # the student stopped or the intake ended since the list was made
            continue
    waiting = [one.pk for one in found.values() if one.status in WAITING]
    transaction.on_commit(partial(jobs.wake, Handover, waiting), robust=True)
    return [found[share_id] for share_id in wanted if share_id in found]


def get_handover_or_404(handover_id: UUID, by: User) -> Handover:
    """A handover this user may know of, with its status as it is now. Raises NotHere."""
    handover = Handover.objects.select_related("share__student__user").filter(pk=handover_id).first()
    if handover is None:
        raise NotHere()
    _may_know(handover.share, by)
    if is_void(handover):
        handover.status = Handover.Status.VOID
    return handover


def is_void(handover: Handover) -> bool:
    """Whether the share is no longer as it was when this handover was asked for.

    A file that is ready is void too when an answer in it was emptied since (contract, rule 2).
    """
    share = handover.share
    gone = _is_over(share=share, student=share.student)
    if handover.status == Handover.Status.VOID or gone or share.release != handover.release:
        return True
    if handover.status != Handover.Status.READY:
        return False
    return _is_past_its_time(handover) or not _still_says(handover)


def _is_past_its_time(handover: Handover) -> bool:
    """Files go 90 days after rendering, and once the intake is over; this holds before the sweep comes by."""
    old = handover.ready_at is not None and handover.ready_at < timezone.now() - KEPT
    return old or Case.objects.filter(share=handover.share_id, status__in=OUTCOMES).exists()


def _still_says(handover: Handover) -> bool:
    """Whether a ready file holds exactly what the share shows now."""
    try:
        dossier = access.read_as_recipient(share_id=handover.share_id, release=handover.release)
        now = digest_of(dossier, vault.open_key(handover.share.student_id))
    except (NotHere, vault.Shredded):
        return False
    return hmac.compare_digest(bytes(handover.content_digest or b""), now)


def _is_over(*, share: Share, student: Student) -> bool:
    """Whether nobody may read this share now: waiting, ended, past its day, or the student is frozen."""
    live = share.state == ShareState.ACTIVE and share.valid_until >= timezone.localdate()
    return not live or student.frozen_at is not None or not student.user.is_active


def open_file(*, handover_id: UUID, by: User) -> bytes:
    """The PDF, with access asked again and the download logged first. Raises NotHere; Refusal 409 or 410."""
    handover = get_handover_or_404(handover_id, by)
    if handover.status == Handover.Status.VOID:
        raise Refusal("void", "Dit bestand is niet meer geldig.", status=410)
    if handover.status != Handover.Status.READY:
        raise Refusal("not_ready", "Het bestand is nog niet klaar.", status=409)
    key = vault.open_key(handover.share.student_id)
    pdf = opened_file(handover, key)
    if pdf is None:
        raise Refusal("void", "Dit bestand is niet meer geldig.", status=410)
    if by.pk != handover.share.student.user_id:
        _log_download(handover, key, by)
    return pdf


def render_handover(handover_id: UUID) -> None:
    """The job: claim, read as the recipient, render, publish. May run twice; a lost claim does nothing.

    After an error the row goes back in the queue, or has failed when the attempts are used up; the error is raised.
    """
    jobs.run(Handover.objects.select_related("share__student__user"), handover_id, _render)


def _render(handover: Handover) -> None:
    try:
        dossier = access.read_as_recipient(share_id=handover.share_id, release=handover.release)
        key = vault.open_key(handover.share.student_id)
    except (NotHere, vault.Shredded):
        jobs.mine(handover).update(status=Handover.Status.VOID, lease_until=None)
        return
    code = new_code()
    _, pdf = renderer.render(dossier, code)
    _publish(handover, key, pdf, code, digest_of(dossier, key))


def _publish(handover: Handover, key: vault.Key, pdf: bytes, code: str, rendered: bytes) -> None:
    name = store_file(handover, key, pdf)
    published = False
    try:
        # Asked again: the student may have stopped while we rendered.
        now = access.read_as_recipient(share_id=handover.share_id, release=handover.release)
        if digest_of(now, key) == rendered:
            published = _mark_ready(handover, name, code, rendered)
        else:
            jobs.start_again(handover)  # a live text changed meanwhile
    except NotHere:
        jobs.mine(handover).update(status=Handover.Status.VOID, lease_until=None)
    finally:
        if not published:
            delete_unnamed(name)


@transaction.atomic
def _mark_ready(handover: Handover, name: str, code: str, rendered: bytes) -> bool:
    """Publishes only what still holds: the share's row is locked, so a withdrawal comes before or after.

    False when another worker took over. Raises NotHere when the share ended or changed.
    """
    share = Share.objects.select_for_update(no_key=True).get(pk=handover.share_id)
    if not share.is_open or share.release != handover.release:
        raise NotHere()
    done = jobs.mine(handover).update(
        status=Handover.Status.READY,
        file=name,
        code_sha256=hash_code(code),
        content_digest=rendered,
        ready_at=timezone.now(),
        lease_until=None,
    )
    return done == 1


def wake_waiting() -> int:
    """Wakes a worker for every handover that waits or whose worker was lost, the oldest first; returns how many."""
    return jobs.sweep(Handover.objects.order_by("created_at"))


def warm_shares(by: User) -> list[WarmShare]:
    """What this user may read and hand over in person, as mentor or counsellor of the student today.

    Constant in queries; names are opened in memory. Opening it and asking for the file check everything again.
    """
    own = Membership.objects.current().filter(user=by, programme__isnull=False)
    opened = access.open_shares(by).filter(warm_transfer=True).exclude(programme__in=own.values("programme"))
    shares = list(opened.exclude(case__status__in=OUTCOMES).order_by("-created_at"))
    keys = vault.open_keys({share.student_id for share in shares})
    return [
        WarmShare(share, identity_of(share.student, keys[share.student_id]).display_name)
        for share in shares
        if share.student_id in keys
    ]


def void_handovers(share: Share) -> None:
    """Makes every handover of a share void, in the transaction that changed or ended it; the files go after it."""
    Handover.objects.filter(share=share).exclude(status=Handover.Status.VOID).update(
        status=Handover.Status.VOID, lease_until=None
    )
    transaction.on_commit(destroy_files, robust=True)


def is_valid_code(code: str) -> bool:
    """Whether a printed handover still holds. Says nothing else: not whose, not since when, not why not."""
    found = Handover.objects.filter(code_sha256=hash_code(code), status=Handover.Status.READY)
    handover = found.select_related("share__student__user").first()
    return handover is not None and not is_void(handover)


def new_code() -> str:
    """128 random bits in groups a person can type."""
    raw = secrets.token_hex(16)
    return "-".join(raw[place : place + 8] for place in range(0, 32, 8))


def hash_code(code: str) -> str:
    """Codes are kept hashed; 128 random bits need no salt."""
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()


# --- Who may ask -------------------------------------------------------------------------------------------


def _readable_share(share_id: UUID, by: User) -> Share:
    share = Share.objects.select_related("student__user").filter(pk=share_id).first()
    if share is None:
        raise NotHere()
    _may_know(share, by)
    is_student = share.student.user_id == by.pk
    if not is_student and not _is_school_team(share, by):
        access.get_share_or_404(share_id, by)
    return share


def _may_know(share: Share, by: User) -> None:
    """The student, who stands in its recipient today, or with warm transfer the school team.

    A recipient may learn that a file they asked for is void (410); what it held is asked of access every time.
    """
    if share.student.user_id == by.pk or access.stands_in_recipient(share.pk, by):
        return
    if share.warm_transfer and share.is_open and _is_school_team(share, by):
        return
    raise NotHere()


def _is_school_team(share: Share, by: User) -> bool:
    school_class = class_of(share.student)
    return school_class is not None and school_team(school_class).filter(pk=by.pk).exists()


def _log_download(handover: Handover, key: vault.Key, by: User) -> None:
    """The look of a download: the dossier is opened once more, as this reader, and logged, before the file is."""
    dossier = access.read(share_id=handover.share_id, by=by, action=ledger.Action.DOWNLOAD)
    is_same = hmac.compare_digest(bytes(handover.content_digest or b""), digest_of(dossier, key))
    if dossier.share.release != handover.release or not is_same:
        raise Refusal("void", "Dit bestand is niet meer geldig.", status=410)
