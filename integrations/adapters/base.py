"""What an adapter is (product.md §5.1): a declaration and two functions. Nothing here knows the database.

An adapter reads the other side and yields pages of rows as they came. Mapping, typing, quarantine, watermarks and
history are the sync's (`integrations.mapping`, `integrations.actions.sync`); an adapter says what happened by raising
one of four errors named after the next step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

RawRow = Mapping[str, Any]
# A line that could not be cut into its fields comes as {UNREADABLE: [its cells]}: SkipRow("ragged_row") in the mapping.
# With {WHY: code} beside it, SkipRow of that code.
UNREADABLE, WHY = "#cells", "#why"
# The day of a file that carries none: it is the whole list, and the next one takes its place.
UNDATED = date(2000, 1, 1)


class SyncProblem(Exception):
    """`code` is one of `integrations.wording`, `words` fill its sentence. No body of the other side's goes in here."""

    def __init__(self, code: str, **words: str | int) -> None:
        super().__init__(code)
        self.code, self.words = code, words


class RetryLater(SyncProblem):
    """It may work by itself: the other side is busy, slow or away. `after` where it said how long."""

    def __init__(self, code: str, *, after: timedelta | None = None, **words: str | int) -> None:
        super().__init__(code, **words)
        self.after = after


class SkipRow(SyncProblem):
    """This one row does not fit: it is set aside with the reason, the rest goes on."""


class NeedsReconnect(SyncProblem):
    """A person must act: the secret is refused, the address is not allowed, the folder is gone. The owner is told."""


class AdapterBroken(SyncProblem):
    """What came is not what was declared: another shape, a paginator that goes round. The connection stops."""


@dataclass(frozen=True, slots=True)
class Field:
    """A mapped field: `path` into the raw row, dots between levels, a number or -1 for the n-th or last of a list.

    `type` is text, whole, decimal, yes, day, time or list; a time without zone is the tenant's own. `label` is what
    people call it.
    """

    name: str
    path: str
    type: str = "text"
    required: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The record names (`type`, the value of `field`): evidence for goals that name the same (product.md §5.5).

    `own`: it is that thing itself. With `when`, only records whose field of that name has one of the values `among`:
    one file may bring drawings and work orders. Of a proposal, `step` says which one of its trail such a record is
    (`models.ProposalStep`).
    """

    type: str
    field: str
    own: bool = False
    when: str = ""
    among: Sequence[str] = ()
    step: str = ""

    def number_in(self, data: Mapping[str, Any]) -> str:
        """The number these mapped fields name; "" where they name none."""
        if self.when and data.get(self.when) not in self.among:
            return ""
        return str(data.get(self.field) or "")


@dataclass(frozen=True, slots=True)
class About:
    """Whom or what the record is about (product.md §5.3): the value of `field` is a subject of this `kind`, which is a
    word of the connection's own; `of` is person, unit, customer, project, order or other. `label` is what people call
    the kind; `name`, `email` and `unit` are fields that say more of the subject."""

    kind: str
    of: str
    field: str
    label: str = ""
    name: str = ""
    email: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of record of a connection. `key` fields together are its id, blank parts included.

    `happened` and `title` name mapped fields.

    `cursor` is the field by which it grows, `fallback` the one that stands in where `cursor` is empty; a run begins at
    the watermark less `overlap`. `deleted` is a yes-field: true is a tombstone. `daily`: it comes as one batch a day,
    due by `due` (local "HH:MM") of the day after. `pushed`: the other side sends it when it likes. What it has sent
    ends by itself, and may come in another order than it happened: of two versions of a record the one with the
    greater cursor value counts, whichever comes last. `zone`: what its times without a zone are in, where that is not
    the tenant's. `false_is_empty`: the system writes false where there is nothing, in fields of any type but yes.
    """

    name: str
    key: Sequence[str]
    fields: Sequence[Field]
    title: str = ""
    happened: str = ""
    cursor: str = ""
    fallback: str = ""
    overlap: timedelta = timedelta(0)
    deleted: str = ""
    names: Sequence[Names] = ()
    subjects: Sequence[About] = ()
    daily: bool = False
    due: str = "09:00"
    pushed: bool = False
    zone: str = ""
    false_is_empty: bool = False

    def zone_or(self, tenants: ZoneInfo) -> ZoneInfo:
        """In which its times without a zone are meant."""
        return ZoneInfo(self.zone) if self.zone else tenants


