"""Keeping the company's words about behaviour."""

from datetime import datetime

from django.db import transaction

from perfsys.audit.actions import record
from perfsys.people.names import search_key
from perfsys.tenancy.models import Tenant

from . import events, standard
from .models import BehaviourTag, Competency


@transaction.atomic
def add_standard_terms(*, now: datetime) -> None:
    """What every company begins with. Run again it adds what is new; what a company has of the same name stays."""
    for position, one in enumerate(standard.COMPETENCIES):
        Competency.objects.bulk_create(
            [
                Competency(
                    key=one.key,
                    name=one.name,
                    name_en=one.name_en,
                    meaning=one.meaning,
                    meaning_en=one.meaning_en,
                    position=position,
                )
            ],
            ignore_conflicts=True,
        )
    competencies = {one.name: one for one in Competency.objects.all()}
    tags = [(competencies[one.name], place, tag) for one in standard.COMPETENCIES for place, tag in enumerate(one.tags)]
    BehaviourTag.objects.bulk_create(
        [
            BehaviourTag(
                competency=competency,
                key=tag.key,
                name=tag.name,
                name_en=tag.name_en,
                search_key=f"{search_key(tag.name)} {tag.name_en.lower()}",
                position=place,
            )
            for competency, place, tag in tags
        ],
        ignore_conflicts=True,
    )
    record(events.STANDARD_ADDED, subject=Tenant.objects.get(), actor=None, at=now)
