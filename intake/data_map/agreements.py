"""What the fields of the support agreement hold (docs/decisions/0016)."""

from collections.abc import Mapping

from intake.data_map.lines import HASHED, READABLE, SEALED, SLOT, STAFF, STUDENT, Line

COLLEGE = "the college's own, and the student's"
UNTIL_TERM = (
    "unsigned: until the share ends; signed: until AGREEMENT_YEARS (2) after the last day to look back, erased or not"
)
REVIEWED = "as long as the agreement; gone when the student is erased"

FIELDS: Mapping[str, Line] = {
    "intake.Agreement.id": Line(READABLE, "random id", COLLEGE, UNTIL_TERM),
    "intake.Agreement.case": Line(READABLE, "of which case", COLLEGE, UNTIL_TERM),
    "intake.Agreement.version": Line(READABLE, "which version", COLLEGE, UNTIL_TERM),
    "intake.Agreement.status": Line(READABLE, "draft, offered, signed, refused or superseded", COLLEGE, UNTIL_TERM),
    "intake.Agreement.signer": Line(READABLE, "who signs for the college: intaker or coordinator", COLLEGE, UNTIL_TERM),
    "intake.Agreement.key_owner": Line(READABLE, "random id of the key of this version alone", COLLEGE, UNTIL_TERM),
    "intake.Agreement.sealed_content": Line(
        SEALED, "the name that was shown, what was agreed, who, from when; nothing once refused", COLLEGE, UNTIL_TERM
    ),
    "intake.Agreement.built_on": Line(
        SLOT, "which needs and which name it was drafted on, until it is signed or refused", STUDENT, "until then"
    ),
    "intake.Agreement.review_date": Line(READABLE, "the day to look back", COLLEGE, UNTIL_TERM),
    "intake.Agreement.drafted_by": Line(READABLE, "who drafted it", STAFF, UNTIL_TERM),
    "intake.Agreement.drafted_at": Line(READABLE, "when it was begun", COLLEGE, UNTIL_TERM),
    "intake.Agreement.offered_at": Line(READABLE, "when it was offered", COLLEGE, UNTIL_TERM),
    "intake.Agreement.decided_at": Line(READABLE, "when it was signed by all, or refused", COLLEGE, UNTIL_TERM),
    "intake.Signature.id": Line(READABLE, "random id", COLLEGE, UNTIL_TERM),
    "intake.Signature.agreement": Line(READABLE, "of which version", COLLEGE, UNTIL_TERM),
    "intake.Signature.role": Line(READABLE, "student, guardian or college", COLLEGE, UNTIL_TERM),
    "intake.Signature.by": Line(READABLE, "whose log-in; empty when that is gone", COLLEGE, UNTIL_TERM),
    "intake.Signature.at": Line(READABLE, "when", COLLEGE, UNTIL_TERM),
    "intake.Signature.alone": Line(READABLE, "whether the student signed alone that day", COLLEGE, UNTIL_TERM),
    "intake.Signature.digest": Line(HASHED, "keyed digest of the text that was signed", COLLEGE, UNTIL_TERM),
    "intake.Signature.sealed_name": Line(SEALED, "the name that signed", COLLEGE, UNTIL_TERM),
    "intake.AgreementReview.id": Line(READABLE, "random id", STUDENT, REVIEWED),
    "intake.AgreementReview.agreement": Line(READABLE, "of which version", STUDENT, REVIEWED),
    "intake.AgreementReview.role": Line(READABLE, "student or college", STUDENT, REVIEWED),
    "intake.AgreementReview.by": Line(READABLE, "whose log-in", STUDENT, REVIEWED),
    "intake.AgreementReview.about": Line(READABLE, "of which day to look back", STUDENT, REVIEWED),
    "intake.AgreementReview.at": Line(READABLE, "when", STUDENT, REVIEWED),
    "intake.AgreementReview.sealed_answers": Line(SEALED, "what works, what does not, a note", STUDENT, REVIEWED),
    "intake.AgreementFile.id": Line(READABLE, "random id", COLLEGE, UNTIL_TERM),
    "intake.AgreementFile.agreement": Line(READABLE, "of which version", COLLEGE, UNTIL_TERM),
    "intake.AgreementFile.status": Line(READABLE, "queued, rendering, ready or failed", COLLEGE, UNTIL_TERM),
    "intake.AgreementFile.attempts": Line(READABLE, "how often it was tried", COLLEGE, UNTIL_TERM),
    "intake.AgreementFile.lease_until": Line(READABLE, "until when a worker has it", COLLEGE, UNTIL_TERM),
    "intake.AgreementFile.sealed_pdf": Line(SEALED, "the PDF of what was signed", COLLEGE, UNTIL_TERM),
}
