"""«Samen invullen»: a mentor sits beside the student, in the student's own session.

The student starts it, and it ends by a tap, at logging out, or after an hour. What only the student does alone stays
closed until then, for every session of this student: sharing, the reasons for a need, own data, how they log in. Nobody
keeps who sat there. `refuse_together` is what the services ask; `is_here` is for pages, without a query.
"""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Student, User
from accounts.refusals import NotHere, Refusal

LASTS = timedelta(minutes=60)
NOT_NOW = "Je vult nu samen in. Stop daar eerst mee. Dan kan dit weer."
HERE = "together"  # in the session: until when, in seconds

# What shows or changes what is the student's alone (contract, rule 11). The acts refuse by themselves too.
CLOSED = frozenset({
    "share_list", "share", "share_who", "share_link_to", "share_what", "share_why", "share_until", "share_preview",
    "share_confirm", "share_change", "share_change_confirm", "share_release", "share_keep", "share_readers",
    "share_talk", "share_code", "share_mail", "share_safety", "share_receipt", "review",
    "follow_up_proofs", "follow_up_proof_file", "share_review", "invite_home",
    "people", "own_coach", "own_coach_code", "own_coach_off", "own_coach_tick", "own_coach_remove",
    "share_fits", "own_agreement", "own_agreements", "own_agreement_review", "agreement_file", "api_agreement",
    "api_agreement_sign",
    "own_data", "own_data_freeze", "own_data_json", "own_data_page", "own_data_erase", "own_data_keep",
    "own_device", "settings_mail", "openid_connect_login", "openid_connect_callback", "looks", "own_remarks",
    "remark_hide", "api_passport", "api_answer_history", "api_shares", "api_share", "api_share_plan",
    "api_share_preview", "api_share_release", "api_share_replies", "api_share_receipt", "api_views",
    "api_passport_export",
})  # fmt: skip
# And every page of which the name begins so: how one logs in, on how many devices.
CLOSED_STARTS = ("own_login", "mfa_add", "mfa_remove", "mfa_activate", "mfa_deactivate", "mfa_view")


def is_together(student: Student) -> bool:
    """Whether somebody sits beside this student now."""
    since = student.together_since
    return since is not None and timezone.now() < since + LASTS


def refuse_together(student: Student) -> None:
    """Raises Refusal while somebody sits beside this student."""
    if is_together(student):
        raise Refusal("together", NOT_NOW, status=409)


def start(*, student: Student, by: User) -> datetime:
    """The student taps «Samen invullen». Returns until when it lasts. Raises NotHere for anybody but the student."""
    _keep(student, by, timezone.now())
    return timezone.now() + LASTS


def stop(*, student: Student, by: User) -> None:
    """Over at once; twice is no error. Raises NotHere for anybody but the student."""
    _keep(student, by, None)


def start_here(request: HttpRequest, student: Student, by: User) -> None:
    """`start`, and this session knows."""
    request.session[HERE] = start(student=student, by=by).timestamp()


def stop_here(request: HttpRequest, student: Student, by: User) -> None:
    """`stop`, and this session knows."""
    stop(student=student, by=by)
    request.session.pop(HERE, None)


def carry_over(request: HttpRequest, user: User) -> None:
    """A new session of somebody who still fills in together knows that too, so that it has its band and its end."""
    if user.is_student and is_together(user.student) and user.student.together_since:
        request.session[HERE] = (user.student.together_since + LASTS).timestamp()


def end_at_log_out(request: HttpRequest) -> None:
    """Logging out ends it, whichever way one goes out."""
    if HERE in request.session and isinstance(request.user, User) and request.user.is_student:
        stop_here(request, request.user.student, request.user)


def is_here(request: HttpRequest) -> bool:
    """Whether this session fills in together now; asks no database."""
    session = getattr(request, "session", None)
    return session is not None and session.get(HERE, 0) > timezone.now().timestamp()


def refuse_page(request: HttpRequest, name: str) -> None:
    """Raises Refusal for a page that stays closed in this session now."""
    if (name in CLOSED or name.startswith(CLOSED_STARTS)) and is_here(request):
        raise Refusal("together", NOT_NOW, status=409)


def _keep(student: Student, by: User, since: datetime | None) -> None:
    if student.user_id != by.pk:
        raise NotHere()
    student.together_since = since
    student.save(update_fields=["together_since"])
