"""Rows of what belongs to no app, and of the probe app, whose rules show that the matrix itself works."""

from tests.matrix import Company, Row, everybody
from tests.probe.models import Note


def populate(company: Company) -> None:
    company.note = Note.objects.create(title=f"{company.canary} note", owner=company.owner.membership)


MATRIX = [
    everybody("health", 200),
    everybody("ready", 503),  # no broker in this test
    everybody("service_worker", 200),
    everybody("probe:bare", 200),
    Row("probe:scoped"),
    Row("probe:notes"),
    Row("probe:note", args=lambda c: {"public_id": c.note.public_id}),
    Row(
        "probe:rename",
        "post",
        owner=302,
        colleague=302,
        manager=302,
        hrbp=302,
        admin=302,
        args=lambda c: {"public_id": c.note.public_id},
        data=lambda c: {"title": "clearer"},
    ),
    Row(
        "probe:erase",
        "post",
        owner=403,
        colleague=403,
        manager=403,
        hrbp=403,
        admin=302,
        args=lambda c: {"public_id": c.note.public_id},
    ),
]
