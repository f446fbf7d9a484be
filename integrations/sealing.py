"""What connections sign in with, sealed (security.md §3 item 30): AES-256-GCM, its key outside the database.

A sealed secret is bound to its tenant and connection: copied into another row it does not open. INTEGRATION_KEYS holds
the keys, the first seals, all of them open; `manage.py reseal_secrets` brings every row to the first, after which an
old key can go.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .models import EndpointSecret, Secret, SmsSecret

KEY_BYTES, NONCE_BYTES = 32, 12
LOCAL = "local"  # derived from SECRET_KEY, where nothing is set and nobody but this machine is served
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")


class CannotOpen(Exception):
    """No key of ours opens it: the key was taken away, or the row was changed. The secret must be typed again."""


class Sealed(NamedTuple):
    """The columns of `models.Secret`."""

    key_id: str
    nonce: bytes
    sealed: bytes


def seal(secret: Mapping[str, str], *, tenant_id: int, connection_id: int) -> Sealed:
    """With the first key. Raises ImproperlyConfigured in production where there is none."""
    return _seal(json.dumps(dict(secret), ensure_ascii=False).encode(), _bound_to(tenant_id, connection_id))


def unseal(row: Secret) -> dict[str, str]:
    """Raises CannotOpen."""
    opened: dict[str, str] = json.loads(_open(row, _bound_to(row.tenant_id, row.connection_id)))
    return opened


def seal_signing(secret: str, *, tenant_id: int, endpoint_id: int) -> Sealed:
    """What messages to an endpoint are signed with. Raises as `seal` does."""
    return _seal(secret.encode(), _bound_to_endpoint(tenant_id, endpoint_id))


def unseal_signing(row: EndpointSecret) -> str:
    """Raises CannotOpen."""
    return _open(row, _bound_to_endpoint(row.tenant_id, row.endpoint_id)).decode()


def seal_for_texts(secret: str, *, tenant_id: int, gateway_id: int) -> Sealed:
    """What the gateway of text messages asks for. Raises as `seal` does."""
    return _seal(secret.encode(), _bound_to_gateway(tenant_id, gateway_id))


def unseal_for_texts(row: SmsSecret) -> str:
    """Raises CannotOpen."""
    return _open(row, _bound_to_gateway(row.tenant_id, row.gateway_id)).decode()


def reseal(row: Secret | EndpointSecret | SmsSecret) -> bool:
    """Bring a row to the first key; False where it is there already. Raises CannotOpen."""
    if row.key_id == next(iter(keys())):
        return False
    if isinstance(row, EndpointSecret):
        bound = _bound_to_endpoint(row.tenant_id, row.endpoint_id)
    elif isinstance(row, SmsSecret):
        bound = _bound_to_gateway(row.tenant_id, row.gateway_id)
    else:
        bound = _bound_to(row.tenant_id, row.connection_id)
    row.key_id, row.nonce, row.sealed = _seal(_open(row, bound), bound)
    row.save(update_fields=["key_id", "nonce", "sealed"])
    return True


def _seal(content: bytes, bound: bytes) -> Sealed:
    key_id, key = next(iter(keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    return Sealed(key_id, nonce, AESGCM(key).encrypt(nonce, content, bound))


def _open(row: Secret | EndpointSecret | SmsSecret, bound: bytes) -> bytes:
    key = keys().get(row.key_id)
    if key is None:
        raise CannotOpen(f"no key {row.key_id!r} for {row}")
    try:
        return AESGCM(key).decrypt(bytes(row.nonce), bytes(row.sealed), bound)
    except InvalidTag:
        raise CannotOpen(f"{row} was sealed for another connection, or changed") from None


def keys() -> dict[str, bytes]:
    """By id, the one that seals first. Raises ImproperlyConfigured."""
    found = dict(_key(entry.strip()) for entry in settings.INTEGRATION_KEYS)
    if not settings.PRODUCTION:
        derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"perfsys.integrations.secrets")
        found[LOCAL] = derived.derive(settings.SECRET_KEY.encode())
    if not found:
        raise ImproperlyConfigured(
            "INTEGRATION_KEYS must be set before a connection can keep what it signs in with, as ID:KEY with 32 bytes "
            "in base64: echo 2026a:$(openssl rand -base64 32)"
        )
    return found


def _key(entry: str) -> tuple[str, bytes]:
    key_id, _, encoded = entry.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if not _KEY_ID.fullmatch(key_id) or key_id == LOCAL or len(key) != KEY_BYTES:
        # The entry itself stays out of the sentence: half of it may be a good key.
        raise ImproperlyConfigured("INTEGRATION_KEYS: each entry is ID:KEY, the key 32 bytes in base64.")
    return key_id, key


def _bound_to(tenant_id: int, connection_id: int) -> bytes:
    return f"{tenant_id}:{connection_id}".encode()


def _bound_to_endpoint(tenant_id: int, endpoint_id: int) -> bytes:
    return f"{tenant_id}:endpoint:{endpoint_id}".encode()


def _bound_to_gateway(tenant_id: int, gateway_id: int) -> bytes:
    return f"{tenant_id}:sms:{gateway_id}".encode()
