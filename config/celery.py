"""The Celery app and everything that runs by itself, on one screen."""

import gc
import os
import resource
from itertools import count
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import task_postrun, worker_process_init
from kombu.transport import TRANSPORT_ALIASES

from config.timer import TimerStays

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

TRANSPORT_ALIASES["embedded"] = "config.embedded_broker:Transport"
app = Celery("paspoort", task_cls="config.work:SiteTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_scheduler = "config.timer:Timer"
app.steps["worker"].add(TimerStays)

TIDY_EVERY = 5
_jobs_done = count(1)

app.conf.beat_schedule = {
    # The broker may lose a message, the database does not: wake every job that waits or whose lease ran out.
    "wake-waiting-handovers": {"task": "intake.tasks.wake_waiting_handovers", "schedule": 60.0},
    # Files go 90 days after rendering, at the end of the share, or when the intake ends.
    "destroy-ended-handovers": {"task": "intake.tasks.destroy_ended_handovers", "schedule": 300.0},
    # What a worker stored that was killed before it could say so.
    "drop-lost-files": {"task": "intake.tasks.drop_lost_files", "schedule": 3600.0},
    # The PDF of a signed agreement, once; and agreements whose term is over, their key first.
    "wake-waiting-agreements": {"task": "intake.tasks.wake_waiting_agreements", "schedule": 60.0},
    "drop-ended-agreements": {"task": "intake.tasks.drop_ended_agreements", "schedule": crontab(hour=2, minute=20)},
    # A list of handovers asked for at once lives a day.
    "drop-old-batches": {"task": "intake.tasks.drop_old_batches", "schedule": 3600.0},
    "end-expired-shares": {"task": "intake.tasks.end_expired_shares", "schedule": 900.0},
    # From the 16th birthday on nobody else says yes: what waits for that ends just after midnight in Amsterdam.
    "end-what-waited": {"task": "intake.tasks.end_what_waited", "schedule": crontab(hour=0, minute=1)},
    # «Er is gekeken», to who wants that mail: by day, and at most one a day (intake/services/mail.py).
    "wake-looked-at": {"task": "intake.tasks.wake_looked_at", "schedule": crontab(minute="*/15", hour="8-19")},
    # «Er staat iets nieuws voor je klaar»: one mail a day at most (school/services/digest.py).
    "send-digests": {"task": "school.tasks.send_digests", "schedule": crontab(hour=8, minute=30)},
    # Whose days of regret are over, and what a crash left half erased.
    "erase-due": {"task": "intake.tasks.erase_due", "schedule": 900.0},
    # Two years after school a mail first, then thirty days (intake/services/retention.py).
    "warn-leavers": {"task": "intake.tasks.warn_leavers", "schedule": 24 * 3600.0},
    # A sitting keeps its last text: in-between revisions nothing points at go at night.
    "drop-in-between-revisions": {"task": "intake.tasks.drop_in_between_revisions", "schedule": 24 * 3600.0},
    # What was ticked and never shared goes after a day.
    "drop-old-drafts": {"task": "intake.tasks.drop_old_drafts", "schedule": 24 * 3600.0},
    # An uploaded class list that nobody brought in goes within the hour, its key first.
    "throw-away-old-class-lists": {"task": "school.tasks.throw_away_old_class_lists", "schedule": 600.0},
    # A hand is over with its day, a wish to talk that nobody heard after a month.
    "drop-old-signs": {"task": "school.tasks.drop_old_signs", "schedule": crontab(hour=0, minute=5)},
    # An invitation nobody answered goes after two weeks.
    "drop-old-passport-invitations": {
        "task": "school.tasks.drop_old_passport_invitations",
        "schedule": 24 * 3600.0,
    },
    "drop-old-invitations": {"task": "intake.tasks.drop_old_invitations", "schedule": 24 * 3600.0},
    # A sign to a coach is over after a month.
    "drop-old-signals": {"task": "intake.tasks.drop_old_signals", "schedule": crontab(hour=0, minute=25)},
    # A coach is let go on the day of the settings; the coach read nothing from that midnight on.
    "let-coaches-go": {"task": "intake.tasks.let_coaches_go", "schedule": crontab(hour=0, minute=20)},
    # A buddy is let go a week after the day; a day to look around goes after a month, with every name on it.
    "drop-old-taster-days": {"task": "intake.tasks.drop_old_taster_days", "schedule": crontab(hour=0, minute=35)},
    # The figures: who started, the ticks of the day into counts, and from 1 September the year that is over.
    "count-figures": {"task": "intake.tasks.count_figures", "schedule": crontab(hour=1, minute=15)},
    # So that whoever watches sees that timer and worker live (/readyz).
    "say-alive": {"task": "accounts.tasks.say_alive", "schedule": 60.0},
    # What is left of sessions that are over.
    "drop-old-sessions": {"task": "accounts.tasks.drop_old_sessions", "schedule": crontab(hour=3, minute=10)},
    # An address a student typed to log in with and never proved goes after a day.
    "drop-unproved-addresses": {"task": "accounts.tasks.drop_unproved_addresses", "schedule": 24 * 3600.0},
}


@worker_process_init.connect
def fence_in(**_: Any) -> None:
    """The worker process is the sandbox of the renderer: bounded memory and files, no core dump of open texts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))


@worker_process_init.connect
def warm_up(**_: Any) -> None:
    """Loads the renderer before the first job, and keeps the collector away from what stays loaded anyway.

    A render makes some 100,000 short-lived objects; at Python's own threshold a sixth of its time goes to walking them.
    """
    from intake import handover

    handover.load_tools()
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 20, 100)


@task_postrun.connect
def tidy_up(**_: Any) -> None:
    """Collects between jobs, when little lives. Halfway a render half a document would be taken for what stays, and lie
    there for a hundred jobs: that made a worker grow by 15 MB.
    """
    if next(_jobs_done) % TIDY_EVERY == 0:
        gc.collect()
