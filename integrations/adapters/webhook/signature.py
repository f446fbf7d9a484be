"""How a message to us is signed (security.md §3 item 28): HMAC-SHA256 over its time and its body, byte by byte.

    X-Signature-Timestamp: 1795140000                      seconds since 1970, at most five minutes from now
    X-Signature: v1=<hexadecimal of HMAC-SHA256(secret, b"1795140000." + body)>

While a secret is being replaced two of them open: a message may bear several signatures, parted by commas or blanks.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

TIMESTAMP, SIGNATURE, DELIVERY = "X-Signature-Timestamp", "X-Signature", "X-Delivery-Id"
WINDOW = timedelta(minutes=5)
SHORTEST = 20  # letters of a secret
_SECONDS = re.compile(r"\d{1,12}", re.ASCII)
_ONE = re.compile(r"v1=([0-9a-f]{64})")
_MOST = 5  # signatures that are looked at


def sign(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_timely(timestamp: str, now: datetime) -> bool:
    """A time within the window around now: what was caught on the way cannot be sent again tomorrow."""
    if not _SECONDS.fullmatch(timestamp):
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def is_signed(signature: str, secrets: Iterable[str], timestamp: str, body: bytes) -> bool:
    """By one of the secrets, each long enough. Compared in constant time."""
    found = _ONE.findall(signature.lower())[:_MOST]
    wanted = [sign(secret, timestamp, body) for secret in secrets if len(secret) >= SHORTEST]
    return any([hmac.compare_digest(one, other) for one in found for other in wanted])


def digest_of(timestamp: str, body: bytes) -> str:
    """By which a message is known again under whatever id, 64 hexadecimal digits."""
    return hashlib.sha256(timestamp.encode() + b"." + body).hexdigest()
