"""Mail without content: that something changed or will go, never what, whose or why (contract, rule 9)."""

import logging
from datetime import timedelta
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts import invitations
from accounts.languages import language_of
from accounts.limits import is_within
from accounts.models import Student, User
from accounts.refusals import NotHere
from consent import ledger, links
from consent.models import LedgerEntry, RecipientKind, Share, ShareState
from intake.services import mailday

log = logging.getLogger("paspoort.mail")
LOOKED = _("Er is gekeken")
LOOKED_TEXT = _(
    "Iemand heeft gekeken. Log in om te zien wie en wat:\n{address}\n\n"
    "In deze mail staat met opzet niets anders. Wil je deze mail niet meer? Zet hem uit bij Instellingen."
)
A_LOOK_COUNTS = timedelta(days=1)  # an older one is on «Wie keek er?»
CHANGED = _("Er is iets veranderd in uw postvak")
CHANGED_TEXT = _("Log in om te kijken wat er nog in staat:\n{address}\n\nIn deze mail staat met opzet niets anders.")
CHANGED_LINK = "Er is iets veranderd"
CHANGED_LINK_TEXT = (
    "Er is iets veranderd aan wat iemand met u deelde. U hoeft niets te doen.\n\n"
    "In deze mail staat met opzet niets anders."
)
LINK = "Iemand wil iets met u delen"
LINK_TEXT = (
    "Iemand wil iets met u delen. Open deze link:\n{link}\n\n"
    "U heeft ook een code van zes cijfers nodig. Die krijgt u van de persoon zelf, niet met een mail.\n"
    "Kent u niemand die iets met u wil delen? Dan hoeft u niets te doen.\n\n"
    "In deze mail staat met opzet niets anders."
)
INVITED = _("Wilt u meelezen?")
INVITED_TEXT = _(
    "Iemand vraagt u om thuis mee te lezen in een paspoort voor de overstap naar een nieuwe school.\n"
    "Open deze link:\n{link}\n\nDe link werkt twee weken. U krijgt daarna een code in een mail.\n"
    "Verwacht u dit niet? Dan hoeft u niets te doen.\n\nIn deze mail staat met opzet niets anders."
)
CODE = _("Uw code")
CODE_TEXT = _(
    "Uw code is {code}\n\nDe code werkt een kwartier. Houd de code voor uzelf. School mag hem ook niet weten."
)
NAMED = "U bent genoemd bij een verzoek van de wet"
NAMED_TEXT = (
    "Twee mensen zeiden ja tegen een verzoek van de wet, met nummer {number}. U bent er een van.\n"
    "Klopt dat niet? Meld het dan meteen bij de privacy-officer van uw school.\n\n"
    "In deze mail staat met opzet niets anders."
)
TALK = _("Er is iets gepland of veranderd")
TALK_TEXT = _("Log in om te zien wat:\n{address}\n\nIn deze mail staat met opzet niets anders.")
MOST_A_DAY, A_DAY = 5, 24 * 3600
AGAIN_AFTER = 600  # seconds between two mails a student asks for
GOING = _("Wil je dit houden?")
GOING_TEXT = _(
    "Je bent hier al een tijd niet geweest. Daarom wissen we over 30 dagen alles wat over jou gaat.\n\n"
    "Wil je het houden? Log dan in. Ga naar Instellingen en dan naar «Mijn gegevens». Tik op «Niet wissen».\n"
    "{address}\n\nDoe je niets? Dan gaat het vanzelf weg."
)


def tell_recipients_soon(share: Share) -> None:
    """After the commit, and by the worker: nobody waits for a mail server. A broker that is down costs the mail."""
    share_id = str(share.pk)
    transaction.on_commit(lambda: _wake("intake.tasks.tell_recipients", share_id), robust=True)


