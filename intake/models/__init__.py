"""The work of a college with what came through the door: one file per subject, all names from here."""

from intake.models.cases import Case, LawAnswer
from intake.models.handovers import Batch, BatchRow, Handover
from intake.models.mail import MailDay
from intake.models.offers import Expectation, ExpectationTicks, Layer, Offer
from intake.models.talks import Remark, TalkNote, WarmTalk

__all__ = [
    "Batch",
    "BatchRow",
    "Case",
    "Expectation",
    "ExpectationTicks",
    "Handover",
    "LawAnswer",
    "Layer",
    "MailDay",
    "Offer",
    "Remark",
    "TalkNote",
    "WarmTalk",
]
