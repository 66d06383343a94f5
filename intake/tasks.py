"""What the worker does: each task takes one id or nothing, may run twice, and calls a service."""

from uuid import UUID

from celery import shared_task

from accounts import invitations
from consent import services as consent
from intake.services import (
    agreement_files,
    agreement_keeping,
    batches,
    coach_ties,
    handover_files,
    handovers,
    leaving,
    mail,
    publishing,
    question_marks,
    retention,
    sharing,
    signals,
    tally,
    taster_buddies,
    taster_keeping,
)
from passport.suggestions import drop_decided_suggestions


@shared_task(name="intake.tasks.render_handover")
def render_handover_task(handover_id: str) -> None:
    """Renders one handover; after an error the row goes back in the queue and the error is raised."""
    handovers.render_handover(UUID(handover_id))


@shared_task(name="intake.tasks.wake_waiting_handovers")
def wake_waiting_handovers() -> None:
    """Wakes a worker again for handovers that wait too long."""
    handovers.wake_waiting()


@shared_task(name="intake.tasks.destroy_ended_handovers")
def destroy_ended_handovers() -> None:
    """Destroys the files of handovers that may not be fetched any more."""
    handover_files.destroy_files()


@shared_task(name="intake.tasks.drop_lost_files")
def drop_lost_files() -> None:
    """Drops files that no handover names: what a killed worker left."""
    handover_files.drop_lost_files()


@shared_task(name="intake.tasks.render_agreement")
def render_agreement(file_id: str) -> None:
    """Renders the PDF of one signed agreement; after an error the row goes back in the queue."""
    agreement_files.render_agreement(UUID(file_id))


@shared_task(name="intake.tasks.wake_waiting_agreements")
def wake_waiting_agreements() -> None:
    """Wakes a worker again for agreements whose PDF waits."""
    agreement_files.wake_waiting()


@shared_task(name="intake.tasks.drop_ended_agreements")
def drop_ended_agreements() -> None:
    """Destroys agreements whose term is over and what nobody signed on a share that ended; tries lost PDFs again."""
    agreement_keeping.sweep()
    agreement_keeping.drop_past_their_term()
    agreement_files.try_again()


@shared_task(name="intake.tasks.drop_old_batches")
def drop_old_batches() -> None:
    """Drops batches whose time is over."""
    batches.drop_old_batches()


@shared_task(name="intake.tasks.end_expired_shares")
def end_expired_shares() -> None:
    """Ends the shares whose last day was yesterday or before."""
    sharing.expire_ended()


@shared_task(name="intake.tasks.end_what_waited")
def end_what_waited() -> None:
    """Ends what waited for a parent of somebody who turned 16."""
    sharing.end_what_waited()


@shared_task(name="intake.tasks.drop_in_between_revisions")
def drop_in_between_revisions() -> None:
    """Drops texts nobody was shown, and suggestions that were decided a month ago."""
    consent.drop_in_between_revisions()
    drop_decided_suggestions()


@shared_task(name="intake.tasks.drop_old_drafts")
def drop_old_drafts() -> None:
    """Drops drafts of a share that were left lying."""
    consent.drop_old_drafts()


@shared_task(name="intake.tasks.erase_due")
def erase_due() -> None:
    """Erases whoever's days of regret are over; finishes what a crash left halfway."""
    leaving.erase_due()


@shared_task(name="intake.tasks.warn_leavers")
def warn_leavers() -> None:
    """Warns former students whose passport will go, and drops cases of who was erased long ago."""
    retention.warn_leavers()
    retention.drop_empty_cases()


@shared_task(name="intake.tasks.tell_recipients")
def tell_recipients(share_id: str) -> None:
    """Mails everybody who opened one share that something changed, not what."""
    mail.tell_recipients(UUID(share_id))


@shared_task(name="intake.tasks.wake_looked_at")
def wake_looked_at() -> None:
    """Wakes a worker for every student who wants to hear of a look."""
    mail.wake_looked_at()


@shared_task(name="intake.tasks.tell_of_look")
def tell_of_look(student_id: str) -> None:
    """Mails one student that somebody looked; at most one mail a day."""
    mail.tell_of_look(UUID(student_id))


@shared_task(name="intake.tasks.send_link")
def send_link(share_id: str) -> None:
    """Mails the link of one share, while it is live."""
    mail.send_link(UUID(share_id))


@shared_task(name="intake.tasks.send_invitation")
def send_invitation(invitation_id: str) -> None:
    """Mails the link of one invitation for at home."""
    mail.send_invitation(UUID(invitation_id))


@shared_task(name="intake.tasks.send_invitation_code")
def send_invitation_code(invitation_id: str) -> None:
    """Mails the code of one invitation for at home."""
    mail.send_invitation_code(UUID(invitation_id))


@shared_task(name="intake.tasks.tell_of_talk")
def tell_of_talk(share_id: str) -> None:
    """Mails the student of one share that there is something to see."""
    mail.tell_of_talk(UUID(share_id))


@shared_task(name="intake.tasks.tell_staff")
def tell_staff(user_id: str) -> None:
    """Mails one member of staff that something changed in their inbox."""
    mail.tell_staff(UUID(user_id))


@shared_task(name="intake.tasks.drop_old_signals")
def drop_old_signals() -> None:
    """Drops signs to a coach of a month ago."""
    signals.drop_old()


@shared_task(name="intake.tasks.let_coaches_go")
def let_coaches_go() -> None:
    """Gives every coach's tie its last day, and ends what was shared in one that is over."""
    coach_ties.let_go()


@shared_task(name="intake.tasks.drop_old_taster_days")
def drop_old_taster_days() -> None:
    """Lets buddies go a week after their day, and drops days to look around of a month ago, with every name."""
    taster_buddies.let_go()
    taster_keeping.drop_old()


@shared_task(name="intake.tasks.drop_old_invitations")
def drop_old_invitations() -> None:
    """Drops invitations for at home that nobody answered in time; their keys too."""
    invitations.drop_old_invitations()


@shared_task(name="intake.tasks.tell_leaver")
def tell_leaver(student_id: str) -> None:
    """Mails one former student that the passport will go in 30 days."""
    mail.tell_leaver(UUID(student_id))


@shared_task(name="intake.tasks.count_figures")
def count_figures() -> None:
    """Counts who started, folds ticks and marks at questions, and publishes the year that is over when it is time."""
    tally.count_started()
    tally.fold()
    question_marks.fold()
    publishing.publish_due()
