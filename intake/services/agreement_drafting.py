"""A support agreement on its way to the student: drafted from the fits, offered, changed, thrown away.

The key of a version is committed before anything is sealed with it (docs/decisions/0001). A change to what was offered
takes every signature away: who signed sees the new text and says yes again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Action
from consent.models import Share
from consent.texts import Dossier
from intake.models import Agreement, Case, FitAnswer
from intake.services import fits
from intake.services.agreement_keeping import destroy, drop_ended
from intake.services.agreement_life import Keys, alive, built_on, is_alive, is_workable, keys_of, split
from intake.services.agreement_texts import (
    LONGEST,
    Content,
    Row,
    check_review_date,
    clean_rows,
    digest_of,
    open_content,
    seal_content,
)
from intake.services.agreements import Standing, college_or_404, log_look

TOO_LATE = ("changed", "Een collega was u net voor. Kijk nog een keer.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a draft starts from: the rows of the fits, or of what is agreed now.

    `shared` marks what its writer read at that moment, so that a form that comes back later tells what went since.
    """

    rows: tuple[Row, ...] = field(repr=False)
    review_on: date | None
    signer: str = Agreement.Signer.INTAKER
    shared: str = field(default="", repr=False)


def proposal_for(standing: Standing, by: User) -> Proposal:
    """What stands in the draft now; else what is agreed; else the fits that were sent, but for a «no».

    Nothing of the passport comes along by itself: a fit is the college's own words. Raises NotHere when nothing may
    be drafted.
    """
    case = standing.case
    if not is_workable(case):
        raise NotHere()
    current = _unsigned(case) or case.agreements.in_force().first()
    shared = " ".join(sorted(_marks(case, by)))
    log_look(standing, by)  # also of the fits: what the college answered tells what the student asked
    if current is not None and (key := vault.open_keys([current.key_owner]).get(current.key_owner)):
        content = open_content(key, current)
        is_over = content.review_on <= timezone.localdate()
        return Proposal(content.rows, None if is_over else content.review_on, current.signer, shared)
    return Proposal(tuple(_from_fits(case, by)), None, shared=shared)


def gone_since(standing: Standing, by: User, shared: str, rows: Iterable[Row]) -> list[int] | None:
    """Which rows of a form answer a need that its writer reads no more; None when nothing went since it was made.

    Also an empty list: something went, and no row says that it is about that. The writer is not told what went, or how.
    """
    known = _known_needs(standing.case, by)
    gone = [place for place, row in enumerate(rows) if row.need and row.need not in known]
    return gone if gone or set(shared.split()) - _marks(standing.case, by) else None


def put_draft(
    *,
    case_id: UUID,
    by: User,
    rows: Iterable[Row],
    review_date: date,
    signer: str = Agreement.Signer.INTAKER,
    offer: bool = False,
) -> Agreement:
    """Keeps the text of the version that is not signed yet, and offers it when asked. Raises NotHere, Refusal.

    Another text than the one that was offered takes every signature away.
    """
    standing = college_or_404(by, case_id)
    case, cleaned = standing.case, clean_rows(rows)
    review_on = check_review_date(review_date)
    if signer not in Agreement.Signer:
        raise Refusal("invalid_choice", "Kies wie er tekent.", field="signer")
    keys = keys_of(case)
    name, dossier = _shown_to(case, by)
    _refuse_unread(cleaned, _known_needs(case, by))
    content = Content(name, case.programme.label, case.programme.institution.name, cleaned, review_on)
    row, key, is_new = _row_with_key(case, by)
    row.signer, row.review_date = signer, review_on
    if dossier is not None:
        row.built_on = built_on(dossier, keys[dossier.share.student_id], before=row.built_on)
    try:
        return _keep(row, key, content, keys, offer=offer, is_new=is_new)
    except BaseException as error:
        if is_new:
            vault.shred(row.key_owner)
        if isinstance(error, IntegrityError):  # two colleagues at the same moment
            raise Refusal(*TOO_LATE, status=409) from None
        raise


def _row_with_key(case: Case, by: User) -> tuple[Agreement, vault.Key, bool]:
    """The version somebody works on, or a new one: with its key, made in its own database before anything else."""
    current = _unsigned(case)
    if current is not None:
        if key := vault.open_keys([current.key_owner]).get(current.key_owner):
            return current, key, False
        destroy([current])  # a restore brought the row back without its key
    drop_ended(case.agreements.unsigned())
    key = vault.create_key(uuid4())
    last = case.agreements.aggregate(last=Max("version"))["last"] or 0
    row = Agreement(case=case, version=last + 1, key_owner=key.owner, drafted_by=by, drafted_at=timezone.now())
    return row, key, True


@transaction.atomic
def _keep(row: Agreement, key: vault.Key, content: Content, keys: Keys, *, offer: bool, is_new: bool) -> Agreement:
    locked = None if is_new else lock(row.case, row.pk, keys)
    lock_share(row.case)
    if not is_workable(row.case) or (locked and not locked.is_unsigned):
        raise Refusal("ended", "Deze afspraken kunt u nu niet maken.", status=409)
    if is_new and row.case.agreements.unsigned().exists():
        raise Refusal(*TOO_LATE, status=409)
    same = locked is not None and digest_of(key, locked, open_content(key, locked)) == digest_of(key, row, content)
    if not is_new and not same:
        row.signatures.all().delete()
    row.sealed_content = seal_content(key, row, content)
    row.status = Agreement.Status.OFFERED if offer else Agreement.Status.DRAFT
    if not offer:
        row.signatures.all().delete()
        row.offered_at = None
    elif not same or row.offered_at is None:
        row.offered_at = timezone.now()
    row.save(force_insert=is_new)
    return row


