"""A company's first import, file to result: python -m benchmarks.imports [--people 20000]

Workbooks as HR keeps them go through the commands: read, recognised, judged, written. Each file in a process of its
own, so that each has its own peak of memory. Beside the seconds on the clock, which tell nothing on a busy machine, the
processor's of Python and of PostgreSQL.
"""

import argparse
import multiprocessing
import resource
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from openpyxl import Workbook

from benchmarks.ground import TENANTS, ground, processor_of
from goals.actions.imported_rows import ImportedGoal
from goals.actions.periods import quarter_of
from goals.models import Goal
from goals.queries.settings import local_date
from goals.sample_company import SampleCompany
from perfsys.people.models import Employee
from perfsys.people.roster import RosterRow
from perfsys.tenancy.scope import use_tenant

SLUG = "acme"
PEOPLE = ("工号", "姓名", "部门", "岗位", "职级", "直属上级", "入职日期", "HRBP负责人", "状态")
GOAL = (
    *("目标编号", "目标内容", "支撑上级目标", "权重(%)", "是否核心", "衡量标准", "目标值", "单位"),
    *("证据类型", "证据编号", "工时(小时)", "障碍因子", "状态"),
)
Line = tuple[Any, ...]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    people = parser.parse_args().people
    with ground() as analyze, TemporaryDirectory() as folder:
        with use_tenant(TENANTS[SLUG]):
            today = local_date(timezone.now())
        files = {"import_people": Path(folder) / "people.xlsx", "import_goals": Path(folder) / "goals.xlsx"}
        apart(write_files, people, today, files)
        print(
            "| File | MB | rows | seconds | Python's | PostgreSQL's | peak memory, MB |\n|---|---|---|---|---|---|---|"
        )
        for command, file in files.items():
            seconds, memory, python, server = apart(run_import, command, file)
            with use_tenant(TENANTS[SLUG]):
                rows = (Employee if command == "import_people" else Goal).objects.count()
            size, took = file.stat().st_size / 1e6, f"{seconds:.0f} | {python:.0f} | {server:.0f}"
            print(f"| {file.name} | {size:.1f} | {rows} | {took} | {memory:.0f} |", flush=True)
            analyze()


def apart(work: Any, *arguments: Any) -> Any:
    """In a process of its own; this one's connection stays here."""
    connection.close()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=lambda: theirs.send(work(*arguments)))
    child.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        child.join()


def run_import(command: str, file: Path) -> tuple[float, float, float, float]:
    """Seconds on the clock, MB of memory at most, seconds of the processor here and in the server."""
    connection.ensure_connection()
    server = connection.connection.info.backend_pid
    began, busy = time.perf_counter(), time.process_time()
    call_command(command, str(file), tenant=SLUG)
    seconds, python = time.perf_counter() - began, time.process_time() - busy
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, python, processor_of(server)


def write_files(people: int, today: Any, files: dict[str, Path]) -> None:
    company = SampleCompany(people, 1, *quarter_of(today), today)
    roster = company.roster()
    save(files["import_people"], {"花名册": (PEOPLE, map(person_line, roster))})
    goals = list(company.goals())
    person = {one.employee_no: one for one in roster}
    save(
        files["import_goals"],
        {
            "公司级": (GOAL, (goal_line(one) for one in goals if one.layer == "company")),
            "部门级": (("部门", *GOAL), ((one.owner, *goal_line(one)) for one in goals if one.layer == "dept")),
            "岗位级": (
                ("工号", "姓名", *GOAL),
                ((one.owner, person[one.owner].name, *goal_line(one)) for one in goals if one.layer == "position"),
            ),
        },
    )


def person_line(one: RosterRow) -> Line:
    what = (one.employee_no, one.name, one.units[0], one.position, one.grade)
    return (*what, one.manager_no or "/", one.hired_on, one.hrbp_no, "在职")


def goal_line(one: ImportedGoal) -> Line:
    above = "、".join(one.parents)
    what = (one.key, one.title, above, one.weight, "是" if one.core else "否", one.measure, one.target, one.unit)
    return (*what, one.evidence_label, one.evidence_no, one.hours, "、".join(one.obstacles), "已发布")


def save(file: Path, sheets: dict[str, tuple[Line, Iterable[Line]]]) -> None:
    book = Workbook(write_only=True)
    for name, (headings, lines) in sheets.items():
        sheet = book.create_sheet(name)
        sheet.append(headings)
        for line in lines:
            sheet.append(line)
    book.save(file)


if __name__ == "__main__":
    main()
