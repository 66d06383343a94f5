"""Personal tokens: a key that staff make for another system, which can do two things at most (docs/decisions/0019).

A token gives nobody a right. Every call is asked as if its maker made it now, so a share that is withdrawn, a
membership that ended or a log-in that was blocked holds for it at the next request (contract, rule 3). It does not move
with its maker: one new place, or another password, and it is dead.
"""

import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.entrance import PERSONAL, WITHOUT_READING
from accounts.models import Role, Token, User
from accounts.refusals import NotHere, Refusal
from accounts.services import places_of, roles_of

log = logging.getLogger("paspoort.people")
START = "op_"  # so that a scanner of leaked secrets knows one when it sees it
DOSSIERS, OFFERS = "dossiers:read", "offers:write"
SCOPES = {DOSSIERS: "Lezen wat met u is gedeeld", OFFERS: "Schrijven welke hulp uw mbo geeft"}
# The whole of what a token may call. What is not here is refused, whoever made the token.
CALLS = {
    (DOSSIERS, "api_dossiers", "GET"),
    (DOSSIERS, "api_dossier", "GET"),
    (OFFERS, "api_offers", "GET"),
    (OFFERS, "api_offers", "POST"),
    (OFFERS, "api_offer", "PATCH"),
    (OFFERS, "api_offer", "DELETE"),
}
LONGEST_DAYS, MOST = 365, 10


@dataclass(frozen=True, slots=True)
class OwnToken:
    """A line of one's own list."""

    token: Token
    is_over: bool
    is_dead: bool  # since its maker has another place or password

    @property
    def scopes(self) -> list[str]:
        return [SCOPES[scope] for scope in SCOPES if scope in self.token.scopes]


def scopes_for(user: User) -> list[str]:
    """What a token of this user may be made for today; empty for students, parents and buddies."""
    if user.is_student or hasattr(user, "guardian") or not user.is_active:
        return []
    works_as = set(roles_of(user)) - PERSONAL
    found = [DOSSIERS] if works_as - WITHOUT_READING else []
    return [*found, OFFERS] if Role.COORDINATOR in works_as else found


def may_make_or_404(user: User) -> list[str]:
    """The scopes this user may choose from. Raises NotHere for who can make none."""
    scopes = scopes_for(user)
    if not scopes:
        raise NotHere()
    return scopes


def make_token(*, by: User, name: str, scopes: Collection[str], expires_on: date) -> tuple[Token, str]:
    """Makes a token; the second thing is the key itself, which is shown now and never again. Raises Refusal."""
    if not scopes or not set(scopes) <= set(may_make_or_404(by)):
        raise Refusal("invalid_choice", "Kies wat het andere systeem mag.", field="scopes")
    today = timezone.localdate()
    if not today <= expires_on <= today + timedelta(days=LONGEST_DAYS):
        raise Refusal("too_long", "Kies een dag binnen een jaar.", field="expires_on")
    if by.tokens.count() >= MOST:
        raise Refusal("too_many", "U hebt er al tien. Haal er eerst een weg.", field="name")
    key = START + secrets.token_urlsafe(32)
    row = Token(user=by, name=name, token_sha256=_hash(key), scopes=sorted(scopes), expires_on=expires_on)
    row.made_under, row.password_sha256 = sorted(places_of(by)), _hash(by.password)
    row.save(force_insert=True)
    log.info("token_made", extra={"event": "token_made"})
    return row, key


def tokens_of(user: User) -> list[OwnToken]:
    """One's own tokens, newest first; those that are over too, until they are taken away."""
    today, places = timezone.localdate(), places_of(user)
    rows = user.tokens.select_related("user").order_by("-made_at")
    return [OwnToken(one, one.expires_on < today, not _still_holds(one, places)) for one in rows]


def get_token_or_404(token_id: UUID, by: User) -> Token:
    """One's own token. Raises NotHere."""
    found: Token | None = by.tokens.filter(pk=token_id).first()
    if found is None:
        raise NotHere()
    return found


def revoke(token: Token, *, by: User) -> None:
    """Ends a token at once, for its maker. Raises NotHere."""
    if token.user_id != by.pk:
        raise NotHere()
    token.delete()
    log.info("token_revoked", extra={"event": "token_revoked"})


def find_live(key: str) -> Token | None:
    """The token of a key, while it works: not over, its maker not blocked, in no new place and with no new password."""
    if not key.startswith(START) or len(key) > 100:
        return None
    row = _live().filter(token_sha256=_hash(key)).select_related("user").first()
    if row is None or not _still_holds(row, places_of(row.user)):
        return None
    return row if set(row.scopes) & set(scopes_for(row.user)) else None


def may_call(token: Token, route: str, method: str) -> bool:
    """Whether a token may make this call today: its scope, and still the role that goes with it."""
    method = "GET" if method == "HEAD" else method
    allowed = set(token.scopes) & set(scopes_for(token.user))
    return any((scope, route, method) in CALLS for scope in allowed)


def note_use(token: Token) -> None:
    """Keeps on which day a token was used last: one write a day."""
    today = timezone.localdate()
    if token.used_on != today:
        Token.objects.filter(pk=token.pk).update(used_on=today)


def _still_holds(row: Token, places: set[str]) -> bool:
    """Closed unless every place of today is one it was made under: a call cannot be kept to some of them."""
    same_password = compare_digest(bytes(row.password_sha256), _hash(row.user.password))
    return same_password and bool(places) and places <= set(row.made_under)


def _live() -> QuerySet[Token]:
    return Token.objects.filter(expires_on__gte=timezone.localdate(), user__is_active=True)


def _hash(key: str) -> bytes:
    # 256 random bits: a fast hash is enough, nobody can guess what was hashed.
    return sha256(key.encode()).digest()
