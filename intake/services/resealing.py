"""Renewing somebody's data key, after a leak: one version more, every value sealed anew, the old version destroyed.

The site may run meanwhile. Whoever opened a key before the new version was made can read only the old, so nothing is
sealed anew until they are done; and whoever read an old value opens it within the same while, so the old version goes
only after that. Every step may run again: while both versions exist, both open (docs/decisions/0011).
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts import sealed as accounts_sealed
from accounts import vault
from accounts.models import Guardian, Student
from accounts.sealed import Resealed, Sealed, SealedColumn
from consent import sealed as consent_sealed
from intake.models import (
    Agreement,
    AgreementFile,
    AgreementReview,
    CoachMoment,
    ExpectationTicks,
    FirstDay,
    Fit,
    FollowUp,
    Handover,
    HearingRecord,
    IntakeTalk,
    LawAnswer,
    Remark,
    Signature,
    TalkNote,
    WarmTalk,
)
from intake.services.agreement_keeping import key_owners
from intake.services.handover_files import FILE_FIELD, stored_file
from intake.services.jobs import LEASE
from passport import sealed as passport_sealed

# The longest anybody works with a key they opened: a worker that renders, with a margin.
PAUSE = LEASE + timedelta(minutes=1)
Wait = Callable[[datetime], None]


class HandoverFiles:
    """The files in storage. One that is void or over is left alone: it goes by itself, and nobody opens it."""

    @property
    def label(self) -> str:
        return FILE_FIELD

    def reseal(self, key: vault.Key) -> Resealed:
        found = Resealed()
        ready = Handover.objects.filter(share__student=key.owner, status=Handover.Status.READY).exclude(file="")
        for row in ready:
            old = stored_file(row)
            if old is not None and key.is_stale(old):
                found += self._reseal_one(key, row, old)
        return found

    def _reseal_one(self, key: vault.Key, row: Handover, old: bytes) -> Resealed:
        try:
            new = key.reseal(old, field=FILE_FIELD, row=row.pk, revision=row.release)
        except (vault.Tampered, vault.Shredded):
            return Resealed(broken=1)
        # The same name every time, so that a run that was killed leaves nothing that nobody finds.
        name = f"{row.pk.hex}-v{key.version}"
        default_storage.delete(name)
        name = default_storage.save(name, ContentFile(new))
        same = Handover.objects.filter(pk=row.pk, file=row.file, status=Handover.Status.READY)
        done = same.update(file=name)
        if done or not Handover.objects.filter(pk=row.pk, file=name).exists():
            default_storage.delete(row.file if done else name)
        return Resealed(done=done)


SEALED: tuple[Sealed, ...] = (
    *accounts_sealed.SEALED,
    *passport_sealed.SEALED,
    *consent_sealed.SEALED,
    SealedColumn(WarmTalk, "sealed_plan", "share__student"),
    SealedColumn(WarmTalk, "sealed_outcome", "share__student"),
    SealedColumn(WarmTalk, "sealed_comment", "share__student"),
    SealedColumn(IntakeTalk, "sealed_plan", "share__student"),
    SealedColumn(IntakeTalk, "sealed_answer", "share__student"),
    SealedColumn(TalkNote, "sealed_note", "share__student"),
    SealedColumn(TalkNote, "sealed_done", "share__student"),
    SealedColumn(CoachMoment, "sealed_note", "tie__student"),
    SealedColumn(CoachMoment, "sealed_done", "tie__student"),
    SealedColumn(Remark, "sealed_text", "share__student"),
    SealedColumn(Fit, "sealed", "share__student"),
    SealedColumn(Fit, "sealed_line", "share__student"),
    SealedColumn(Fit, "sealed_reaction", "share__student"),
    SealedColumn(LawAnswer, "sealed_detail", "student"),
    SealedColumn(ExpectationTicks, "sealed", "student"),
    SealedColumn(FollowUp, "sealed_answers", "student"),
    SealedColumn(FirstDay, "sealed_page", "student"),
    SealedColumn(HearingRecord, "sealed_record", "student"),
    SealedColumn(Agreement, "sealed_content", "key_owner"),
    SealedColumn(Signature, "sealed_name", "agreement__key_owner"),
    SealedColumn(AgreementReview, "sealed_answers", "agreement__key_owner"),
    SealedColumn(AgreementFile, "sealed_pdf", "agreement__key_owner"),
    HandoverFiles(),
)


def owners_of(username: str) -> list[UUID]:
    """Whose keys belong to this log-in: a student's with those of their agreements, a guardian's, or both."""
    found = [
        owner
        for model in (Student, Guardian)
        for owner in model.objects.filter(user__username=username).values_list("pk", flat=True)
    ]
    return [*found, *key_owners(found)]


def all_owners() -> list[UUID]:
    """Everybody with a key, and every agreement: of erased students too."""
    people = [owner for model in (Student, Guardian) for owner in model.objects.values_list("pk", flat=True)]
    return [*people, *key_owners()]


def renew_keys(
    owners: Iterable[UUID], *, pause: timedelta, wait: Wait, drop_broken: bool = False
) -> Iterator[Resealed]:
    """Renews the keys of these people; gives what was done after every step. Restartable, also after a kill.

    `wait(until)` sleeps until a moment. An owner who is erased meanwhile is passed over. Where a value does not open,
    the old version stays, unless `drop_broken`.
    """
    made = {owner: at for owner in owners if (at := _add_version(owner))}
    if not made:
        return
    wait(max(made.values()) + pause)
    yield _sum(reseal(owner) for owner in made)
    wait(timezone.now() + pause)
    yield _sum(_finish(owner, drop_broken) for owner in made)
    vault.scrub()


def reseal(owner: UUID) -> Resealed:
    """Seals anew every value of one person that hangs on an older version. The one place where this happens."""
    try:
        key = vault.open_key(owner)
    except vault.Shredded:
        return Resealed()
    return _sum(one.reseal(key) for one in SEALED)


def _finish(owner: UUID, drop_broken: bool) -> Resealed:
    """Destroys the old versions once nothing hangs on them; what was written in between is sealed anew first."""
    found = reseal(owner)
    last = found
    while last.done:
        last = reseal(owner)
        found = Resealed(found.done + last.done, last.broken)
    if not last.broken or drop_broken:
        vault.drop_old_versions(owner)
    return found


def _add_version(owner: UUID) -> datetime | None:
    try:
        return vault.add_version(owner)
    except vault.Shredded:
        return None


def _sum(found: Iterable[Resealed]) -> Resealed:
    return sum(found, Resealed())
