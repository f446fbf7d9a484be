"""The systems the demo company is connected to: its PLM, whose files were handed in, and the CRM beside it.

Both are on and have been read once, as a worker reads them. One of the PLM's files never came, one came cut off, one
was sent again; a row of the last one does not fit.
"""

import re
from datetime import date, datetime, timedelta

from goals import tasks as goals
from goals.queries.settings import local_date
from integrations.actions import connection as actions
from integrations.actions.sync import run_sync
from integrations.adapters.base import HandedIn
from integrations.models import Connection, Gap, GapKind, RunState, SyncRun
from integrations.presets import PRESETS
from integrations.preview import to_try_out, try_out
from perfsys.jobs.handlers import Running
from perfsys.jobs.models import Job
from perfsys.people.models import Employee

from . import plm
from .crm import TOKEN

LAST_FILE = date(2026, 11, 20)
CRM, PLM = "CRM 客户库", "PLM 图纸库"
SLIP = "图纸,,A.1,,HR0273,in_review,,隔圈,{on} 16:40\r\n"
TRAILER = re.compile(rb"#EOF,rows=(\d+)")
NOT_SENT_AGAIN = "PLM 当晚升级，供应商确认不再补发，当天没有新图"


class CannotRead(Exception):
    """A system of the demo did not come to the end of its first reading; says which."""


def connect_plm(owner: Employee, now: datetime) -> None:
    """Its last file is yesterday's, whatever day the demo is started on."""
    preset = PRESETS["plm"]
    made = actions.create_connection(
        preset=preset.name,
        name=PLM,
        values={"folder": ""},
        owner=owner,
        schedule=preset.schedule,
        secret={},
        actor=owner,
        now=now,
    )
    yesterday = local_date(now) - timedelta(days=1)
    files = [HandedIn(name, content) for name, content in plm.dropped((yesterday - LAST_FILE).days)]
    files[-1] = HandedIn(files[-1].name, with_a_slip(files[-1].content, yesterday))
    actions.hand_in_files(connection=made, files=files, actor=owner, now=now)
    _read(made, owner, now)
    for gap in Gap.objects.filter(connection=made, kind=GapKind.TRUNCATED, closed_at=None):
        actions.close_gap(gap=gap, reason=NOT_SENT_AGAIN, actor=owner, now=now)


def connect_crm(owner: Employee, port: int, weeks: timedelta, now: datetime) -> None:
    """`perfsys.demo.crm` answers on `port` meanwhile; its times are moved by `weeks`."""
    preset = PRESETS["crm"]
    made = actions.create_connection(
        preset=preset.name,
        name=CRM,
        values={"base_url": _address(port, weeks.days)},
        owner=owner,
        schedule=preset.schedule,
        secret={"token": TOKEN},
        actor=owner,
        now=now,
    )
    _read(made, owner, now)


def lead_to_crm(port: int) -> None:
    """A later start may find its port taken: the same CRM, at another door."""
    for found in Connection.objects.filter(name=CRM, preset="crm"):
        days = found.config["base_url"].rpartition("/")[2]
        if days.isdecimal() and found.config["base_url"] != _address(port, int(days)):
            found.config["base_url"] = _address(port, int(days))
            found.save(update_fields=["config"])


def with_a_slip(content: bytes, on: date) -> bytes:
    """One row more, without the number of its drawing; the last line counts it."""
    rows, _, _end = content.rpartition(b"#EOF")
    found = TRAILER.search(content)
    number = int(found[1]) if found else 0
    return rows + SLIP.format(on=on.isoformat()).encode() + f"#EOF,rows={number + 1}\r\n".encode()


def _read(made: Connection, owner: Employee, now: datetime) -> None:
    """Test, switch on, and the first reading to its end, with what it does for goals."""
    try_out(made, to_try_out(made, now=now))
    actions.note_test(connection=made, actor=owner, now=now)
    made.refresh_from_db()
    actions.switch_on(connection=made, actor=owner, now=now)
    run: SyncRun = SyncRun.objects.get(connection=made)
    job = Job.objects.get(kind="integrations.sync", key=str(run.pk))
    while run_sync(Running(run.tenant_id, job.pk, job.fence, job.kind, job.payload, _keep), now):
        run.refresh_from_db()
        if run.error:
            break
    run.refresh_from_db()
    if run.state != RunState.DONE:
        raise CannotRead(f"{made.name} was not read to its end: {run.error}")
    payload = {"run": run.pk}
    while again := goals.attach_evidence(payload=payload, now=now):
        payload = again.payload


def _keep(_job: Running) -> None:
    """The lease of a job that no worker has taken."""


def _address(port: int, days: int) -> str:
    return f"http://127.0.0.1:{port}/{days}"
