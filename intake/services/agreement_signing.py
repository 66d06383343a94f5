"""Signing a support agreement, or not (WEB art. 8.1.3a; ages: contract, rule 10, on the day of the act in Amsterdam).

The student signs alone from 16; under 16, without a known birth date, or with a representative somebody with authority
signs too. For the college one person signs. The last yes makes it final, whoever gives it. A no ends the offer, leaves
its date and nothing of its text, and stops nothing else. A no never waits for anybody.
"""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.identity import guardian_name
from accounts.models import Guardian, User
from accounts.refusals import NotHere, Refusal
from accounts.together import refuse_together
from intake.models import Agreement, AgreementFile, Event, Signature, SignatureRole
from intake.services import agreement_files, tally
from intake.services.agreement_drafting import lock, refuse_changed
from intake.services.agreement_life import keys_of
from intake.services.agreement_texts import NAME_FIELD, Content, digest_of, open_content
from intake.services.agreements import COLLEGE, GUARDIAN, STUDENT, Standing, needs_guardian, standing_or_404, visible

NOT_ASKED = ("not_asked", "U hoeft dit niet te tekenen.")


def sign(*, case_id: UUID, by: User, seen: str) -> Agreement:
    """A yes of the student, of home or of the college to the text whose digest is `seen`. Twice is no error.

    Raises NotHere for whoever does not sign here, Refusal: 409 `changed`, `not_asked`, `review_passed`.
    """
    standing = standing_or_404(by, case_id)
    offered = _offered(standing)
    if standing.role == STUDENT and standing.case.share is not None:
        refuse_together(standing.case.share.student)
    key, keys = vault.open_key(offered.key_owner), keys_of(standing.case)
    needed, name = needs_guardian(standing), _guardian_name(standing, by)
    with transaction.atomic():
        row = lock(standing.case, offered.pk, keys)
        content = open_content(key, row)
        if row.status != Agreement.Status.OFFERED:
            raise NotHere()
        refuse_changed(row, key, content, seen)
        _refuse(row, standing, needed, content)
        alone = standing.role == STUDENT and not needed
        _write(row, key, content, standing.role, by, name or _name_of(standing.role, content, by), alone=alone)
        return _finish(row)


def refuse(*, case_id: UUID, by: User) -> Agreement:
    """A no of the student, or of a parent who is asked too: the text is destroyed, the date of the offer stays.

    Raises NotHere for anybody else, and when nothing is offered.
    """
    standing = standing_or_404(by, case_id)
    offered = _offered(standing)
    if standing.role == COLLEGE:
        raise NotHere()
    keys = keys_of(standing.case)
    with transaction.atomic():
        row = lock(standing.case, offered.pk, keys)
        row.signatures.all().delete()
        row.status, row.sealed_content, row.decided_at = Agreement.Status.REFUSED, None, timezone.now()
        row.built_on = b""
        row.save(update_fields=["status", "sealed_content", "decided_at", "built_on"])
    vault.shred(row.key_owner)
    vault.scrub()
    return row


def may_sign(standing: Standing, agreement: Agreement) -> bool:
    """Whether this person's yes is what this version waits for: the button and the act ask the same."""
    if agreement.status != Agreement.Status.OFFERED:
        return False
    needed = needs_guardian(standing)
    found = next((one for one in agreement.signatures.all() if one.role == standing.role), None)
    if standing.role == STUDENT:
        return found is None or (not found.alone and not needed)
    return found is None and (needed if standing.role == GUARDIAN else _signs_for_college(agreement, standing))


def waits_for(standing: Standing, agreement: Agreement) -> list[str]:
    """Whose yes is still missing, in the order of reading: roles."""
    signed = {one.role: one for one in agreement.signatures.all()}
    needed, own = needs_guardian(standing), signed.get(STUDENT)
    missing = []
    if own is None or (not own.alone and not needed and GUARDIAN not in signed):
        missing.append(STUDENT)
    if needed and GUARDIAN not in signed and not (own and own.alone):
        missing.append(GUARDIAN)
    return [*missing, *([] if COLLEGE in signed else [COLLEGE])]


# --- The parts ---------------------------------------------------------------------------------------------


def _offered(standing: Standing) -> Agreement:
    found = next((row for row in visible(standing) if row.is_unsigned), None)
    if found is None or (found.status == Agreement.Status.DRAFT and standing.role != COLLEGE):
        raise NotHere()
    if found.status == Agreement.Status.DRAFT:
        raise Refusal("not_offered", "Bied de afspraken eerst aan.", status=409)
    return found


def _refuse(row: Agreement, standing: Standing, needed: bool, content: Content) -> None:
    if content.review_on <= timezone.localdate():
        raise Refusal("review_passed", "De dag om terug te kijken is voorbij. Maak de afspraken opnieuw.", status=409)
    if standing.role == GUARDIAN and not needed:
        raise Refusal(*NOT_ASKED, status=409)
    if standing.role == COLLEGE and not _signs_for_college(row, standing):
        raise Refusal("not_asked", "Voor het mbo tekent iemand anders.", status=409)


def _signs_for_college(row: Agreement, standing: Standing) -> bool:
    return standing.is_coordinator == (row.signer == Agreement.Signer.COORDINATOR)


def _name_of(role: SignatureRole, content: Content, by: User) -> str:
    return content.name if role == STUDENT else by.staff_name


def _guardian_name(standing: Standing, by: User) -> str:
    """The name a parent signs with: shown to them before, and from then on in the agreement."""
    return home_name(by) if standing.role == GUARDIAN else ""


def home_name(by: User) -> str:
    guardian = Guardian.objects.filter(user=by).first()
    return guardian_name(guardian) if guardian else by.staff_name


def _write(
    row: Agreement, key: vault.Key, content: Content, role: SignatureRole, by: User, name: str, *, alone: bool
) -> None:
    """One signature a role: who signed under 16 and is 16 now signs again, alone."""
    known = row.signatures.filter(role=role).first()
    if known is not None and (known.alone or not alone):
        return
    one = known or Signature(agreement=row, role=role)
    one.by, one.at, one.alone = by, timezone.now(), alone
    one.digest = digest_of(key, row, content)
    one.sealed_name = key.seal(name, field=NAME_FIELD, row=one.pk)
    one.save()


def _finish(row: Agreement) -> Agreement:
    """After the last yes: fixed, the earlier version becomes history, and a worker makes the PDF."""
    signed = {one.role: one for one in row.signatures.all()}
    own = signed.get(STUDENT)
    if own is None or COLLEGE not in signed or not (own.alone or GUARDIAN in signed):
        return row
    row.case.agreements.in_force().update(status=Agreement.Status.SUPERSEDED)
    row.status, row.decided_at, row.built_on = Agreement.Status.SIGNED, timezone.now(), b""
    row.save(update_fields=["status", "decided_at", "built_on"])
    file = AgreementFile.objects.create(agreement=row)
    transaction.on_commit(partial(agreement_files.wake, file.pk), robust=True)
    tally.count_soon(Event.AGREED, row.case_id)
    return row
