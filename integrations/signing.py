"""How messages to other systems are signed, as Standard Webhooks has it (security.md §3 item 29). Pure.

    webhook-id: 9f0c…            the same for every attempt: whoever has seen it need not look again
    webhook-timestamp: 1764…     seconds; older than five minutes is refused by whoever checks
    webhook-signature: v1,… v1,… one for each secret, while it is being changed

A signature is base64(HMAC-SHA256(secret, "id.timestamp.body")); the secret is what follows `whsec_`, in base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signed_headers(keys: Iterable[str], *, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of one attempt, made at `at`."""
    timestamp = str(int(at.timestamp()))
    signatures = (signature(key, message_id=message_id, timestamp=timestamp, body=body) for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def signature(key: str, *, message_id: str, timestamp: str, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    secret = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
