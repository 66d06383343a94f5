"""Jobs: the row in the database is the job, and a message only wakes a worker (docs/decisions/0006).

queued -> rendering (claimed by one worker, with a lease) -> ready | failed, or whatever else a kind of job ends in. Who
was lost is followed by another when its lease is over, and who lost its claim changes nothing any more.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from intake.models import AgreementFile, Handover

log = logging.getLogger("paspoort.jobs")
LEASE = timedelta(seconds=settings.HANDOVER_LEASE_SECONDS)
MOST_ATTEMPTS = 3
AT_ONCE = 200  # messages of one sweep
AWAY = (OperationalError, InterfaceError)
QUEUED, RENDERING, FAILED = Handover.Status.QUEUED, Handover.Status.RENDERING, Handover.Status.FAILED
WAITING = frozenset({QUEUED, RENDERING})
TASKS: dict[type[Model], str] = {
    Handover: "intake.tasks.render_handover",
    AgreementFile: "intake.tasks.render_agreement",
}
Job = TypeVar("Job", Handover, AgreementFile)


def run(jobs: QuerySet[Job], job_id: UUID, work: Callable[[Job], None]) -> None:
    """Claims one of these jobs and does its work. May run twice; who cannot claim it does nothing.

    After an error the row goes back in the queue, or has failed when the attempts are used up; the error is raised.
    """
    job = claim(jobs, job_id)
    if job is None:
        return
    try:
        work(job)
    except Exception as error:
        put_back(job, is_spent=not isinstance(error, AWAY))
        raise


def claim(jobs: QuerySet[Job], job_id: UUID) -> Job | None:
    """The job, for this worker alone until its lease is over; None when another has it or it waits no more.

    One conditional update: of two who ask at once one gets it, on either database.
    """
    now = timezone.now()
    free = Q(status=QUEUED) | Q(status=RENDERING) & _lease_is_over(now)
    claimed = jobs.filter(free, pk=job_id, attempts__lt=MOST_ATTEMPTS).update(
        status=RENDERING, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    return jobs.filter(pk=job_id).first() if claimed else None


def mine(job: Job) -> QuerySet[Job]:
    """The row while this claim on it holds: nobody took over, and the lease is not over. A worker writes here alone."""
    claimed = type(job).objects.filter(pk=job.pk, status=RENDERING, attempts=job.attempts)
    return claimed.filter(lease_until=job.lease_until, lease_until__gte=timezone.now())


def put_back(job: Job, *, is_spent: bool) -> None:
    """After an error: back in the queue for the sweep, or failed when the attempts are used up.

    A database that was away says nothing about this job, so it costs no attempt (`is_spent`). A worker that lost its
    claim changes nothing: whoever took over keeps the job.
    """
    attempts = job.attempts if is_spent else job.attempts - 1
    status = FAILED if attempts >= MOST_ATTEMPTS else QUEUED
    mine(job).update(status=status, lease_until=None, attempts=attempts)


def start_again(job: Job) -> None:
    """What was made is out of date before it was published: nobody's fault, so no attempt, and at once."""
    if mine(job).update(status=QUEUED, lease_until=None, attempts=F("attempts") - 1):
        wake(type(job), [job.pk])


def sweep(jobs: QuerySet[Job]) -> int:
    """Wakes a worker for every job that waits or whose lease ran out, in the order of `jobs`; returns how many.

    Gives up on those without attempts left. The timer's guarantee: what a broker lost is found here.
    """
    waiting = jobs.filter(status__in=WAITING).filter(Q(lease_until=None) | _lease_is_over(timezone.now()))
    waiting.filter(attempts__gte=MOST_ATTEMPTS).update(status=FAILED, lease_until=None)
    ids = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
    wake(jobs.model, ids)
    return len(ids)


def wake(kind: type[Model], ids: Iterable[UUID]) -> None:
    """Sends each id to the broker. One that is down costs a minute: the sweep finds the rows.

    After the first that cannot be sent nobody waits for the others: a broker that hangs holds each for seconds.
    """
    for job_id in ids:
        try:
            current_app.send_task(TASKS[kind], args=[str(job_id)])
        except Exception:
            log.warning("broker_down", extra={"event": "wake", "job": str(job_id)})
            return


def _lease_is_over(now: datetime) -> Q:
    """Also one that ends later than any lease can: the clock was set back, and nobody waits for that day."""
    return Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)
