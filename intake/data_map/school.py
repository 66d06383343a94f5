"""What the fields of `school` hold."""

from collections.abc import Mapping

from intake.data_map.lines import (
    HASHED,
    INVITED,
    PLACE,
    READABLE,
    SEALED,
    SITE,
    STAFF,
    STUDENT,
    UNTIL_IN,
    WITH_PLACE,
    WITH_STUDENT,
    Line,
)

FIELDS: Mapping[str, Line] = {
    "school.ClassListDraft.id": Line(READABLE, "random id; also the owner of its key", SITE, UNTIL_IN),
    "school.ClassListDraft.institution": Line(READABLE, "of which school", PLACE, UNTIL_IN),
    "school.ClassListDraft.by": Line(READABLE, "who uploaded it", STAFF, UNTIL_IN),
    "school.ClassListDraft.school_year": Line(READABLE, "for which school year", PLACE, UNTIL_IN),
    "school.ClassListDraft.made_at": Line(READABLE, "when", STAFF, UNTIL_IN),
    "school.ClassListDraft.sealed_rows": Line(
        SEALED, "the rows of an uploaded class list, under a key of their own", STUDENT, UNTIL_IN
    ),
    "school.ClassListColumns.id": Line(READABLE, "row number", PLACE, WITH_PLACE),
    "school.ClassListColumns.institution": Line(READABLE, "of which school", PLACE, WITH_PLACE),
    "school.ClassListColumns.columns": Line(
        HASHED, "which heading of a class list means what; a heading is a keyed digest", PLACE, WITH_PLACE
    ),
    "school.SchoolNumber.id": Line(READABLE, "random id", STUDENT, WITH_STUDENT),
    "school.SchoolNumber.institution": Line(READABLE, "of which school", STUDENT, WITH_STUDENT),
    "school.SchoolNumber.student": Line(READABLE, "whose", STUDENT, WITH_STUDENT),
    "school.SchoolNumber.digest": Line(
        HASHED, "the school's own number, under the key of that school", STUDENT, WITH_STUDENT
    ),
    "school.PassportInvitation.id": Line(READABLE, "random id; at the yes the student's", STUDENT, INVITED),
    "school.PassportInvitation.invited_by": Line(
        READABLE, "who invited; gone at the yes, so it leads to no passport", STAFF, INVITED
    ),
    "school.PassportInvitation.created_at": Line(READABLE, "when", STUDENT, INVITED),
    "school.PassportInvitation.token_sha256": Line(HASHED, "proves the token of the link", STUDENT, INVITED),
    "school.PassportInvitation.sealed_to": Line(
        SEALED, "the address and the token, under a key that becomes the student's", STUDENT, INVITED
    ),
    "school.PassportInvitation.code_made_at": Line(READABLE, "when the last code was mailed", STUDENT, INVITED),
    "school.PassportInvitation.wrong_codes": Line(READABLE, "how many wrong codes were tried", STUDENT, INVITED),
    "school.OfficeEvent.id": Line(READABLE, "random id", SITE, WITH_PLACE),
    "school.OfficeEvent.institution": Line(READABLE, "at which school or college", PLACE, WITH_PLACE),
    "school.OfficeEvent.at": Line(READABLE, "when", STAFF, WITH_PLACE),
    "school.OfficeEvent.by": Line(READABLE, "which coordinator did it", STAFF, WITH_PLACE),
    "school.OfficeEvent.what": Line(READABLE, "what was done", STAFF, WITH_PLACE),
    "school.OfficeEvent.person": Line(READABLE, "for which colleague; never a student", STAFF, WITH_PLACE),
    "school.OfficeEvent.detail": Line(
        READABLE, "role, class, programme, dates and counts; never a student", STAFF, WITH_PLACE
    ),
    "school.Lesson.id": Line(READABLE, "random id", SITE, WITH_PLACE),
    "school.Lesson.school_class": Line(READABLE, "of which class", PLACE, WITH_PLACE),
    "school.Lesson.key": Line(READABLE, "which ready lesson", PLACE, WITH_PLACE),
    "school.Lesson.questions": Line(READABLE, "which questions the class gets; of no student", PLACE, WITH_PLACE),
    "school.Lesson.minutes": Line(READABLE, "how long is planned", PLACE, WITH_PLACE),
    "school.Lesson.day": Line(READABLE, "for which day", PLACE, WITH_PLACE),
    "school.Lesson.skipped_at": Line(READABLE, "when it was left out", PLACE, WITH_PLACE),
    "school.Lesson.started_at": Line(READABLE, "when it started", PLACE, WITH_PLACE),
    "school.Lesson.stopped_at": Line(READABLE, "when it was stopped", PLACE, WITH_PLACE),
}
