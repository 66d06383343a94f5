"""What the fields of `passport` hold."""

from collections.abc import Mapping

from intake.data_map.lines import (
    FOREVER,
    HASHED,
    IN_LESSON,
    READABLE,
    REMOVED,
    SEALED,
    SITE,
    SITTING,
    SLOT,
    STAFF,
    STUDENT,
    SUGGESTED,
    TURNED_OFF,
    UNTIL_HEARD,
    UNTIL_PUBLISHED_TEXT,
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
    "passport.QuestionnaireVersion.based_on": Line(READABLE, "the version it was edited from", SITE, FOREVER),
    "passport.QuestionnaireVersion.published_by": Line(READABLE, "who of a working group published it", STAFF, FOREVER),
    "passport.QuestionnaireDraft.based_on": Line(READABLE, "which version is being edited", SITE, UNTIL_PUBLISHED_TEXT),
    "passport.QuestionnaireDraft.content": Line(
        READABLE, "the questions as they will be; nothing of a person", SITE, UNTIL_PUBLISHED_TEXT
    ),
    "passport.QuestionnaireDraft.changed_at": Line(READABLE, "when it was last changed", SITE, UNTIL_PUBLISHED_TEXT),
    "passport.QuestionnaireDraft.changed_by": Line(
        READABLE, "who of a working group changed it last", STAFF, UNTIL_PUBLISHED_TEXT
    ),
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
    "passport.Suggestion.id": Line(READABLE, "random id", STUDENT, SUGGESTED),
    "passport.Suggestion.student": Line(READABLE, "to whom", STUDENT, SUGGESTED),
    "passport.Suggestion.slot": Line(SLOT, "at which unit", STUDENT, SUGGESTED),
    "passport.Suggestion.sealed": Line(SEALED, "what was proposed, and the writer's name", STUDENT, SUGGESTED),
    "passport.Suggestion.about": Line(READABLE, "beside which text it was written", STUDENT, SUGGESTED),
    "passport.Suggestion.by": Line(READABLE, "which member of staff wrote it", STUDENT, SUGGESTED),
    "passport.Suggestion.state": Line(READABLE, "waiting, taken over, adapted or not", STUDENT, SUGGESTED),
    "passport.Suggestion.created_at": Line(READABLE, "when it was written", STUDENT, SUGGESTED),
    "passport.Suggestion.decided_at": Line(READABLE, "when the student decided", STUDENT, SUGGESTED),
    "passport.Goal.id": Line(READABLE, "random id", STUDENT, REMOVED),
    "passport.Goal.student": Line(READABLE, "whose goal", STUDENT, REMOVED),
    "passport.Goal.revision": Line(READABLE, "how often it was saved", STUDENT, REMOVED),
    "passport.Goal.sealed": Line(
        SEALED, "what the student practises, the first step, until when, when it was done", STUDENT, REMOVED
    ),
    "passport.Goal.created_at": Line(READABLE, "when it was first saved", STUDENT, REMOVED),
    "passport.AnswerRevision.aside": Line(READABLE, "one of two texts that met in a conflict", STUDENT, WITH_STUDENT),
    "passport.MentorSign.student": Line(READABLE, "whose signs to the mentor", STUDENT, WITH_STUDENT),
    "passport.MentorSign.hand_at": Line(READABLE, "since when a hand is up in a lesson", STUDENT, IN_LESSON),
    "passport.MentorSign.talk_at": Line(READABLE, "since when they want to talk, not about what", STUDENT, UNTIL_HEARD),
    "passport.MentorSign.progress_at": Line(READABLE, "since when the mentor sees how far", STUDENT, TURNED_OFF),
}
