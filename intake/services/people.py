"""Who is tied to a student, as the student sees it, and ending a tie: coach, buddy, or somebody from home.

Only the student ends a tie here, and it holds at once. Who has a say over them today stays: under 16 a guardian whose
authority the school checked, of an adult the representative (contract, rule 10). That is for the school to correct.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts import vault
from accounts.authority import counts_today
from accounts.models import Student, Tie, User
from accounts.refusals import NotHere, Refusal
from consent.models import Share
from consent.recipients import names_of
from consent.services import end_shares_in
from intake.models import CoachSignal, FollowUpGrant
from intake.services import hearing, sharing


@dataclass(frozen=True, slots=True)
class Near:
    """One person with a confirmed tie today. Personal: never in a log or a URL."""

    tie: Tie
    name: str = field(repr=False)
    has_say: bool

    @property
    def called(self) -> str:
        """The name, or what they are to the student when nobody can open the name any more."""
        return self.name or self.tie.label or self.what

    @property
    def what(self) -> str:
        return gettext(str(self.tie.get_kind_display()))


@dataclass(frozen=True, slots=True)
class Ends:
    """What goes with a tie, said before the student decides."""

    shares: tuple[Share, ...]
    hears: bool
    signal: bool


def people_of(student: Student, key: vault.Key) -> list[Near]:
    """Everybody tied to this student today, by name: three queries and one for the keys."""
    ties = Tie.objects.current().filter(student=student, confirmed_at__isnull=False).select_related("person")
    rows = list(ties.order_by("kind", "pk"))
    names = names_of(tie.person for tie in rows)
    found = [Near(tie, names[tie.person_id], counts_today(tie, student, key)) for tie in rows]
    return sorted(found, key=lambda one: one.called.casefold())


def get_near_or_404(student: Student, key: vault.Key, tie_id: UUID) -> Near:
    """One of `people_of`. Raises NotHere."""
    found = next((one for one in people_of(student, key) if one.tie.pk == tie_id), None)
    if found is None:
        raise NotHere()
    return found


def what_ends_with(near: Near) -> Ends:
    """What stops when this tie ends; nothing is changed."""
    tie = near.tie
    hears = FollowUpGrant.objects.open().filter(tie=tie).exists()
    signal = CoachSignal.objects.filter(tie=tie, heard_at=None).exists()
    return Ends(tuple(Share.objects.open_ended().filter(tie=tie).order_by("created_at", "pk")), hears, signal)


def end_tie(*, student: Student, key: vault.Key, tie_id: UUID, by: User) -> None:
    """Ends a tie and all that was said in it, at the next request of that person: one transaction, one record a share.

    Taking away never waits: also while the passport stands still or somebody sits beside the student. Raises NotHere
    for anybody but the student and for no tie of theirs; Refusal for somebody who has a say over them.
    """
    if student.user_id != by.pk:
        raise NotHere()
    near = get_near_or_404(student, key, tie_id)
    _refuse_with_say(near.has_say)
    with transaction.atomic():
        Student.objects.select_for_update(no_key=True).get(pk=student.pk)
        tie = Tie.objects.current().select_for_update(no_key=True).filter(pk=near.tie.pk).first()
        if tie is None:
            return
        _refuse_with_say(counts_today(tie, student, key))  # the school may have checked it meanwhile
        # The last day of a tie counts, so the day before is the one from which nothing holds.
        tie.ends_on = timezone.localdate() - timedelta(days=1)
        tie.save(update_fields=["ends_on"])
        CoachSignal.objects.filter(tie=near.tie).delete()
        hearing.end_hearing_of(student, key, by, tie=near.tie)
        end_shares_in(tie=near.tie, key=key, by=by, also=sharing.end)


def _refuse_with_say(has_say: bool) -> None:
    if has_say:
        raise Refusal("has_say", gettext("Deze persoon beslist met je mee. Dat kun jij niet stoppen."), status=409)
