"""T7: a broker that delivers a message again and again (a visibility timeout shorter than a render) makes one file.

Three workers, each with the same message; the slow one comes last. tests/faults/ does it with real workers.
"""

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.storage import default_storage

from intake import handover as renderer
from intake import tasks
from intake.models import Handover
from intake.services import handovers


def files():
    return set(default_storage.listdir("")[1]) if default_storage.exists("") else set()


@pytest.mark.services
def test_three_deliveries_while_one_renders_make_one_file(given, imke, monkeypatch):
    """Inside the render of the first worker the message comes twice more."""
    handover, _ = handovers.request_handover(share_id=given.pk, by=imke)
    there = files()
    rendered, deliver = [], lambda: tasks.render_handover_task(str(handover.pk))

    def slow(html):
        rendered.append(html)
        deliver()
        deliver()
        return html.encode()

    monkeypatch.setattr(renderer, "render_pdf", slow)
    deliver()
    deliver()
    row = Handover.objects.get(pk=handover.pk)
    assert (row.status, row.attempts, len(rendered)) == ("ready", 1, 1)
    assert files() == there | {row.file} and mail.outbox == []


@pytest.mark.services
def test_a_delivery_after_the_file_was_made_changes_nothing(given, imke, monkeypatch):
    monkeypatch.setattr(renderer, "render_pdf", lambda html: html.encode())
    handover, _ = handovers.request_handover(share_id=given.pk, by=imke)
    for _ in range(3):
        tasks.render_handover_task(str(handover.pk))
    before = Handover.objects.filter(pk=handover.pk).values().get()
    tasks.render_handover_task(str(handover.pk))
    assert Handover.objects.filter(pk=handover.pk).values().get() == before


def test_a_hundred_askers_of_one_release_make_one_job(given, sam, imke):
    made = {handovers.request_handover(share_id=given.pk, by=who)[0].pk for who in [imke, sam.user] * 50}
    assert len(made) == 1 == Handover.objects.count()


def test_the_broker_waits_longer_than_a_task_may_take():
    """So that with Redis a message comes again only for who was really lost."""
    assert settings.CELERY_TASK_TIME_LIMIT < 600 and settings.HANDOVER_LEASE_SECONDS > settings.CELERY_TASK_TIME_LIMIT
    if settings.REDIS_URL:
        assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > settings.CELERY_TASK_TIME_LIMIT
