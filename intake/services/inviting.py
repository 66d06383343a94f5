"""Asking somebody from home, with the mails that go with it (accounts/invitations.py decides)."""

from uuid import UUID

from accounts import invitations, vault
from accounts.limits import is_within
from accounts.models import Invitation, Student, User
from accounts.refusals import Refusal
from intake.services import mail
from passport.texts import clean_staff_text

LONGEST_LABEL, LONGEST_NAME = 40, 80
MOST_AN_HOUR = 10


def invite(*, student: Student, key: vault.Key, email: str, label: str, by: User, language: str = "") -> Invitation:
    """Asks somebody to be this student's guardian, and mails them. Raises NotHere and Refusal.

    Nobody mails more than ten people an hour: the address is typed by hand, and may be of somebody else.
    """
    relation = _line(label, LONGEST_LABEL, "label")
    if not relation:
        raise Refusal("no_label", "Schrijf op wie het is. Bijvoorbeeld: moeder.", field="label")
    if not is_within(f"invitations-by-{by.pk}", most=MOST_AN_HOUR, seconds=3600):
        raise Refusal("too_often", "Dat is genoeg voor nu. Probeer het over een uur weer.", status=409)
    row = invitations.invite(student=student, key=key, email=email, label=relation, by=by, language=language)
    mail.send_invitation_soon(row.pk)
    return row


def send_code(invitation: Invitation) -> None:
    """Mails a code to whoever holds the link; at most one a minute."""
    if invitations.make_code(invitation):
        mail.send_invitation_code_soon(invitation.pk)


def accept(*, invitation_id: UUID, name: str) -> User:
    """The yes of somebody who proved the code, under their own name. Raises NotHere and Refusal at `name`."""
    return invitations.accept(invitation_id=invitation_id, name=_line(name, LONGEST_NAME, "name"))


def _line(text: str, longest: int, field: str) -> str:
    return " ".join(clean_staff_text(text, longest=longest, field=field).split())
