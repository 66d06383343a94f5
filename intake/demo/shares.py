"""What the demo students share, who looked, and what was answered: through the same services as on a screen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.models import Programme, Student, User
from accounts.services import school_of
from consent import access
from consent.ledger import Action
from consent.links import LinkTo
from consent.models import Purpose, RecipientKind, Share, ShareState
from consent.purposes import PURPOSE_OF, longest_until
from consent.services import Wish, expire_share, write_reply
from intake.demo import agreements
from intake.demo.content import load, school_year_start
from intake.demo.fits import make_fits
from intake.demo.places import Places
from intake.models import Case
from intake.services import cases, coaching, notes, remarks, sharing


@dataclass(frozen=True)
class Giver:
    """A demo student with an open key; gives each share once, and never again after it was ended."""

    student: Student
    key: vault.Key

    @classmethod
    def of(cls, user: User) -> "Giver":
        return cls(user.student, vault.open_key(user.student.pk))

    def units(self, purpose: str) -> tuple[str, ...]:
        return tuple(load("shares")[self.student.user.username][purpose])

    def has_shared(self, purpose: str) -> bool:
        return Share.objects.filter(student=self.student, purpose=purpose).exists()

    def give(self, purpose: str, recipient_id: UUID, until: date | None = None) -> Share:
        kind = next(kind for kind, one in PURPOSE_OF.items() if one == purpose)
        until = until or longest_until(purpose, kind, timezone.localdate())
        wish = Wish(kind, recipient_id, purpose, self.units(purpose), until)
        return sharing.give(student=self.student, key=self.key, wish=wish, by=self.student.user)

    def give_link(self, purpose: str, weeks: int) -> Share:
        """A placement that began two weeks ago; nobody knows its code until the student makes one."""
        today, to = timezone.localdate(), load("shares")["links"][self.student.user.username]
        link = LinkTo(to["email"], to["label"], today - timedelta(weeks=2))
        last = today + timedelta(weeks=weeks)
        wish = Wish(RecipientKind.LINK, None, purpose, self.units(purpose), last, link=link)
        return sharing.give(student=self.student, key=self.key, wish=wish, by=self.student.user)


def make_shares(places: Places, users: Mapping[str, User]) -> None:
    """Gives what is missing: the shares of student.full, .young, .placed and .work, with their looks and reply."""
    sam, care3 = Giver.of(users["student.full"]), places.programmes["care3"]
    if not sam.has_shared(Purpose.LOB) and (school := school_of(sam.student)):
        share = sam.give(Purpose.LOB, school.pk)
        access.read(share_id=share.pk, by=users["mentor.one"], action=Action.READ)
        _note(share, users["mentor.one"])
    if not sam.has_shared(Purpose.HOME):
        share = sam.give(Purpose.HOME, users["guardian.full"].pk)
        said = load("shares")["from_home"]
        remarks.write_remark(share_id=share.pk, by=users["guardian.full"], unit=said["unit"], text=said["text"])
    if not sam.has_shared(Purpose.COACHING):
        _moments(sam.give(Purpose.COACHING, users["coach.one"].pk), users["coach.one"])
    if not sam.has_shared(Purpose.INTAKE):
        share = sam.give(Purpose.INTAKE, care3.pk)
        _read_and_reply(share, users["intaker.care"])
        make_fits(share, sam.key, users["intaker.care"])
        agreements.draft(share, sam.student, users["intaker.care"])
    dilara = Giver.of(users["student.young"])
    if not dilara.has_shared(Purpose.INTAKE):
        dilara.give(Purpose.INTAKE, places.programmes["tech2"].pk)  # waits for her father
    _placed(Giver.of(users["student.placed"]), care3, users["intaker.care"])
    romy = Giver.of(users["student.work"])
    if not romy.has_shared(Purpose.INTERNSHIP):
        romy.give_link(Purpose.INTERNSHIP, weeks=10)


def _note(share: Share, mentor: User) -> None:
    """What was agreed in a talk at school today."""
    said = load("shares")["talk_note"]
    notes.write_note(
        share_id=share.pk,
        by=mentor,
        held_on=timezone.localdate(),
        kind="mentor",
        text=said["text"],
        points=said["points"],
    )


def _moments(share: Share, coach: User) -> None:
    """What a coach and the student agreed two weeks ago, and the day of the next moment."""
    said, today = load("shares")["coach"], timezone.localdate()
    two_weeks, moment = timedelta(weeks=2), said["had"]
    coaching.write_moment(share_id=share.pk, by=coach, on=today - two_weeks, until=today + two_weeks, **moment)
    coaching.plan_moment(share_id=share.pk, by=coach, on=today + timedelta(days=6), text=said["next"])


def _read_and_reply(share: Share, intaker: User) -> None:
    case = Case.objects.get(share=share)
    cases.read_case(case_id=case.pk, by=intaker)
    write_reply(share_id=share.pk, text=load("shares")["reply"], by=intaker)
    cases.read_case(case_id=case.pk, by=intaker)


def _placed(ayoub: Giver, programme: Programme, intaker: User) -> None:
    """The intake of last spring, which ended in an agreement and a place, and what the college team may read since."""
    if not ayoub.has_shared(Purpose.INTAKE):
        share = ayoub.give(Purpose.INTAKE, programme.pk, timezone.localdate())
        agreements.sign(share, ayoub.student, intaker, _noon(date(school_year_start().year, 4, 8)))
        _move_to_last_spring(expire_share(share=share))
    if not ayoub.has_shared(Purpose.GUIDANCE):
        ayoub.give(Purpose.GUIDANCE, programme.pk)


def _move_to_last_spring(share: Share) -> None:
    """History cannot be given on a day in the past, so it is given, ended, and then dated back."""
    start = school_year_start()
    march, summer = _noon(date(start.year, 3, 11)), start - timedelta(days=1)
    Share.objects.filter(pk=share.pk, state=ShareState.EXPIRED, recipient_kind=RecipientKind.PROGRAMME).update(
        created_at=march, released_at=march, ended_at=_noon(start), valid_until=summer
    )
    share.releases.update(at=march)
    Case.objects.filter(share=share).update(
        status=Case.Status.PLACED, received_at=march, intake_at=_noon(date(start.year, 4, 8))
    )


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