@dataclass(frozen=True, slots=True)
class BatchInfo:
    """The file of a day that a page is (`Stream.daily`), or a whole list (`on` is UNDATED). `refused` is a code of
    `integrations.wording`: its rows are not loaded. A higher `revision` replaces the whole day. `digest` is
    `digest_of` its name and content."""

    on: date
    revision: int
    name: str
    digest: str
    rows_declared: int | None
    rows: int
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as they came, and where to go on after them. `total` is the source's own count of the whole stream, where
    it tells one. A page is committed whole, with `position`; None ends the stream."""

    rows: Sequence[RawRow]
    position: Any | None
    total: int | None = None
    batch: BatchInfo | None = None


def digest_of(name: str, content: bytes) -> str:
    """By which a file is known again, 64 hexadecimal digits. Files of two quiet days hold the same bytes and are two
    files all the same, so the name counts."""
    return hashlib.sha256(name.encode() + b"\0" + content).hexdigest()


class File(Protocol):
    """A file that was handed in. Its `content` may be fetched each time it is asked for: hold one at a time."""

    @property
    def name(self) -> str: ...

    @property
    def content(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A file as a person hands it in for a drop connection (`models.DropFile`)."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the other side. `params` go behind the address, `json` or `form` into the body. It is asked
    again where the answer was lost, so it must be one that changes nothing there, or nothing twice. `any_body`: what
    counts is that it answered, and its headers; a body that is no JSON is none."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: Literal["GET", "POST"] = "GET"
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    any_body: bool = False


class Answer(NamedTuple):
    """The parsed body, and the headers as they came, names in small letters: one name may come several times."""

    body: Any
    headers: Sequence[tuple[str, str]] = ()

    def header(self, name: str) -> str:
        """All of that name as one; "" where there is none."""
        return ", ".join(value for one, value in self.headers if one == name)


class Outside(Protocol):
    """The only way out of the process; `integrations.reach` is the real one. Keeps security.md §3 item 27."""

    def get_json(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """The parsed body. Raises RetryLater, NeedsReconnect, AdapterBroken."""

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """Where a server that speaks no http may be called: only one the operator listed, at one of these addresses
        and not by its name again. Raises RetryLater, NeedsReconnect."""

    def seconds(self, most: float) -> float:
        """Of `most`, how many are left for what is asked now: a person may be waiting."""

    def ask(self, request: Request) -> Answer:
        """The same for everything that is more than that. A 401 is NeedsReconnect("sign_in_refused", status=401)."""


@dataclass(frozen=True)
class Context:
    """What a reading may use. `secret` is opened for its length alone and never logged (repr hides it)."""

    outside: Outside
    zone: ZoneInfo
    now: datetime
    tenant: str  # slug
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    # What the other side gave for it, a session or a token: good for all streams of this reading, and kept nowhere.
    session: MutableMapping[str, Any] = field(default_factory=dict, repr=False)
    handed_in: Sequence[File] = ()  # of one name the one handed in last stands last
    seen_batches: frozenset[str] = frozenset()  # digests of the stream's files judged before: no second reading
    delivered: Sequence[File] = ()  # what was sent to us, in the order it came; the names say the order too


@runtime_checkable
class Finicky(Protocol):
    """An adapter that asks more of a configuration than a schema can say."""

    def problems(self, config: Mapping[str, Any]) -> list[str]:
        """In sentences, of one that fits the schema."""


class Adapter(Protocol):
    """`schema` is the JSON Schema of its configuration, `secrets` the names and labels of what it signs in with."""

    name: str
    title: Promise | str
    says: Promise | str  # one line for the person who chooses
    icon: str
    schema: Mapping[str, Any]
    takes_files: bool  # files can be handed in on the connection's page

    def secrets(self, config: Mapping[str, Any]) -> Mapping[str, Promise | str]: ...

    def streams(self, config: Mapping[str, Any]) -> Sequence[Stream]: ...

    def takes(self, config: Mapping[str, Any], file_name: str) -> Collection[str]:
        """The streams that would read a handed-in file of this name; none where it `takes_files` not."""

    def test(self, config: Mapping[str, Any], context: Context) -> None:
        """Whether it can be reached and signed in to, reading next to nothing. Raises what `pages` raises."""

    def pages(
        self, config: Mapping[str, Any], stream: Stream, context: Context, *, since: str, position: Any | None
    ) -> Iterator[Page]:
        """From `position` where a run was cut off, else from cursor value `since` ("" is the beginning), in order.
        Where there is nothing new it may yield nothing at all."""
