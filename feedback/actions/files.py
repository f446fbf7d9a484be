"""Files of feedback: `feedback/<tenant>/<a name of ours>` (perfsys.common.files says how they are kept and scanned)."""

from collections.abc import Collection
from datetime import datetime

from feedback.audio import Recording
from feedback.models import FeedbackFact, Held
from perfsys.common import files
from perfsys.common.pictures import Picture
from perfsys.jobs.actions import enqueue
from perfsys.tenancy.scope import current_tenant_id


def keep_picture(fact: FeedbackFact, picture: Picture) -> None:
    """The caller saves the row."""
    fact.width, fact.height = picture.width, picture.height
    _keep(fact, picture.content, "webp")


def keep_recording(fact: FeedbackFact, recording: Recording) -> None:
    """The caller saves the row."""
    _keep(fact, recording.content, recording.ending)


def _keep(fact: FeedbackFact, content: bytes, ending: str) -> None:
    fact.file = files.keep(_folder(fact.feedback.tenant_id), f"{fact.public_id}.{ending}", content)
    if files.is_scanned():
        fact.held = Held.WAITING
        enqueue("feedback.scan", str(fact.public_id), {"fact": str(fact.public_id)})


def scan(*, public_id: str, now: datetime) -> bool:
    """Give a file free, or take it out of the storage, as the scanner says. Whether it has to be asked again."""
    facts = FeedbackFact.objects.select_for_update(of=("self",)).select_related("feedback")
    fact: FeedbackFact | None = facts.filter(public_id=public_id).first()
    if fact is None or fact.held != Held.WAITING:
        return False
    said = files.verdict(fact.file, kept_at=fact.feedback.at, now=now)
    if said is None:
        return True
    fact.held = said
    fact.save(update_fields=["held"])
    return False


def remove_orphans(*, now: datetime) -> int:
    """Returns how many."""
    return files.remove_orphans(_folder(current_tenant_id()), _named, now=now)


def _named(names: Collection[str]) -> Collection[str]:
    return list(FeedbackFact.objects.filter(file__in=names).values_list("file", flat=True))


def _folder(tenant_id: int) -> str:
    return f"feedback/{tenant_id}"
