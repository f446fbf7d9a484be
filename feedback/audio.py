"""Recordings as phones and browsers make them: looked through to the end, and kept without what they say about the
device, the place or the person (security.md §3, items 23-24). Pure Python over bytes, nothing is decoded here.

The ending of the name, the first bytes and the structure must agree. A file that holds pictures that move, or that
breaks off inside its structure, is refused. What is cleared is overwritten in place, so that no position in the file
moves; what stands before and behind the sound of an MP3 or AAC is cut off. How many parts a file may have is bounded:
each is a step of Python, and one made of nothing but the smallest parts would keep a web process for minutes.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

MOST_BYTES = 50_000_000
FEWEST_FRAMES = 3  # in a row, before something counts as MP3 or AAC
DEEPEST = 12  # boxes in boxes
MOST_PARTS = 500_000  # frames, pages, boxes: more than two hours of 20 milliseconds each


class NotARecording(Exception):
    """It is none of the kinds below, or broken, or its name says another kind."""


@dataclass(frozen=True)
class Recording:
    """As it is kept; `ending` is one of TYPES."""

    content: bytes
    ending: str


TYPES = {
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
    "wav": "audio/wav",
}
ENDINGS = {
    ".m4a": "m4a",
    ".mp4": "m4a",
    ".aac": "aac",
    ".mp3": "mp3",
    ".ogg": "ogg",
    ".oga": "ogg",
    ".opus": "ogg",
    ".webm": "webm",
    ".weba": "webm",
    ".wav": "wav",
}


def cleaned(content: bytes, name: str) -> Recording:
    """`name` as the sender calls the file; only its ending is looked at. Raises NotARecording."""
    ending = ENDINGS.get(PurePath(name).suffix.lower())
    if ending is None or len(content) > MOST_BYTES:
        raise NotARecording
    try:
        return Recording(_READERS[ending](content), ending)
    except (struct.error, IndexError) as error:
        raise NotARecording from error


def _need(is_so: bool) -> None:
    if not is_so:
        raise NotARecording


class _Parts:
    """How many more of them a file may have."""

    def __init__(self) -> None:
        self.left = MOST_PARTS

    def take(self) -> None:
        self.left -= 1
        _need(self.left >= 0)


# --- WAV --------------------------------------------------------------------------------------------------------------

_WAV_FORMATS = {1, 3, 6, 7, 0xFFFE}  # PCM, float, A-law, mu-law, extensible


def _wav(content: bytes) -> bytes:
    """Only the format and the sound."""
    _need(content[:4] == b"RIFF" and content[8:12] == b"WAVE")
    kept: dict[bytes, bytes] = {}
    at, parts = 12, _Parts()
    while at + 8 <= len(content) and b"data" not in kept:
        parts.take()
        kind, size = content[at : at + 4], struct.unpack_from("<I", content, at + 4)[0]
        if kind in (b"fmt ", b"data"):
            # A recorder that broke off leaves a size that is too large; no format we take has more to say than this.
            kept[kind] = content[at + 8 : at + 8 + (size if kind == b"data" else min(size, 40))]
        at += 8 + size + size % 2
    _need(len(kept.get(b"fmt ", b"")) >= 16 and bool(kept.get(b"data")))
    code, channels, rate = struct.unpack_from("<HHI", kept[b"fmt "])
    _need(code in _WAV_FORMATS and 1 <= channels <= 8 and 4_000 <= rate <= 384_000)
    body = b"".join(
        kind + struct.pack("<I", len(part)) + part + b"\0" * (len(part) % 2)
        for kind, part in ((b"fmt ", kept[b"fmt "]), (b"data", kept[b"data"]))
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


# --- MP3 and AAC: frames behind one another ---------------------------------------------------------------------------

_RATES = (44_100, 48_000, 32_000)
_KBITS = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5
)


def _mp3_frame(content: bytes, at: int) -> int:
    """Its length in bytes, 0 where none begins."""
    first, second, third = content[at : at + 3]
    version, layer, bits, rate = second >> 3 & 3, second >> 1 & 3, third >> 4, third >> 2 & 3
    if first != 0xFF or second & 0xE0 != 0xE0 or version == 1 or layer != 1 or bits in (0, 15) or rate == 3:
        return 0
    is_first = version == 3
    hertz = _RATES[rate] // (1 if is_first else 2 if version == 2 else 4)
    return (144 if is_first else 72) * 1000 * _KBITS[not is_first][bits] // hertz + (third >> 1 & 1)


def _adts_frame(content: bytes, at: int) -> int:
    head = content[at : at + 7]
    if head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > 7 else 0


def _frames(length_at: Callable[[bytes, int], int]) -> Callable[[bytes], bytes]:
    def read(content: bytes) -> bytes:
        start, parts = 0, _Parts()
        while content[start : start + 3] == b"ID3":
            parts.take()
            sizes = content[start + 6 : start + 10]
            start += 10 + (sizes[0] << 21 | sizes[1] << 14 | sizes[2] << 7 | sizes[3])
        at, number = start, 0
        while at + 7 <= len(content) and (length := length_at(content, at)) and at + length <= len(content):
            at, number = at + length, number + 1
            parts.take()
        _need(number >= FEWEST_FRAMES and (at - start) * 2 > len(content) - start)
        return content[start:at]

    return read


# --- Ogg --------------------------------------------------------------------------------------------------------------


_MIRRORED = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


def _ogg_sum(page: bytes) -> int:
    """Ogg's CRC is the one of zlib with the bits the other way round, and neither begun nor ended with ones."""
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


