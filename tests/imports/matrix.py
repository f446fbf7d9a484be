"""Rows of the imports: administrators of the company, and nobody else."""

from django.utils import timezone

from perfsys.imports.models import ImportRun, State
from tests.matrix import Company, Row

NOT_FOR = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 403}


def populate(company: Company) -> None:
    company.run = ImportRun.objects.create(
        kind="people",
        state=State.PREVIEW,
        file_name=f"{company.canary}.xlsx",
        file_size=1,
        file_hash="0" * 64,
        by_name="",
        counts={"reject": 1},
        report={"detached": []},
        uploaded_at=timezone.now(),
    )


def of_run(name: str, method: str = "get", **more: int) -> Row:
    return Row(f"imports:{name}", method, **NOT_FOR, **more, args=lambda c: {"public_id": c.run.public_id})


MATRIX = [
    Row("imports:list", **NOT_FOR),
    Row("imports:upload", **NOT_FOR, args=lambda c: {"kind": "people"}),
    of_run("run", admin=302),
    of_run("status"),
    of_run("columns"),
    of_run("rows"),
    of_run("start", "post", admin=302),
    of_run("discard", "post", admin=302),
    of_run("left_out"),
    of_run("undo", admin=302),  # not imported yet: nothing to take back
    of_run("undo", "post", admin=302),
]