def tell_recipients(share_id: UUID) -> int:
    """Mails everybody who opened a share that something changed; returns how many. Needs no row of the share.

    Whatever changed or ended it, the words are the same. Who read with a link has no account: their address is opened
    here, and after erasing nobody knows it. A guardian who only saw what they were asked about is no
    reader: from 16 on they may not even know that there is a share (contract, rule 10).
    """
    looks = LedgerEntry.objects.filter(share_id=share_id, event=ledger.Event.LOOK)
    at_home = User.objects.filter(guardian__isnull=False, memberships=None)
    asked = looks.exclude(detail__recipient_kind=RecipientKind.GUARDIAN).filter(actor_id__in=at_home.values("pk"))
    readers = User.objects.filter(pk__in=looks.values("actor_id"), is_active=True, student=None).exclude(email="")
    readers = readers.exclude(pk__in=asked.values("actor_id"))
    for reader in readers:
        _send(reader, CHANGED, CHANGED_TEXT)
    return len(readers) + _tell_link(share_id, looks)


def _tell_link(share_id: UUID, looks: QuerySet[LedgerEntry]) -> bool:
    """Mails the address of a link, when somebody read with it."""
    opened = links.opened_of([share_id]).get(share_id) if looks.filter(actor_id=None).exists() else None
    return opened is not None and _post(opened.to.email, CHANGED_LINK, CHANGED_LINK_TEXT)


def send_link_soon(share: Share) -> None:
    """Mails the link of a share that is live now, after the commit; does nothing for any other share."""
    share_id = str(share.pk)
    if share.recipient_kind == RecipientKind.LINK and share.state == ShareState.ACTIVE:
        transaction.on_commit(lambda: _wake("intake.tasks.send_link", share_id), robust=True)


def send_link_again(share: Share) -> bool:
    """The same mail once more, when the student asks; False when one was asked for in the last ten minutes, or five
    were in a day."""
    if not cache.add(f"link-mail-{share.pk}", 1, timeout=AGAIN_AFTER):
        return False
    if not is_within(f"link-mails-{share.pk}", most=MOST_A_DAY, seconds=A_DAY):
        return False
    send_link_soon(share)
    return True


def send_link(share_id: UUID) -> bool:
    """Mails the link of a share while it is live. The address and the token are opened here, and nowhere kept."""
    live = Share.objects.live().filter(pk=share_id, student__frozen_at=None, student__user__is_active=True)
    opened = links.opened_of(live.values_list("pk", flat=True)).get(share_id)
    if opened is None:
        return False
    text = LINK_TEXT.format(link=f"{settings.BASE_URL}{reverse('link', args=[opened.token])}")
    return _post(opened.to.email, LINK, text)


def send_invitation_soon(invitation_id: UUID) -> None:
    """Mails an invitation after the commit; the message to the worker is one random id."""
    transaction.on_commit(lambda: _wake("intake.tasks.send_invitation", str(invitation_id)), robust=True)


def send_invitation(invitation_id: UUID) -> bool:
    """Mails the link of an invitation while it can be answered. Address and token are opened here, and nowhere kept."""
    try:
        row, key = invitations.get_invitation(invitation_id)
    except NotHere:
        return False
    to = invitations.opened(row, key)
    subject, text = _to_a_stranger(INVITED, INVITED_TEXT, invitations.language_for(row, key))
    return _post(to.email, subject, text.format(link=f"{settings.BASE_URL}{reverse('invitation', args=[to.token])}"))


def send_invitation_code_soon(invitation_id: UUID) -> None:
    transaction.on_commit(lambda: _wake("intake.tasks.send_invitation_code", str(invitation_id)), robust=True)


def send_invitation_code(invitation_id: UUID) -> bool:
    """Mails the code that counts now to the address the invitation was for."""
    try:
        row, key = invitations.get_invitation(invitation_id)
    except NotHere:
        return False
    code = invitations.code_of(row, key)
    subject, text = _to_a_stranger(CODE, CODE_TEXT, invitations.language_for(row, key))
    return bool(code) and _post(invitations.opened(row, key).email, subject, text.format(code=code))


def tell_officer(officer: User, number: str) -> bool:
    """Tells who was named that they were: nobody is named behind their back. Of the student it says nothing."""
    return bool(officer.email) and _post(officer.email, NAMED, NAMED_TEXT.format(number=number))


def wake_looked_at() -> int:
    """Wakes a worker for every student who wants to hear of a look and has one to hear of; returns how many.

    It comes by a few times an hour, by day: the look itself knows of no mail and waits for none.
    """
    found = list(_looked_at().values_list("pk", flat=True))
    for student_id in found:
        _wake("intake.tasks.tell_of_look", str(student_id))
    return len(found)