@dataclass(frozen=True)
class _OggPage:
    start: int
    body: int
    end: int
    lacing: bytes


def _ogg_pages(content: bytes) -> Iterator[_OggPage]:
    at, serial, parts = 0, content[14:18], _Parts()
    while at < len(content):
        parts.take()
        _need(content[at : at + 5] == b"OggS\0" and content[at + 14 : at + 18] == serial)  # one stream, the sound
        lacing = content[at + 27 : at + 27 + content[at + 26]]
        body = at + 27 + content[at + 26]
        _need(len(lacing) == content[at + 26] and body + sum(lacing) <= len(content))
        yield _OggPage(at, body, body + sum(lacing), lacing)
        at = body + sum(lacing)


_OGG_TITLES = {b"OpusHead": b"OpusTags", b"\x01vorbis": b"\x03vorbis"}


def _ogg(content: bytes) -> bytes:
    """Opus or Vorbis. Its second packet holds titles, pictures and places: it stays as long as it is, and empty."""
    pages = _ogg_pages(content)
    first = next(pages, None)
    _need(first is not None and bool(first.lacing) and first.lacing[-1] < 255)
    head = content[first.body : first.end] if first else b""
    title = next((title for begins, title in _OGG_TITLES.items() if head.startswith(begins)), None)
    _need(title is not None)
    touched, rests = _second_packet(pages)
    _need(sum(1 for _sound in pages) > 0)  # to the end: all of it has to be pages
    size = sum(end - page.body for page, end in zip(touched, rests, strict=True))
    blank = (title or b"") + struct.pack("<II", 0, 0) + (b"\x01" if title == b"\x03vorbis" else b"")
    _need(size >= len(blank) and content[touched[0].body :].startswith(title or b""))
    made, rest, done = bytearray(content), blank.ljust(size, b"\0"), 0
    for page, end in zip(touched, rests, strict=True):
        made[page.body : end], done = rest[done : done + end - page.body], done + end - page.body
        made[page.start + 22 : page.start + 26] = b"\0" * 4
        made[page.start + 22 : page.start + 26] = struct.pack("<I", _ogg_sum(bytes(made[page.start : page.end])))
    return bytes(made)


def _second_packet(pages: Iterator[_OggPage]) -> tuple[list[_OggPage], list[int]]:
    """The pages it lies in, and where it ends in each; it begins them all."""
    touched, ends = [], []
    for page in pages:
        last = next((place for place, length in enumerate(page.lacing) if length < 255), None)
        touched.append(page)
        ends.append(page.end if last is None else page.body + sum(page.lacing[: last + 1]))
        if last is not None:
            return touched, ends
    raise NotARecording


# --- MP4 --------------------------------------------------------------------------------------------------------------

_NESTED = {b"moov", b"trak", b"mdia"}
# What plays; anything else tells names, places and devices, each maker in boxes of its own, or may hide anything.
_PLAYED = {b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"mvhd", b"mvex", b"iods"}
_PLAYED |= {b"trak", b"tkhd", b"edts", b"tref", b"mdia", b"mdhd", b"hdlr", b"minf", b"elng"}


def _mp4(content: bytes) -> bytes:
    _need(content[4:8] == b"ftyp")
    made, seen, handlers = bytearray(content), Counter[bytes](), list[bytes]()
    _boxes(made, 0, len(made), seen, handlers, _Parts(), 0)
    # Sound and nothing beside it: what a track of places, titles or moments says lies among the sound, where nothing
    # is cleared. Each track says what it is, once.
    _need({b"ftyp", b"moov", b"mdat"} <= seen.keys() and set(handlers) == {b"soun"})
    _need(len(handlers) == seen[b"trak"] == seen[b"mdia"])
    return bytes(made)


