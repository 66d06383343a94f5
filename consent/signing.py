"""Signing a consent record so that anyone can check it, without this site and without a database.

The signed bytes are the record as canonical JSON: keys sorted, no spaces, UTF-8, no floats (as RFC 8785 has it for
what stands in a record). The signature is Ed25519 (RFC 8032), with the public key beside it.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALGORITHM = "Ed25519"
SIGNATURE_KEYS = {"algorithm", "key_id", "public_key", "value"}
LARGEST = 1_000_000


class Invalid(Exception):
    """This is not a record that was signed; the message says why, without any of its content."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A record whose signature holds, and the key it was signed with."""

    record: Mapping[str, Any]
    public_key: str
    key_id: str


def canonical(value: Any) -> bytes:
    """The one way to write a value as JSON: what is signed and what is hashed."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def sign(record: Mapping[str, Any], secret: bytes) -> dict[str, Any]:
    """The record with its signature as its last part. `secret` is 32 raw bytes."""
    value = Ed25519PrivateKey.from_private_bytes(secret).sign(canonical(record))
    public = public_key_of(secret)
    signature = {"algorithm": ALGORITHM, "key_id": key_id_of(public), "public_key": public, "value": _encode(value)}
    return {**record, "signature": signature}


def verify(text: bytes, public_key: str = "") -> Checked:
    """Checks a signed record as it stands in a file. Raises Invalid.

    `public_key` is the key it must be signed with: base64, or the key id. Empty: the key in the file is used, which
    proves that nothing was changed, but not who signed.
    """
    record = _read(text)
    signature = record.pop("signature", None)
    if not isinstance(signature, dict) or set(signature) != SIGNATURE_KEYS or signature["algorithm"] != ALGORITHM:
        raise Invalid("there is no signature we know")
    public = _decode(signature["public_key"], 32)
    if signature["key_id"] != key_id_of(signature["public_key"]):
        raise Invalid("the key id is of another key")
    if public_key and public_key.strip() not in (signature["public_key"], signature["key_id"]):
        raise Invalid("it is signed with another key")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(_decode(signature["value"], 64), canonical(record))
    except (InvalidSignature, ValueError):
        raise Invalid("the signature does not belong to this text") from None
    return Checked(record, signature["public_key"], signature["key_id"])


def public_key_of(secret: bytes) -> str:
    """The public key of a secret, in base64."""
    key = Ed25519PrivateKey.from_private_bytes(secret).public_key()
    return _encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def key_id_of(public_key: str) -> str:
    """The fingerprint of a public key: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(_decode(public_key, 32)).hexdigest()[:32]


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: Any, size: int) -> bytes:
    """Base64 in its one spelling: another way to write the same bytes is a change too."""
    try:
        raw = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != size or _encode(raw) != text:
        raise Invalid("the signature is not written as it should be")
    return raw


def _read(text: bytes) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise Invalid("this is too large")
    try:
        record = json.loads(text.decode(), object_pairs_hook=_once, parse_float=_no_number, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Invalid("this is not a record in JSON") from None
    if not isinstance(record, dict):
        raise Invalid("this is not a record in JSON")
    return record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that stands twice could be read in two ways."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Invalid("a key stands twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise Invalid("it holds a number that a record never has")
