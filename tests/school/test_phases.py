"""The counsellor's page: how far who shares is, and nothing of anybody else or of what was written."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.refusals import NotHere
from intake.models import Case
from intake.services import sharing, talks
from school import reference
from school.services import phases
from tests import factories
from tests.factories import share_with_programme
from tests.intake import agreed


@pytest.fixture
def counsellor(class_a):
    return factories.make_staff("counsellor", institution=class_a.institution, name="mevrouw Smit")


@pytest.fixture
def lob(sam, class_a):
    return factories.share(sam, "school_team", class_a.institution_id, "me.free_time")


def row_of(by) -> dict[str, bool]:
    [row] = phases.phases_of(by)
    return dict(row.phases)


def test_who_does_not_share_is_not_there(sam, noor, class_a, counsellor, lob):
    factories.make_pupil(school_class=class_a, calling_name="Tess")
    assert [row.display_name for row in phases.phases_of(counsellor)] == ["Sam V."]
    sharing.withdraw(share=lob, by=sam.user)
    assert phases.phases_of(counsellor) == []


def test_the_steps_follow_what_is_shared_now(sam, lob, counsellor, care, mentor, imke):
    assert row_of(counsellor) == dict.fromkeys(phases.PHASES.values(), False) | {"Begonnen": True}
    share = share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    assert row_of(counsellor)["Deelt met een opleiding"] and not row_of(counsellor)["Gelezen"]
    Case.objects.filter(share=share).update(status="read")
    talks.plan_talk(share_id=share.pk, by=mentor, planned_for=timezone.now())
    assert row_of(counsellor)["Gelezen"] and row_of(counsellor)["Gesprek gepland"]
    agreed.offered(agreed.case_of(share), imke)
    assert not row_of(counsellor)["Afspraak"]
    agreed.sign(agreed.case_of(share), sam, imke)
    assert row_of(counsellor)["Afspraak"]
    Case.objects.filter(share=share).update(status="placed")
    assert row_of(counsellor)["Geplaatst"]
    sharing.withdraw(share=share, by=sam.user)
    ended = row_of(counsellor)
    assert not any(ended[phases.PHASES[step]] for step in ("shared", "read", "planned", "agreed", "placed"))


def test_it_is_for_a_counsellor_of_today(lob, mentor, imke, sam, class_a, counsellor, browser_of):
    others = [mentor, imke, sam.user, factories.make_staff("coordinator", institution=class_a.institution)]
    for by in others:
        with pytest.raises(NotHere):
            phases.phases_of(by)
        assert browser_of(by).get(reverse("counsellor")).status_code == 404
    elsewhere = factories.make_staff("counsellor", institution=factories.make_class("C").institution)
    assert phases.phases_of(elsewhere) == []
    Membership.objects.filter(user=counsellor).update(ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotHere):
        phases.phases_of(counsellor)


def test_the_page_holds_no_text_of_anybody(lob, counsellor, browser_of):
    page = browser_of(counsellor).get(reverse("counsellor")).content.decode()
    assert "Sam V." in page and "1 april" in page
    assert not [text for text in ("muziek", "koken", "autisme", "raam") if text in page]


def test_the_queries_do_not_grow(lob, counsellor, class_a, django_assert_max_num_queries):
    for name in ("Tess", "Uma", "Vic"):
        pupil = factories.make_pupil(school_class=class_a, calling_name=name)
        factories.share(pupil, "school_team", class_a.institution_id, "me.free_time")
    with django_assert_max_num_queries(5):
        assert len(phases.phases_of(counsellor)) == 4


def test_the_days_come_again_every_year():
    dates = {one.on for one in reference.moments(date(2027, 4, 1))}
    assert date(2027, 4, 1) in dates and date(2028, 2, 1) in dates
    assert [one.on for one in reference.moments(date(2027, 4, 2))][-1] == date(2028, 4, 1)
    assert [one.on for one in reference.moments(date(2027, 3, 18)) if one.reminds(date(2027, 3, 18))] == [
        date(2027, 4, 1)
    ]