def _boxes(
    made: bytearray, at: int, end: int, seen: Counter[bytes], handlers: list[bytes], parts: _Parts, deep: int
) -> None:
    _need(deep < DEEPEST)
    while at < end:
        parts.take()
        size, kind = struct.unpack_from(">I4s", made, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", made, at + 8)[0], 16
        elif size == 0:
            size = end - at
        _need(head <= size <= end - at)
        seen[kind] += 1
        if kind not in _PLAYED:
            made[at + 4 : at + 8] = b"free"
            made[at + head : at + size] = bytes(size - head)
        elif kind in _NESTED:
            _boxes(made, at + head, at + size, seen, handlers, parts, deep + 1)
        elif kind == b"hdlr":
            handlers.append(bytes(made[at + head + 8 : at + head + 12]))
        at += size


# --- WebM -------------------------------------------------------------------------------------------------------------

_EBML, _SEGMENT, _CLUSTER, _TRACKS, _TRACK, _INFO = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0x1549A966
_DOCTYPE, _TRACK_TYPE, _AUDIO = 0x4282, 0x83, 2
_TOP = {_CLUSTER, _TRACKS, _INFO, 0x114D9B74, 0x1C53BB6B, 0x1254C367, 0x1941A469, 0x1043A770}
_VOID = {0x1254C367, 0x1941A469, 0x1043A770, 0xEC}  # tags, attached files, chapters, and what may hide anything
_VOID_INFO = {0x7BA9, 0x4461, 0x7384, 0xEC}  # title, date, name of the file
_TRACK_NAME = 0x536E  # a browser may put the device there
_KINDS = {0xBF, 0xEC}


@dataclass(frozen=True)
class _Element:
    id: int
    start: int
    body: int
    end: int
    is_endless: bool  # a recorder that writes as it goes knows no size


def _element(made: bytes | bytearray, at: int, end: int, parts: _Parts) -> _Element:
    parts.take()
    length = 9 - made[at].bit_length()
    _need(length <= 4)
    name = int.from_bytes(made[at : at + length], "big")
    size_at = at + length
    width = 9 - made[size_at].bit_length()
    _need(width <= 8 and size_at + width <= end)
    size = int.from_bytes(made[size_at : size_at + width], "big") & ((1 << 7 * width) - 1)
    body = size_at + width
    is_endless = size == (1 << 7 * width) - 1
    _need(is_endless or body + size <= end)
    return _Element(name, at, body, end if is_endless else body + size, is_endless)


def _elements(made: bytes | bytearray, at: int, end: int, parts: _Parts) -> Iterator[_Element]:
    while at < end:
        found = _element(made, at, end, parts)
        yield found
        at = found.end


def _webm(content: bytes) -> bytes:
    parts = _Parts()
    head = _element(content, 0, len(content), parts)
    _need(head.id == _EBML and not head.is_endless)
    inner = _elements(content, head.body, head.end, parts)
    kinds = [content[one.body : one.end] for one in inner if one.id == _DOCTYPE]
    _need([kind.rstrip(b"\0") for kind in kinds] == [b"webm"])
    segment = _element(content, head.end, len(content), parts)
    _need(segment.id == _SEGMENT)
    made = bytearray(content[: segment.end])
    tracks, has_sound, at = list[int](), False, segment.body
    while at < segment.end:
        part = _element(made, at, segment.end, parts)
        at = part.end
        if part.id in _VOID:
            _need(not part.is_endless)
            _blank(made, part)
        elif part.id == _INFO:
            _need(not part.is_endless)
            for one in list(_elements(made, part.body, part.end, parts)):
                if one.id in _VOID_INFO:
                    _blank(made, one)
        elif part.id == _TRACKS:
            tracks += _track_kinds(made, part, parts)
        elif part.id == _CLUSTER:
            has_sound = True
            if part.is_endless:
                at = _end_of_cluster(made, part, parts)
        else:
            _need(part.id in _TOP | _KINDS and not part.is_endless)
    _need(has_sound and bool(tracks) and set(tracks) == {_AUDIO})
    return bytes(made)


def _track_kinds(made: bytearray, tracks: _Element, parts: _Parts) -> list[int]:
    kinds = []
    for track in _elements(made, tracks.body, tracks.end, parts):
        for one in _elements(made, track.body, track.end, parts) if track.id == _TRACK else ():
            if one.id == _TRACK_TYPE:
                kinds.append(int.from_bytes(made[one.body : one.end], "big"))
            elif one.id == _TRACK_NAME:
                _blank(made, one)
    return kinds


def _end_of_cluster(made: bytearray, cluster: _Element, parts: _Parts) -> int:
    at = cluster.body
    while at < cluster.end:
        inner = _element(made, at, cluster.end, parts)
        if inner.id in _TOP:
            return at
        _need(not inner.is_endless)
        at = inner.end
    return at


def _blank(made: bytearray, part: _Element) -> None:
    """A Void element of the same length."""
    length = part.end - part.start
    width = 8 if length >= 9 else 1
    size = (1 << 7 * width | length - 1 - width).to_bytes(width, "big")
    made[part.start : part.end] = (b"\xec" + size).ljust(length, b"\0")


_READERS: dict[str, Callable[[bytes], bytes]] = {
    "wav": _wav,
    "mp3": _frames(_mp3_frame),
    "aac": _frames(_adts_frame),
    "ogg": _ogg,
    "m4a": _mp4,
    "webm": _webm,
}
