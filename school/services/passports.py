"""A passport for somebody without a school: invited by a coach, a Doorstroompunt or a college, made by their own yes.

The link in the mail proves nothing: its page mails a code to the same address. Whoever invited sees nothing of it, not
even whether there was a yes (contract, rules 4 and 6): nothing in the database leads from them to the passport.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from celery import current_app
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts import vault
from accounts.identity import Identity, seal_identity
from accounts.languages import chosen
from accounts.limits import is_within
from accounts.mailed_code import mailed_code, try_mailed_code
from accounts.models import Institution, Role, Student, Tie, User
from accounts.new_address import TAKEN
from accounts.places import Place, places_today
from accounts.refusals import NotHere, Refusal
from passport.services import make_passport
from school.models import PassportInvitation

log = logging.getLogger("paspoort.people")
FIELD = "school.PassportInvitation.sealed_to"
KEPT = timedelta(days=14)
CODE_AGAIN = timedelta(minutes=1)
MOST_WRONG, MOST_AN_HOUR = 5, 10
INVITED = _("Een paspoort voor jou")
INVITED_TEXT = _(
    "Iemand denkt dat een eigen paspoort jou kan helpen. Het is voor de overstap naar het mbo.\n"
    "Open deze link:\n{link}\n\nDe link werkt twee weken. Je krijgt daarna een code in een mail.\n"
    "Wil je dit niet? Dan hoef je niets te doen.\n\nIn deze mail staat met opzet niets anders."
)
CODE = _("Je code")
CODE_TEXT = _("Je code is {code}\n\nDe code werkt een kwartier. Houd de code voor jezelf.")


@dataclass(frozen=True, slots=True)
class InvitedTo:
    """What stands sealed in an invitation. Personal: never in a log."""

    email: str = field(repr=False)
    token: str = field(repr=False)
    language: str = settings.LANGUAGE_CODE


def may_invite(by: User, mine: Iterable[Place] | None = None) -> bool:
    """A coach, somebody of a Doorstroompunt, or the coordinator of a college, today.

    `mine`: their places, when the caller has them already.
    """
    for one in places_today(by) if mine is None else mine:
        if one.role in {Role.COACH, Role.REGION} or (one.role == Role.COORDINATOR and one.kind == Institution.Kind.MBO):
            return True
    return Tie.objects.current().filter(person=by, kind=Tie.Kind.COACH, confirmed_at__isnull=False).exists()


def invite(*, email: str, by: User, language: str = "") -> PassportInvitation:
    """Asks somebody, in a language a student can choose (else Dutch); the same answer for an address that has a
    passport already. Raises NotHere, Refusal."""
    if not may_invite(by):
        raise NotHere()
    if not is_within(f"passports-by-{by.pk}", most=MOST_AN_HOUR, seconds=3600):
        raise Refusal("too_often", "Dat is genoeg voor nu. Probeer het over een uur weer.", status=409, field="email")
    token, pk = secrets.token_urlsafe(16), uuid4()
    key = vault.create_key(pk)
    row = PassportInvitation(pk=pk, invited_by=by, token_sha256=_digest(token))
    content = {"email": email.strip().lower(), "token": token, "language": chosen(language, to_student=True)}
    row.sealed_to = key.seal(content, field=FIELD, row=pk)
    try:
        row.save(force_insert=True)
    except BaseException:
        vault.shred(pk)
        raise
    _wake("school.tasks.send_passport_invitation", pk)
    return row


def find_invitation(token: str) -> tuple[PassportInvitation, vault.Key]:
    """The invitation with this token while it can be answered. Changes nothing. Raises NotHere."""
    return _with_key(PassportInvitation.objects.filter(token_sha256=_digest(token)).first())


def get_invitation(invitation_id: UUID) -> tuple[PassportInvitation, vault.Key]:
    """The same by its id, for a browser session that found it before, and for the worker. Raises NotHere."""
    return _with_key(PassportInvitation.objects.filter(pk=invitation_id).first())


def opened(row: PassportInvitation, key: vault.Key) -> InvitedTo:
    return InvitedTo(**key.open(row.sealed_to, field=FIELD, row=row.pk))


def ask_code(row: PassportInvitation) -> None:
    """Mails a code to whoever holds the link; at most one a minute."""
    now = timezone.now()
    if row.code_made_at is None or now - row.code_made_at >= CODE_AGAIN:
        PassportInvitation.objects.filter(pk=row.pk).update(code_made_at=now)
        _wake("school.tasks.send_passport_code", row.pk)


def try_code(*, invitation_id: UUID, typed: str) -> bool:
    """Whether this is the code that was mailed; it works once. Too many wrong ones and the invitation is gone."""
    _, key = get_invitation(invitation_id)
    rows = PassportInvitation.objects.filter(pk=invitation_id, wrong_codes__lt=MOST_WRONG)
    return try_mailed_code(rows, lambda row: _code_of(row, key), typed)


def accept(*, invitation_id: UUID, identity: Identity) -> User:
    """The yes of who proved the code: an empty passport, with that address to log in by. Returns who it is.

    Raises NotHere, also for whoever answers second; Refusal for an address somebody else here has, which only the
    reader of that mailbox hears.
    """
    row, key = get_invitation(invitation_id)
    email = opened(row, key).email
    with transaction.atomic():
        proved = EmailAddress.objects.filter(email=email, verified=True)
        if User.objects.filter(email__iexact=email).exists() or proved.exists():
            raise Refusal("taken", TAKEN, status=409)
        if not PassportInvitation.objects.filter(pk=row.pk).delete()[0]:
            raise NotHere()
        user = User.objects.create_user(f"student-{secrets.token_hex(8)}", email=email)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        sealed = seal_identity(key, row.pk, identity)
        make_passport(student=Student.objects.create(pk=row.pk, user=user, sealed_identity=sealed))
    log.info("passport_accepted", extra={"event": "passport_accepted"})
    return user


def decline(*, invitation_id: UUID) -> None:
    """The no: nothing was made and nothing is left. Twice is no error; a yes before it stays a yes."""
    if PassportInvitation.objects.filter(pk=invitation_id).delete()[0]:
        vault.shred(invitation_id)


def drop_old_invitations() -> int:
    """Drops what nobody answered in two weeks, or with too many wrong codes; its key too. Returns how many."""
    rows = PassportInvitation.objects.filter(created_at__lte=timezone.now() - KEPT)
    rows = rows | PassportInvitation.objects.filter(wrong_codes__gte=MOST_WRONG)
    dead = list(rows.values_list("pk", flat=True))
    for pk in dead:
        decline(invitation_id=pk)
    return len(dead)


def send_invitation(invitation_id: UUID) -> bool:
    """Mails the link. The mail names nobody."""
    try:
        to = opened(*get_invitation(invitation_id))
    except NotHere:
        return False
    link = settings.BASE_URL + reverse("passport_invitation", kwargs={"token": to.token})
    with translation.override(chosen(to.language, to_student=True)):
        return _post(to.email, gettext(INVITED), gettext(INVITED_TEXT).format(link=link))


def send_code(invitation_id: UUID) -> bool:
    """Mails the code that counts now."""
    try:
        row, key = get_invitation(invitation_id)
    except NotHere:
        return False
    code, to = _code_of(row, key), opened(row, key)
    with translation.override(chosen(to.language, to_student=True)):
        return bool(code) and _post(to.email, gettext(CODE), gettext(CODE_TEXT).format(code=code))


# --- The parts ---------------------------------------------------------------------------------------------


def _with_key(row: PassportInvitation | None) -> tuple[PassportInvitation, vault.Key]:
    alive = row and timezone.now() - row.created_at < KEPT and row.wrong_codes < MOST_WRONG
    key = vault.open_keys([row.pk]).get(row.pk) if row and alive else None
    if row is None or key is None:
        raise NotHere()
    return row, key


def _code_of(row: PassportInvitation, key: vault.Key) -> str:
    return mailed_code(row, key, "passport invitation code")


def _digest(token: str) -> bytes:
    """A token is kept hashed; 128 random bits need no salt."""
    return hashlib.sha256(b"passport " + token.encode(errors="replace")).digest()


def _post(address: str, subject: str, body: str) -> bool:
    try:
        return bool(send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [address]))
    except OSError:
        log.warning("mail_failed", extra={"event": "mail"})
        return False


def _wake(task: str, pk: UUID) -> None:
    def send() -> None:
        try:
            current_app.send_task(task, args=[str(pk)])
        except Exception:
            log.warning("broker_down", extra={"event": "mail"})

    transaction.on_commit(send, robust=True)
