"""A connected system as its syncs leave it behind: a connection, its runs, and the records they brought."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from integrations.models import Connection, RawRecord, Record, RecordReference, StreamState, SyncRun
from perfsys.people.models import Employee

CRM = {
    "base_url": "https://crm.example",
    "streams": [],
}


@dataclass
class System:
    """`begin` is a new sync; what is brought, corrected and deleted belongs to the last one."""

    owner: Employee
    now: datetime
    name: str = "CRM"
    connection: Connection = field(init=False)
    run: SyncRun = field(init=False)

    def __post_init__(self) -> None:
        self.connection = Connection.objects.create(
            name=self.name, adapter="rest_json", config=CRM, owner=self.owner, state="on", made_at=self.now
        )
        self.begin()

    def begin(self) -> SyncRun:
        key, at = uuid4().hex, self.now
        self.run = SyncRun.objects.create(
            connection=self.connection, key=key, state="done", asked_at=at, started_at=at, finished_at=at
        )
        return self.run

    def bring(
        self,
        external_id: str,
        *names: tuple[str, str] | tuple[str, str, bool],
        title: str = "",
        at: datetime | None = None,
        stream: str = "visits",
        **data: Any,
    ) -> Record:
        """A record that is about `names`: (type, number), and True where it is that thing itself."""
        StreamState.objects.update_or_create(
            connection=self.connection, stream=stream, defaults={"read_at": self.now, "covered_until": self.now}
        )
        record: Record = Record.objects.create(
            connection=self.connection,
            stream=stream,
            external_id=external_id,
            title=title,
            happened_at=at,
            data=data,
            digest=uuid4().hex,
            first_seen_at=self.now,
            changed_at=self.now,
            run=self.run,
        )
        self.is_about(record, *names)
        self._keep(record, data)
        return record

    def correct(self, record: Record, **changes: Any) -> None:
        """The source says something else of it now: columns of the record, and fields of its `data`."""
        columns = {name: changes.pop(name) for name in ("title", "happened_at", "deleted_at") if name in changes}
        data = record.data | changes
        columns |= {"data": data, "run": self.run, "changed_at": self.now, "digest": uuid4().hex}
        Record.objects.filter(pk=record.pk).update(**columns)
        record.refresh_from_db()
        self._keep(record, data)

    def delete(self, record: Record) -> None:
        Record.objects.filter(pk=record.pk).update(deleted_at=self.now, changed_at=self.now, run=self.run)

    def is_about(self, record: Record, *names: tuple[str, str] | tuple[str, str, bool]) -> None:
        RecordReference.objects.filter(record=record).delete()
        for kind, number, *own in names:
            RecordReference.objects.create(record=record, type=kind, number=number, is_own=any(own))

    def _keep(self, record: Record, payload: dict[str, Any]) -> None:
        RawRecord.objects.create(
            record=record, run=self.run, payload=payload, digest=record.digest, received_at=self.now
        )
