"""The evidence of goals: what stands, what a page shows of it, and the record behind one piece (product.md §5.5)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from goals.models import EvidenceItem, Goal
from integrations.models import RawRecord, Record, StreamState
from integrations.showing import Shown, Version, fields_of, stream_named, versions_of
from perfsys.common.beside import Rows
from perfsys.tenancy.prepared import prepared

MOST_TYPED = 100  # what people added themselves
FOLDED = 5  # of one stream: a customer is visited every week
MOST_VERSIONS = 20
BULKY = ("record__data", "record__connection__config")

Stream = tuple[int, str]  # connection and name


@dataclass(frozen=True)
class Pile:
    """Pieces that came the same way, the newest first, out of `whole`: one stream of one system, or people's own."""

    pieces: Sequence[EvidenceItem]
    whole: int
    read_at: datetime | None = None  # when the system was read last

    @property
    def more(self) -> int:
        return self.whole - len(self.pieces)


@dataclass(frozen=True)
class RecordPage:
    """`older` tells that the record changed before the first of `versions` as well."""

    fields: list[Shown]
    versions: list[Version]
    older: bool
    read_at: datetime | None


def standing_evidence() -> QuerySet[EvidenceItem]:
    """Without what was deleted in the system it came from."""
    return EvidenceItem.objects.filter(gone_at=None)


def piles_of(goal: Goal, read: Mapping[Stream | None, datetime | None]) -> list[Pile]:
    """What people added, then the newest of each system, which were `read` then. One query, whatever there is."""
    piles: defaultdict[Stream | None, list[Any]] = defaultdict(list)
    for piece in _newest_pieces(goal.pk):
        piles[_stream_of(piece)].append(piece)
    found = [Pile(pieces, pieces[0].whole, read.get(stream)) for stream, pieces in piles.items() if stream]
    typed = piles.get(None, [])
    return [Pile(typed, typed[0].whole), *found] if typed else found


@prepared
def _newest_pieces(goal: int) -> QuerySet[Any]:
    """Each with its `place` in its pile and the `whole` of that."""
    of_stream = [F("record__connection"), F("record__stream")]
    newest = [F("at").desc(), F("pk").desc()]
    numbered: Any = standing_evidence().filter(goal=goal).select_related("record__connection").defer(*BULKY)
    numbered = numbered.annotate(
        place=Window(RowNumber(), partition_by=of_stream, order_by=newest),
        whole=Window(Count("pk"), partition_by=of_stream),
    )
    shown: QuerySet[Any] = numbered.filter(Q(record=None, place__lte=MOST_TYPED) | Q(place__lte=FOLDED))
    return shown.order_by("-at", "-pk")


def evidence_of(goal: Goal) -> QuerySet[EvidenceItem]:
    """All of it, the newest first."""
    pieces = standing_evidence().filter(goal=goal).select_related("record__connection")
    return pieces.defer(*BULKY).order_by("-at", "-pk")


def record_page(record: Record, zone: ZoneInfo) -> RecordPage:
    """Two queries."""
    stream = stream_named(record.connection, record.stream)
    raws = list(RawRecord.objects.filter(record=record).order_by("-pk")[: MOST_VERSIONS + 1])
    older = len(raws) > MOST_VERSIONS
    return RecordPage(
        fields=fields_of(record, stream, zone),
        versions=versions_of(raws, stream, zone, more=older),
        older=older,
        read_at=read_time(record),
    )


def read_time(record: Record) -> datetime | None:
    """When its system was read last. One query."""
    state = StreamState.objects.filter(connection=record.connection_id, stream=record.stream)
    return state.values_list("read_at", flat=True).first()


def streams_read() -> Rows:
    """All streams of the company: a few for each system that is connected."""
    return Rows(StreamState.objects.exclude(read_at=None), "connection", "stream", "read_at")


def read_times(states: Iterable[StreamState]) -> dict[Stream | None, datetime | None]:
    return {(one.connection_id, one.stream): one.read_at for one in states}


def _stream_of(piece: EvidenceItem) -> Stream | None:
    """None of what people added."""
    return (piece.record.connection_id, piece.record.stream) if piece.record is not None else None
