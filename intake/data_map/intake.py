"""What the fields of `intake` hold."""

from collections.abc import Mapping

from intake.data_map.lines import (
    FILE,
    HASHED,
    JOB,
    PLACE,
    READABLE,
    REMOVED,
    SEALED,
    SLOT,
    STAFF,
    STUDENT,
    WITH_CASE,
    WITH_PLACE,
    WITH_STUDENT,
    WITH_TALK,
    Line,
)

FIELDS: Mapping[str, Line] = {
    "intake.Offer.id": Line(READABLE, "random id", PLACE, WITH_PLACE),
    "intake.Offer.programme": Line(READABLE, "of which programme", PLACE, WITH_PLACE),
    "intake.Offer.need": Line(READABLE, "for which need; public, of nobody", PLACE, WITH_PLACE),
    "intake.Offer.layer": Line(READABLE, "basic, extra or external", PLACE, WITH_PLACE),
    "intake.Offer.text": Line(READABLE, "what the college gives; public", PLACE, WITH_PLACE),
    "intake.Expectation.id": Line(READABLE, "random id", PLACE, WITH_PLACE),
    "intake.Expectation.programme": Line(READABLE, "of which programme", PLACE, WITH_PLACE),
    "intake.Expectation.order": Line(READABLE, "its place in the list", PLACE, WITH_PLACE),
    "intake.Expectation.text": Line(READABLE, "what a day asks; public, of nobody", PLACE, WITH_PLACE),
    "intake.Expectation.question": Line(READABLE, "what a student can ask about it; public", PLACE, WITH_PLACE),
    "intake.Expectation.reviewed_at": Line(
        READABLE, "when a vso read it; without it nobody sees it", PLACE, WITH_PLACE
    ),
    "intake.ExpectationTicks.id": Line(READABLE, "random id", STUDENT, REMOVED),
    "intake.ExpectationTicks.student": Line(READABLE, "whose ticks", STUDENT, REMOVED),
    "intake.ExpectationTicks.slot": Line(SLOT, "about which programme", STUDENT, REMOVED),
    "intake.ExpectationTicks.sealed": Line(
        SEALED, "the programme, and what the student thinks of it", STUDENT, REMOVED
    ),
    "intake.Case.id": Line(READABLE, "random id", STUDENT, WITH_CASE),
    "intake.Case.share": Line(READABLE, "of which share", STUDENT, WITH_CASE),
    "intake.Case.programme": Line(READABLE, "at which programme", STUDENT, WITH_CASE),
    "intake.Case.status": Line(READABLE, "how far the intake is", STUDENT, WITH_CASE),
    "intake.Case.received_at": Line(READABLE, "when the share came in", STUDENT, WITH_CASE),
    "intake.Case.intake_at": Line(READABLE, "when the talk is", STUDENT, WITH_CASE),
    "intake.Case.assigned_to": Line(READABLE, "which intaker", STUDENT, WITH_CASE),
    "intake.Handover.id": Line(READABLE, "random id", STUDENT, JOB),
    "intake.Handover.share": Line(READABLE, "of which share", STUDENT, JOB),
    "intake.Handover.release": Line(READABLE, "of which release", STUDENT, JOB),
    "intake.Handover.status": Line(READABLE, "queued, rendering, ready, failed or void", STUDENT, JOB),
    "intake.Handover.attempts": Line(READABLE, "how often it was tried", STUDENT, JOB),
    "intake.Handover.lease_until": Line(READABLE, "until when a worker has it", STUDENT, JOB),
    "intake.Handover.code_sha256": Line(HASHED, "the code printed on it", STUDENT, FILE),
    "intake.Handover.file": Line(READABLE, "random name of the file; the file itself is sealed", STUDENT, FILE),
    "intake.Handover.content_digest": Line(HASHED, "keyed digest of what the file says", STUDENT, JOB),
    "intake.Handover.created_at": Line(READABLE, "when it was asked for", STUDENT, JOB),
    "intake.Handover.ready_at": Line(READABLE, "when it was ready", STUDENT, JOB),
    "intake.WarmTalk.id": Line(READABLE, "random id", STUDENT, WITH_TALK),
    "intake.WarmTalk.share": Line(READABLE, "which share is talked about", STUDENT, WITH_TALK),
    "intake.WarmTalk.planned_for": Line(READABLE, "when the talk is", STUDENT, WITH_TALK),
    "intake.WarmTalk.planned_by": Line(READABLE, "whose log-in", STAFF, WITH_TALK),
    "intake.WarmTalk.sealed_plan": Line(SEALED, "who is there, where, what to talk about", STUDENT, WITH_TALK),
    "intake.WarmTalk.sealed_outcome": Line(SEALED, "what was agreed", STUDENT, WITH_TALK),
    "intake.WarmTalk.sealed_comment": Line(SEALED, "what the student says about that", STUDENT, WITH_TALK),
    "intake.LawAnswer.id": Line(READABLE, "random id", STUDENT, WITH_STUDENT),
    "intake.LawAnswer.student": Line(READABLE, "about whom the law asked", STUDENT, WITH_STUDENT),
    "intake.LawAnswer.at": Line(READABLE, "when it was answered", STUDENT, WITH_STUDENT),
    "intake.LawAnswer.sealed_detail": Line(
        SEALED, "which kind, who decided, the register's number, until when hidden, by which law", STUDENT, WITH_STUDENT
    ),
    "intake.WarmTalk.updated_at": Line(READABLE, "when it changed", STUDENT, WITH_TALK),
}
