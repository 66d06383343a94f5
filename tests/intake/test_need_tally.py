"""How often a programme could not give a kind of help: of nobody, in whole fives, of a year that is over."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.refusals import NotHere
from intake.models import NeedTally
from intake.services import fits, leaving, need_tally, second_look, sharing, tally
from intake.services.unmet import unmet_of
from tests import factories
from tests.factories import share_with_programme

LAST, NOW = datetime(2026, 5, 12, 10, tzinfo=UTC), datetime(2026, 11, 12, 10, tzinfo=UTC)


@pytest.fixture
def boss(care):
    return factories.make_staff(Role.COORDINATOR, institution=care.institution, starts_on=date(2025, 8, 1))


def counts(programme):
    rows = NeedTally.objects.filter(programme=programme)
    key = tally.figures_key()
    return {row.school_year: key.open(row.sealed, field=need_tally.FIELD, row=row.pk) for row in rows}


def count(programme, answer, times, need="quiet"):
    for _ in range(times):
        need_tally.count_answer(tally.figures_key(), programme_id=programme.pk, need=need, answer=answer, at=LAST)


def put(share, by, answer):
    said = {"comment": "Vol", "alternative": "De bibliotheek"}
    return fits.put_fit(case_id=share.case.pk, by=by, need="quiet", answer=answer, **said)


def test_changing_an_answer_moves_the_count_and_a_no_counts_once_it_is_sent(given, imke, care):
    second, year = factories.make_staff(Role.MENTOR, programme=care), need_tally.school_year_of(timezone.now())
    put(given, imke, "yes")
    no = put(given, imke, "no")
    assert counts(care) == {year: {"quiet": {"yes": 1}}}
    second_look.open_asked(no.pk, second)
    second_look.agree(no.pk, second)
    assert counts(care) == {year: {"quiet": {"yes": 0, "no": 1}}}


def test_a_student_counts_once_also_when_the_share_was_given_again(given, sam, imke, care):
    put(given, imke, "partly")
    sharing.withdraw(share=given, by=sam.user)
    put(share_with_programme(sam, care, "need.support.quiet"), imke, "external")
    assert next(iter(counts(care).values())) == {"quiet": {"partly": 0, "external": 1}}


def test_it_stays_when_the_student_is_erased_and_says_nothing_in_the_database(given, sam, imke, care):
    put(given, imke, "partly")
    stored = str(NeedTally.objects.values().get())
    assert "quiet" not in stored and "partly" not in stored and str(sam.pk) not in stored
    leaving.erase_student(sam.pk)
    assert next(iter(counts(care).values())) == {"quiet": {"partly": 1}}


def test_the_stored_length_does_not_tell_how_much_is_in_it(care):
    count(care, "no", 1)
    one = len(NeedTally.objects.get().sealed)
    for need in ("steps", "time", "person"):
        count(care, "external", 20, need)
    assert len(NeedTally.objects.get().sealed) == one


@pytest.mark.parametrize(("times", "shown"), [(1, None), (4, None), (5, 5), (9, 5), (10, 10), (14, 10)])
def test_the_coordinator_sees_whole_fives_and_never_one_to_four(care, boss, browser_of, times, shown):
    count(care, "no", times)
    with time_machine.travel(NOW, tick=False):
        page = unmet_of(boss)
        assert [row.counted.no for _, rows in page.programmes for row in rows] == ([shown] if shown else [])
        html = browser_of(boss).get(reverse("unmet_needs")).content.decode()
        assert (f">{shown}</td>" in html) == bool(shown) and ("Er zijn nog geen cijfers" in html) == (shown is None)


def test_a_year_that_runs_is_not_shown(care, boss):
    count(care, "no", 25)
    with time_machine.travel(LAST, tick=False):
        assert unmet_of(boss).programmes == ()
        with pytest.raises(ValueError, match="over"):
            need_tally.unmet([care], "2025-2026", tally.figures_key())
        with pytest.raises(NotHere):
            unmet_of(boss, "2025-2026")


def test_for_the_coordinator_of_that_college_alone(care, boss, imke, otto, mentor, sam, browser_of):
    count(care, "no", 25)
    elsewhere = factories.make_staff(Role.COORDINATOR, institution=factories.make_programme().institution)
    school = factories.make_staff(Role.COORDINATOR, institution=factories.make_class().institution)
    with time_machine.travel(NOW, tick=False):
        assert unmet_of(elsewhere).programmes == () and unmet_of(boss).programmes
        for by in (imke, otto, mentor, sam.user, school):
            with pytest.raises(NotHere):
                unmet_of(by)
            assert browser_of(by).get(reverse("unmet_needs")).status_code == 404
