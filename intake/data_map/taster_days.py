"""What the fields of the days to look around hold (intake/models/taster_days.py)."""

from collections.abc import Mapping

from intake.data_map.lines import A_MONTH_AFTER, NAMED, PLACE, READABLE, STAFF, STUDENT, Line

FIELDS: Mapping[str, Line] = {
    "intake.TasterDay.id": Line(READABLE, "random id", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.institution": Line(READABLE, "which school or college put it up", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.kind": Line(READABLE, "at a company or on a programme; of nobody", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.name": Line(READABLE, "which company or programme; of nobody", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.town": Line(READABLE, "in which town", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.where": Line(READABLE, "where to be; of nobody", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.starts_at": Line(READABLE, "when it begins", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.ends_at": Line(READABLE, "when it ends", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.places": Line(READABLE, "how many students can come", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.doing": Line(READABLE, "what one does there; of nobody", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.travel": Line(READABLE, "how to get there; of nobody", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.along": Line(READABLE, "who of staff goes along", STAFF, A_MONTH_AFTER),
    "intake.TasterDay.put_up_by": Line(READABLE, "which member of staff put it up", STAFF, A_MONTH_AFTER),
    "intake.TasterDay.version": Line(READABLE, "how often it was changed", PLACE, A_MONTH_AFTER),
    "intake.TasterDay.cancelled_at": Line(READABLE, "when it was called off", PLACE, A_MONTH_AFTER),
    "intake.TasterSignUp.id": Line(READABLE, "random id; of the card too, when the student writes one", STUDENT, NAMED),
    "intake.TasterSignUp.day": Line(READABLE, "for which day", STUDENT, NAMED),
    "intake.TasterSignUp.student": Line(
        READABLE, "whose name is on it; the name itself is sealed with the student", STUDENT, NAMED
    ),
    "intake.TasterSignUp.state": Line(READABLE, "asked, goes on or not", STUDENT, NAMED),
    "intake.TasterSignUp.name_to_host": Line(READABLE, "whether who put up the day may see the name", STUDENT, NAMED),
    "intake.TasterSignUp.asked_at": Line(READABLE, "when the name was put down", STUDENT, NAMED),
    "intake.TasterSignUp.decided_at": Line(READABLE, "when the counsellor said so", STUDENT, NAMED),
    "intake.TasterSignUp.came": Line(READABLE, "whether they were there", STUDENT, NAMED),
    "intake.TasterSignUp.tie": Line(READABLE, "which buddy goes along", STUDENT, NAMED),
    "intake.TasterSignUp.buddy_asked_at": Line(READABLE, "when the buddy was asked along", STUDENT, NAMED),
}
