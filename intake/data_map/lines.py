"""The words of the data map: what kind of thing a field is, whose it is, how long it stays."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    READABLE = "readable"  # as it is: who holds the database reads it
    SEALED = "sealed"  # AES-GCM under somebody's own key; unreadable without the key database and the KEK
    SLOT = "slot"  # the name of a unit as a keyed hash: only that student's key can tell which unit
    HASHED = "hashed"  # a hash or keyed digest: proves a match, cannot be read back


READABLE, SEALED, SLOT, HASHED = Kind.READABLE, Kind.SEALED, Kind.SLOT, Kind.HASHED

# Whose it is.
STUDENT, GUARDIAN, STAFF, READER = "student", "guardian", "staff", "reader"
PERSON, PLACE, SITE, LEDGER = "who logs in", "institution", "the site", "student and reader"

# How long it stays.
ACCOUNT = "as long as the account"
WITH_STUDENT = "as long as the passport"
WITH_PLACE = "as long as the institution is listed"
WITH_SHARE = "as long as the share's row: after its end too, as proof for the student"
WITH_NOTE = "until the student takes it away, else as long as the share's row"
WITH_TIE = "until the student takes it away, else as long as the passport"
A_DAY = "a day"
A_MONTH_AFTER = "until a month after the day"
NAMED = "until the student takes the name back or was reached, at most a month after the day"
A_MONTH = "until the student takes it back, or a month"
MAIL_DAY = "as long as the account"
WITH_TALK = "until the warm transfer goes off, else as long as the share's row"
SIGNED = "stays: what a purpose meant on a day must stay readable"
WITH_CASE = "as long as the share's row; no name shows after the share ended"
DATED = "stays after its end date, as history"
REMOVED = "until the student takes it away, else as long as the passport"
REMOVED_BY_REGION = "until the region takes it away"
IN_LESSON = "until the hand goes down, the lesson stops, or the end of the day"
UNTIL_HEARD = "until they talked, the student takes it back, or a month"
TURNED_OFF = "until the student turns it off"
AN_HOUR = "an hour at most counts; emptied by a tap or at logging out"
SITTING = "as long as the passport; texts in between of one sitting go at night"
SUGGESTED = "until a month after the student decided, else as long as the passport"
INVITED = "until they answer, or two weeks"
MAILED = "until it is used, or the next one is asked for after a quarter of an hour"
DRAFT = "emptied at yes, gone at no, else gone at night after a day"
JOB = "as long as the share's row"
FILE = "until the share changes or ends, the intake is over, or 90 days"
UNTIL_IN = "until it is brought in or thrown away, an hour at most; its key first"
KEY = "until erased; the row stays as a tombstone"
COUNTED = "stays: a count of nobody"
UNTIL_NIGHT = "until the night, then a count of nobody"
UNTIL_OUT = "until the figures of the year are published"
UNTIL_PUBLISHED = "until the figures of the year are published, else as long as the passport"
UNTIL_PUBLISHED_TEXT = "until it is published or thrown away"
MONTH_OVER = "until the first night of the next month, then a count of nobody"
UNTIL_REVOKED = "until it is revoked, or with the log-in; it works for a year at most"
FOREVER = "stays: published versions are never changed"
PROOF = "stays as proof, under an id that leads to nobody once the student is erased"


@dataclass(frozen=True, slots=True)
class Line:
    kind: Kind
    what: str
    whose: str
    how_long: str