def tell_of_look(student_id: UUID) -> bool:
    """Mails a student that somebody looked, at most once a day; False when they want no mail or there is no look.

    The day is claimed before it is sent, so two workers never send two mails.
    """
    student = _looked_at().select_related("user").filter(pk=student_id).first()
    if student is None:
        return False
    if not mailday.claim_day(student.user):
        return False
    unclaimed = Student.objects.filter(pk=student_id, look_mailed_at=student.look_mailed_at)
    return bool(unclaimed.update(look_mailed_at=timezone.now())) and _send(student.user, LOOKED, LOOKED_TEXT)


def _looked_at() -> QuerySet[Student]:
    """Who wants the mail, had none today, and was looked at by somebody else since the last one."""
    now = timezone.now()
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    looks = LedgerEntry.objects.filter(student_id=OuterRef("pk"), event=ledger.Event.LOOK, at__gt=now - A_LOOK_COUNTS)
    looks = looks.filter(Q(actor_id=None) | ~Q(actor_id=OuterRef("user_id")))
    untold = looks.filter(at__gt=OuterRef("look_mailed_at"))
    wanting = Student.objects.filter(mail_on_look=True, frozen_at=None, user__is_active=True).exclude(user__email="")
    wanting = wanting.exclude(user__mail_day__last_at__gte=today)  # one mail a day, of whatever kind
    first = Q(look_mailed_at=None) & Exists(looks)
    return wanting.filter(first | (Q(look_mailed_at__lt=today) & Exists(untold)))


def tell_of_talk_soon(share_id: UUID | None) -> None:
    """After the commit, and by the worker: tells a student that a talk was planned or has another moment."""
    if share_id:
        transaction.on_commit(lambda: _wake("intake.tasks.tell_of_talk", str(share_id)), robust=True)


def tell_of_talk(share_id: UUID) -> bool:
    """Mails the student of a live share that there is something to see: not what, nor when, nor where.

    The address leads to their own next talk and holds no id. It may not wait for a day: the talk may be tomorrow.
    """
    live = Share.objects.live().filter(pk=share_id, student__frozen_at=None, student__user__is_active=True)
    share = live.select_related("student__user").first()
    user = share.student.user if share else None
    return user is not None and bool(user.email) and _send(user, TALK, TALK_TEXT, reverse("intake_talk_next"))


def tell_staff_soon(user_id: UUID) -> None:
    """By the worker: tells somebody of a college that something changed. Call it after the commit."""
    _wake("intake.tasks.tell_staff", str(user_id))


def tell_staff(user_id: UUID) -> bool:
    """Mails one member of staff that something changed in their inbox; nothing else."""
    user = User.objects.filter(pk=user_id, is_active=True, student=None).first()
    return user is not None and bool(user.email) and _send(user, CHANGED, CHANGED_TEXT)


def tell_leaver_soon(student_id: UUID) -> None:
    _wake("intake.tasks.tell_leaver", str(student_id))


def tell_leaver(student_id: UUID) -> bool:
    """Mails a former student that the passport will go; False when there is no address or no wish to erase."""
    user = User.objects.filter(student=student_id, student__erase_after__isnull=False).first()
    return user is not None and bool(user.email) and _send(user, GOING, GOING_TEXT)


def _send(user: User, subject: str, text: str, path: str = "") -> bool:
    """In the language this person reads."""
    with translation.override(language_of(user)):
        return _post(user.email, gettext(subject), gettext(text).format(address=f"{settings.BASE_URL}{path}"))


def _to_a_stranger(subject: str, text: str, language: str) -> tuple[str, str]:
    """In the language they read; Dutch and English under each other for whom nobody knows it of."""
    if language:
        with translation.override(language):
            return gettext(subject), gettext(text)
    with translation.override("en"):
        return subject, f"{text}\n\n– English –\n\n{gettext(text)}"


def _post(address: str, subject: str, body: str) -> bool:
    try:
        return bool(send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [address]))
    except OSError:
        log.warning("mail_failed", extra={"event": "mail"})
        return False


def _wake(task: str, one: str) -> None:
    try:
        current_app.send_task(task, args=[one])
    except Exception:
        log.warning("broker_down", extra={"event": "mail"})
