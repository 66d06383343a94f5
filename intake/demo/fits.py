"""What a programme of the demo answered to what helps a student, and what the student said back."""

from accounts import vault
from accounts.models import User
from consent.models import Share
from intake.demo.content import load
from intake.services import fits


def make_fits(share: Share, key: vault.Key, intaker: User) -> None:
    """Answers two needs of this share; the student says something back to one."""
    for need, said in load("fits")["answers"].items():
        fits.put_fit(case_id=share.case.pk, by=intaker, need=need, **said)
    back = load("fits")["reactions"]
    for one in fits.fits_for_student(share, key):
        if one.need in back:
            fits.react(share=share, key=key, fit_id=one.id, by=share.student.user, **back[one.need])