def offer(*, case_id: UUID, by: User, seen: str) -> Agreement:
    """Offers the draft that was seen to the student. Raises NotHere, Refusal (409 `changed`)."""
    standing = college_or_404(by, case_id)
    draft = _unsigned(standing.case)
    if draft is None:
        raise NotHere()
    key, keys = vault.open_key(draft.key_owner), keys_of(standing.case)
    with transaction.atomic():
        row = lock(standing.case, draft.pk, keys)
        content = open_content(key, row)
        refuse_changed(row, key, content, seen)
        if content.review_on <= timezone.localdate():
            raise Refusal("review_passed", "Kies een dag die nog komt.", status=409)
        if row.status == Agreement.Status.DRAFT:
            row.status, row.offered_at = Agreement.Status.OFFERED, timezone.now()
            row.save(update_fields=["status", "offered_at"])
    return row


def throw_away(*, case_id: UUID, by: User) -> None:
    """Takes back what is not signed yet: its text is destroyed. Twice is no error. Raises NotHere."""
    standing = college_or_404(by, case_id)
    draft = _unsigned(standing.case)
    if draft is None:
        return
    keys = keys_of(standing.case)
    with transaction.atomic():
        row = lock(standing.case, draft.pk, keys)
        vault.shred(row.key_owner)  # the key first; locked, because a yes comes before or after
        row.delete()
    vault.scrub()


# --- The parts ---------------------------------------------------------------------------------------------


def _read_now(case: Case, by: User) -> tuple[Dossier, vault.Key] | None:
    """What this person may read of the share now, and nobody is shown it here; None for who reads none of it."""
    try:
        share = access.get_share_or_404(_share_of(case), by)
    except NotHere:
        return None
    key = vault.open_key(share.student_id)
    items = share.items.select_related("answer__newest", "revision")
    return access.preview(share=share, items=items, key=key), key


def _marks(case: Case, by: User) -> set[str]:
    """A keyed mark for each need, and for the name, that this person reads now: it tells nothing to who has no key."""
    found = _read_now(case, by)
    if found is None:
        return set()
    dossier, key = found
    return {key.mac("agreement-form", slot).hex()[:16] for slot in split(built_on(dossier, key))}


def _known_needs(case: Case, by: User) -> set[str]:
    """The needs a row may say it came from: those read now, and those of a version that stands."""
    found = _read_now(case, by)
    said = {one.unit.need for one in found[0].said if one.unit.part == "support"} if found else set()
    standing = [row for row in (_unsigned(case), case.agreements.in_force().first()) if row is not None]
    keys = vault.open_keys(row.key_owner for row in standing) if standing else {}
    rows = [one for row in standing if row.key_owner in keys for one in open_content(keys[row.key_owner], row).rows]
    return said | {one.need for one in rows if one.need}


def _refuse_unread(rows: Iterable[Row], known: set[str]) -> None:
    """Raises Refusal for a row about a need that its writer does not read: not shared, no more, or unknown alike."""
    for place, row in enumerate(rows):
        if row.need and row.need not in known:
            raise Refusal("not_shared", "Deze hulp leest u nu niet bij deze student.", field=f"what-{place}")


def _share_of(case: Case) -> UUID:
    if case.share_id is None:
        raise NotHere()
    return case.share_id


def lock(case: Case, agreement_id: UUID, keys: Keys) -> Agreement:
    """The share first, then the unsigned version, locked and asked again (lock order: student, share). NotHere.

    `keys`: agreement_life.keys_of, opened before the transaction.
    """
    lock_share(case)
    row = Agreement.objects.select_for_update().filter(pk=agreement_id, case=case).first()
    if row is None or not row.is_unsigned or not is_alive(row, case, keys):
        raise NotHere()
    return row


def lock_share(case: Case) -> None:
    """The share as it is now, locked: an end comes before or after, never in between."""
    if case.share_id is None:
        raise NotHere()
    shares = Share.objects.select_for_update(no_key=True, of=("self",)).select_related("student__user")
    share = shares.filter(pk=case.share_id).first()
    if share is None:
        raise NotHere()
    case.share = share


def refuse_changed(row: Agreement, key: vault.Key, content: Content, seen: str) -> None:
    """A yes carries the digest of what was seen. Raises Refusal (409)."""
    if seen != digest_of(key, row, content).hex():
        raise Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409, field="seen")


def _unsigned(case: Case) -> Agreement | None:
    return next(iter(alive(case.agreements.unsigned())), None)


def _shown_to(case: Case, by: User) -> tuple[str, Dossier | None]:
    """The name this college may use, and where it stands: in the share as this reader sees it, who is seen looking;
    else as agreed."""
    try:
        dossier = access.read(share_id=_share_of(case), by=by, action=Action.READ)
        return dossier.student.get("official_name") or dossier.display_name, dossier
    except NotHere:
        row = case.agreements.in_force().first()
    if row is None:
        raise NotHere()
    return open_content(vault.open_key(row.key_owner), row).name, None


def _from_fits(case: Case, by: User) -> Iterable[Row]:
    """A row for each need the college answered, in its own words; a «no» is no agreement."""
    try:
        found = fits.fits_of(case, by)
    except NotHere:  # a mentor of the programme does not read the intake share
        return
    for one in found:
        if not one.is_sent or one.answer == FitAnswer.NO:
            continue
        said = one.comment if one.answer != FitAnswer.EXTERNAL else one.alternative or one.comment
        what = f"{one.label}: {said}" if said else one.label
        yield Row(what[: LONGEST["what"]], "", None, "", one.need)
