"""The work of a college with what came through the door: one file per subject, all names from here."""

from intake.models.agreements import Agreement, AgreementFile, AgreementReview, Signature, SignatureRole
from intake.models.cases import Case, LawAnswer
from intake.models.coaching import CoachMoment
from intake.models.facts import PartTime, ProgrammeFacts
from intake.models.figures import Counted, Event, Publication, Tally, Tick
from intake.models.fits import Fit, FitAnswer, FitReaction, NeedTally
from intake.models.follow_ups import Ask, CoachSignal, FirstDay, FollowUp, FollowUpGrant, Moment, Side
from intake.models.handovers import Batch, BatchRow, Handover
from intake.models.hearing_records import HearingRecord
from intake.models.mail import MailDay
from intake.models.offers import Expectation, ExpectationTicks, Layer, Offer
from intake.models.question_marks import MarkKind, QuestionMark, QuestionTally
from intake.models.region_help import RegionHelp
from intake.models.talks import IntakeTalk, Remark, TalkNote, WarmTalk
from intake.models.taster_days import TasterDay, TasterSignUp
from intake.models.tips import Audience, RegionTip, WorkedWell

__all__ = [
    "Agreement",
    "AgreementFile",
    "AgreementReview",
    "Ask",
    "Audience",
    "Batch",
    "BatchRow",
    "Case",
    "CoachMoment",
    "CoachSignal",
    "Counted",
    "Event",
    "Expectation",
    "ExpectationTicks",
    "FirstDay",
    "Fit",
    "FitAnswer",
    "FitReaction",
    "FollowUp",
    "FollowUpGrant",
    "Handover",
    "HearingRecord",
    "IntakeTalk",
    "LawAnswer",
    "Layer",
    "MailDay",
    "MarkKind",
    "Moment",
    "NeedTally",
    "Offer",
    "PartTime",
    "ProgrammeFacts",
    "Publication",
    "QuestionMark",
    "QuestionTally",
    "RegionHelp",
    "RegionTip",
    "Remark",
    "Side",
    "Signature",
    "SignatureRole",
    "TalkNote",
    "Tally",
    "TasterDay",
    "TasterSignUp",
    "Tick",
    "WarmTalk",
    "WorkedWell",
]
