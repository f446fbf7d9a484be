"""Who may read the company's words and who keeps them: everybody reads, administrators keep, and HR partners also see
what is no longer listed. Pages and the composer fetch here."""

from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from perfsys.people.access import Viewer
from perfsys.tenancy.roles import Role

from .models import BehaviourTag, Competency, LexiconEntry, Term, VagueExpression

T = TypeVar("T", bound=Term)
KEEPERS = (Role.ADMIN,)
OVERSEERS = (Role.ADMIN, Role.HRBP)


def may_keep(who: Viewer) -> bool:
    return who.has(*KEEPERS)


def may_oversee(who: Viewer) -> bool:
    """Sees the lists as they are kept, retired words too."""
    return who.has(*OVERSEERS)


def listed_competencies() -> QuerySet[Competency]:
    return Competency.objects.filter(is_listed=True)


def listed_tags() -> QuerySet[BehaviourTag]:
    """What a feedback may carry: a tag goes with its competency."""
    return BehaviourTag.objects.filter(is_listed=True, competency__is_listed=True)


def listed_entries() -> QuerySet[LexiconEntry]:
    return LexiconEntry.objects.filter(is_listed=True, competency__is_listed=True)


def entries_in_the_list(listed: bool) -> QuerySet[LexiconEntry]:
    """As they are kept: a sentence stands in its list whatever becomes of its competency."""
    return LexiconEntry.objects.filter(is_listed=listed)


def expressions_in_the_list(listed: bool) -> QuerySet[VagueExpression]:
    return VagueExpression.objects.filter(is_listed=listed)


def tag_to_give(public_id: UUID) -> BehaviourTag:
    """The tag of a new feedback; one that is no longer listed is not found."""
    return _found(listed_tags().select_related("competency"), public_id)


def term_to_keep(who: Viewer, model: type[T], public_id: UUID) -> T:
    """A competency, tag or entry, retired or not."""
    if not may_keep(who):
        raise PermissionDenied
    terms: Any = model._default_manager.all()
    found: T = _found(terms if model is Competency else terms.select_related("competency"), public_id)
    return found


def _found(terms: QuerySet[T], public_id: UUID) -> T:
    found: T | None = terms.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found
