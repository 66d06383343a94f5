"""«Verander»: what is taken away is gone after the first screen, also when every unit is swapped for another."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.refusals import NotHere, Refusal
from consent import access, services
from consent.ledger import Action, Event
from consent.models import LedgerEntry, Share, ShareState
from consent.services import units_of
from intake.models import Handover
from intake.services import handovers, sharing
from tests import factories
from tests.factories import key_of

NEED = "need.support.quiet"


def read(share: Share, by: User) -> set[str]:
    return {one.unit.key for one in access.read(share_id=share.pk, by=by, action=Action.READ).said}


def swap(client: Any, share: Share, *units: str) -> Any:
    wanted = {"units": list(units), "until": share.valid_until.isoformat()}
    return client.post(reverse("share_change", args=[share.pk]), wanted)


def fresh(share: Share) -> Share:
    return Share.objects.select_related("student__passport", "student__user").get(pk=share.pk)


def test_swapping_every_unit_takes_all_away_before_the_second_screen(given, sam, imke, browser_of, api):
    client = browser_of(sam)
    url = swap(client, given, "can.strengths").url
    assert read(given, imke) == set()
    assert api(imke).get(f"/api/v1/dossiers/{given.pk}/").json()["fields"] == []
    shown = client.get(url).content.decode()
    assert "netjes werken" in shown and "Een hoek bij het raam" not in shown
    # Not seen, not said yes to: nothing comes by itself.
    assert read(given, imke) == set()


def test_the_yes_gives_what_was_chosen_in_the_same_share_and_case(given, sam, imke, browser_of):
    client = browser_of(sam)
    url = swap(client, given, "can.strengths").url
    seen = client.get(url).context["seen"]
    client.post(url, {"answer": "yes", "seen": seen})
    assert read(given, imke) == {"can.strengths"}
    assert Share.objects.get(student=sam).case == given.case


@pytest.mark.parametrize("answer", ["no", None])
def test_whoever_goes_no_further_shares_nothing_and_can_stop(given, sam, imke, browser_of, answer):
    client = browser_of(sam)
    url = swap(client, given, "can.strengths").url
    if answer:
        client.post(url, {"answer": answer})
    assert read(given, imke) == set()
    for name in ("share_list", "share"):
        shown = client.get(reverse(name, args=[given.pk] if name == "share" else [])).content.decode()
        assert "Nu niets" in shown and reverse("share_stop", args=[given.pk]) in shown
    client.post(reverse("share_stop", args=[given.pk]))
    with pytest.raises(NotHere):
        read(given, imke)


def test_to_its_reader_it_is_as_silent_as_emptied_answers(given, sam, imke, care, browser_of):
    """The same page, byte for byte but for the ids and the form: taken away or emptied, nobody can tell."""
    other = factories.make_pupil()
    factories.write(other, "me.free_time", ["muziek"])
    emptied = factories.share_with_programme(other, care, "me.free_time")
    factories.write(other, "me.free_time", status="private")
    swap(browser_of(sam), given, "can.strengths")

    def body(share: Share) -> str:
        page = browser_of(imke).get(reverse("case_brief", args=[share.case.pk])).content.decode()
        return page.split('<article class="sheet"')[1].split("</article>")[0]

    assert body(fresh(given)) == body(fresh(emptied))


def test_the_files_go_the_date_stays_and_it_is_written_down(given, sam, imke, browser_of):
    made, _ = handovers.request_handover(share_id=given.pk, by=imke)
    handovers.render_handover(made.pk)
    swap(browser_of(sam), given, "can.strengths")
    after = fresh(given)
    assert Handover.objects.get(pk=made.pk).status == Handover.Status.VOID
    assert (after.released_at, after.release) == (given.released_at, given.release + 1)
    assert LedgerEntry.objects.filter(share_id=given.pk).last().event in {Event.CHANGED, Event.LOOK}
    assert LedgerEntry.objects.filter(share_id=given.pk, event=Event.CHANGED).count() == 1


def test_whoever_looked_is_told(given, sam, monkeypatch, django_capture_on_commit_callbacks, browser_of):
    told: list[Any] = []
    monkeypatch.setattr("intake.services.mail.current_app.send_task", lambda name, args: told.append((name, args)))
    with django_capture_on_commit_callbacks(execute=True):
        swap(browser_of(sam), given, "can.strengths")
    assert told == [("intake.tasks.tell_recipients", [str(given.pk)])]


def test_a_shorter_end_and_no_more_reading_along_hold_at_once_too(sam, care, mentor, imke, browser_of):
    share = factories.share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    day = share.valid_until.replace(day=1)
    wanted = {"units": ["can.strengths"], "until": day.isoformat()}
    browser_of(sam).post(reverse("share_change", args=[share.pk]), wanted)
    after = fresh(share)
    assert (after.valid_until, after.warm_transfer) == (day, False)
    with pytest.raises(NotHere):
        read(share, mentor)


def test_under_16_the_old_is_gone_and_the_new_waits(care, imke, browser_of):
    young = factories.make_pupil(age=15)
    parent = factories.make_parent(young).user
    for question in ("me.free_time", "can.strengths"):
        factories.write(young, question, ["muziek"])
    share = sharing.approve(share_id=factories.share_with_programme(young, care, "me.free_time").pk, by=parent)
    client = browser_of(young)
    url = swap(client, share, "can.strengths").url
    assert read(share, imke) == set()
    client.post(url, {"answer": "yes", "seen": client.get(url).context["seen"]})
    assert read(share, imke) == set()
    # A no to what waits leaves nothing, and nothing is what everybody sees: no error, no half-open door.
    sharing.decline(share_id=share.pk, by=parent)
    assert read(share, imke) == set()
    assert access.open_shares(imke).filter(pk=share.pk).exists()


def test_before_the_first_yes_of_a_parent_the_old_can_no_longer_be_approved(care, imke, browser_of):
    young = factories.make_pupil(age=15)
    parent = factories.make_parent(young).user
    for question in ("me.free_time", "can.strengths"):
        factories.write(young, question, ["muziek"])
    share = factories.share_with_programme(young, care, "me.free_time")
    swap(browser_of(young), share, "can.strengths")
    assert fresh(share).state == ShareState.AWAITING_GUARDIAN
    sharing.approve(share_id=share.pk, by=parent)
    assert read(share, imke) == set()


def test_over_the_api_nothing_is_still_a_mistake_and_a_swap_is_one_act(given, sam, imke, api):
    url = f"/api/v1/shares/{given.pk}/"
    assert api(sam).patch(url, {"units": []}, format="json").status_code == 400
    assert api(sam).patch(url, {"units": ["can.strengths"]}, format="json").status_code == 200
    assert read(given, imke) == {"can.strengths"}


def test_only_the_student_takes_all_away_and_only_of_what_runs(given, sam, imke, noor):
    terms = {"valid_until": given.valid_until, "warm_transfer": False}
    for who in (imke, noor.user):
        with pytest.raises(NotHere):
            services.clear_share(share=fresh(given), key=key_of(sam), by=who, **terms)
    sharing.withdraw(share=given, by=sam.user)
    with pytest.raises(Refusal):
        services.clear_share(share=fresh(given), key=key_of(sam), by=sam.user, **terms)
    assert units_of(given, key_of(sam))
