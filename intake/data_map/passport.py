"""What the fields of `passport` hold."""

from collections.abc import Mapping

from intake.data_map.lines import (
    FOREVER,
    HASHED,
    READABLE,
    REMOVED,
    SEALED,
    SITE,
    SITTING,
    SLOT,
    STUDENT,
    WITH_STUDENT,
    Line,
)

FIELDS: Mapping[str, Line] = {
    "passport.QuestionnaireVersion.id": Line(READABLE, "random id", SITE, FOREVER),
    "passport.QuestionnaireVersion.version": Line(READABLE, "number of the version", SITE, FOREVER),
    "passport.QuestionnaireVersion.language": Line(READABLE, "language of the questions", SITE, FOREVER),
    "passport.QuestionnaireVersion.content": Line(READABLE, "the questions; nothing of a person", SITE, FOREVER),
    "passport.QuestionnaireVersion.sha256": Line(HASHED, "digest of the content", SITE, FOREVER),
    "passport.QuestionnaireVersion.published_at": Line(READABLE, "when it was published", SITE, FOREVER),
    "passport.Passport.student": Line(READABLE, "whose passport", STUDENT, WITH_STUDENT),
    "passport.Passport.questionnaire": Line(READABLE, "which version is asked", STUDENT, WITH_STUDENT),
    "passport.Passport.sealed_route": Line(SEALED, "the route: mbo or work", STUDENT, WITH_STUDENT),
    "passport.Answer.id": Line(READABLE, "random id", STUDENT, WITH_STUDENT),
    "passport.Answer.student": Line(READABLE, "whose answer", STUDENT, WITH_STUDENT),
    "passport.Answer.slot": Line(SLOT, "which question", STUDENT, WITH_STUDENT),
    "passport.Answer.revision": Line(READABLE, "how often it was saved", STUDENT, WITH_STUDENT),
    "passport.Answer.newest": Line(READABLE, "the newest text", STUDENT, WITH_STUDENT),
    "passport.Answer.updated_at": Line(READABLE, "when it was last saved", STUDENT, WITH_STUDENT),
    "passport.AnswerRevision.id": Line(READABLE, "random id", STUDENT, SITTING),
    "passport.AnswerRevision.answer": Line(READABLE, "of which answer", STUDENT, SITTING),
    "passport.AnswerRevision.number": Line(READABLE, "which text it is, counted from one", STUDENT, SITTING),
    "passport.AnswerRevision.questionnaire": Line(READABLE, "the version it was asked in", STUDENT, SITTING),
    "passport.AnswerRevision.sealed": Line(SEALED, "status, text, since when each unit speaks", STUDENT, SITTING),
    "passport.AnswerRevision.by": Line(READABLE, "whose log-in saved it", STUDENT, SITTING),
    "passport.AnswerRevision.created_at": Line(READABLE, "when", STUDENT, SITTING),
    "passport.Experience.id": Line(READABLE, "random id", STUDENT, REMOVED),
    "passport.Experience.student": Line(READABLE, "whose card", STUDENT, REMOVED),
    "passport.Experience.revision": Line(READABLE, "how often it was saved", STUDENT, REMOVED),
    "passport.Experience.sealed": Line(
        SEALED, "what the student did, when, how it felt, what they learned", STUDENT, REMOVED
    ),
    "passport.Experience.created_at": Line(READABLE, "when it was first saved", STUDENT, REMOVED),
    "passport.AnswerRevision.aside": Line(READABLE, "one of two texts that met in a conflict", STUDENT, WITH_STUDENT),
}
