"""The links on a page of staff are decided from one list of places; what they lead to asks the database itself."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import Institution, Membership, Region, Role, Tie
from accounts.places import places_in, places_today
from intake.services import figures, region_help, second_look, sentences
from school.services import passports
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def college():
    return factories.make_programme().institution


def school():
    return factories.make_class().institution


PLACES = {
    "an intaker": lambda: {"role": Role.INTAKER, "programme": factories.make_programme()},
    "a mentor at a college": lambda: {"role": Role.MENTOR, "programme": factories.make_programme()},
    "a mentor of a class": lambda: {"role": Role.MENTOR, "school_class": factories.make_class()},
    "a counsellor": lambda: {"role": Role.COUNSELLOR, "institution": school()},
    "care at a school": lambda: {"role": Role.CARE, "institution": school()},
    "care at a college": lambda: {"role": Role.CARE, "institution": college()},
    "a coordinator of a school": lambda: {"role": Role.COORDINATOR, "institution": school()},
    "a coordinator of a college": lambda: {"role": Role.COORDINATOR, "institution": college()},
    "a coordinator of a college without programmes": lambda: {
        "role": Role.COORDINATOR,
        "institution": Institution.objects.create(name="Leeg", kind=Institution.Kind.MBO),
    },
    "somebody of a region": lambda: {"role": Role.REGION, "region": Region.objects.create(code="99", name="Regio")},
    "a coach of a region": lambda: {"role": Role.COACH, "region": Region.objects.create(code="98", name="Regio")},
}


def asked_of_the_database(by):
    return {
        "writes": sentences.written_by(by).exists(),
        "reviews": sentences.reviews_for(by) is not None,
        "keeps_help": region_help.regions_of(by).exists(),
        "sees_figures": any(rows.exists() for rows in figures.places_of(by)),
        "looks_along": second_look._places(by).exists(),
    }


def decided_from_the_list(by):
    mine = places_today(by)
    return {
        "writes": sentences.writes_with(mine),
        "reviews": sentences.reviews_with(mine),
        "keeps_help": region_help.keeps_help(mine),
        "sees_figures": figures.sees_figures(mine),
        "looks_along": second_look.college_doors(mine)["looks_along"],
    }


@pytest.mark.parametrize("who", PLACES)
def test_a_link_is_there_for_whoever_its_page_is_for_and_gone_afterwards(who):
    user = factories.make_user(staff_name="Iemand")
    row = Membership.objects.create(user=user, **PLACES[who]())
    assert decided_from_the_list(user) == asked_of_the_database(user)
    row.starts_on, row.ends_on = (timezone.localdate() - timedelta(days=one) for one in (2, 1))
    row.save()
    assert places_today(user) == [] and not any(decided_from_the_list(user).values())


def test_a_coach_by_a_tie_alone_may_invite(sam):
    coach = factories.make_user(staff_name="Coach")
    assert not passports.may_invite(coach)
    factories.make_tie(sam, coach, Tie.Kind.COACH)
    assert passports.may_invite(coach)
    coach.ties.update(
        ends_on=timezone.localdate() - timedelta(days=1), starts_on=timezone.localdate() - timedelta(days=9)
    )
    assert not passports.may_invite(coach)


def test_the_list_is_asked_once_in_a_request_and_anew_in_the_next(imke, django_assert_num_queries):
    def one_request():
        request = RequestFactory().get("/")
        request.user = imke
        return request

    request = one_request()
    with django_assert_num_queries(1):
        assert places_in(request) == places_in(request) != []
    imke.memberships.all().delete()
    assert places_in(one_request()) == []
