"""Everybody reads the dictionary; administrators keep it, HR partners see it as it is kept."""

from typing import Any

from perfsys.lexicon.models import BehaviourTag, Competency, LexiconEntry, Nature, VagueExpression
from tests.matrix import Company, Row


def populate(company: Company) -> None:
    canary = company.canary
    company.competency = competency = Competency.objects.create(name=f"{canary} 协同", meaning=canary)
    company.tag = BehaviourTag.objects.create(competency=competency, name=f"{canary} 主动补位")
    company.entry = LexiconEntry.objects.create(
        competency=competency, nature=Nature.POSITIVE, level=1, text=f"{canary} 当场通知了下道班组", scene=canary
    )
    company.vague = VagueExpression.objects.create(competency=competency, text=f"{company.canary} 很卖力".lower())


def of_competency(company: Company) -> dict[str, Any]:
    return {"public_id": company.competency.public_id}


def of_tag(company: Company) -> dict[str, Any]:
    return {"public_id": company.tag.public_id}


def of_entry(company: Company) -> dict[str, Any]:
    return {"public_id": company.entry.public_id}


def of_vague(company: Company) -> dict[str, Any]:
    return {"public_id": company.vague.public_id}


def a_competency(company: Company) -> dict[str, Any]:
    return {"name": "数字化", "version": 1}


def a_tag(company: Company) -> dict[str, Any]:
    return {"competency": str(company.competency.public_id), "name": "及时同步", "version": 1}


def an_entry(company: Company) -> dict[str, Any]:
    words = {"nature": "positive", "level": 1, "text": "延误两小时，当场告诉了下道班组"}
    return {"competency": str(company.competency.public_id), "version": 1, **words}


def a_vague(company: Company) -> dict[str, Any]:
    return {"competency": str(company.competency.public_id), "text": "干劲十足", "version": 1}


OVERSEERS = {"owner": 403, "colleague": 403, "manager": 403}
KEEPERS = OVERSEERS | {"hrbp": 403}
KEEPER_WRITES = KEEPERS | {"admin": 302}

MATRIX: list[Any] = [
    Row("lexicon:dictionary"),
    Row("lexicon:tags", **OVERSEERS),
    Row("lexicon:entries", **OVERSEERS),
    Row("lexicon:vague", **OVERSEERS),
    Row("lexicon:new_competency", **KEEPERS),
    Row("lexicon:new_competency", "post", **KEEPER_WRITES, data=a_competency),
    Row("lexicon:edit_competency", **KEEPERS, args=of_competency),
    Row("lexicon:edit_competency", "post", **KEEPER_WRITES, args=of_competency, data=a_competency),
    Row("lexicon:retire_competency", "post", **KEEPER_WRITES, args=of_competency),
    Row("lexicon:relist_competency", "post", **KEEPER_WRITES, args=of_competency),
    Row("lexicon:new_tag", **KEEPERS),
    Row("lexicon:new_tag", "post", **KEEPER_WRITES, data=a_tag),
    Row("lexicon:edit_tag", **KEEPERS, args=of_tag),
    Row("lexicon:edit_tag", "post", **KEEPER_WRITES, args=of_tag, data=a_tag),
    Row("lexicon:retire_tag", "post", **KEEPER_WRITES, args=of_tag),
    Row("lexicon:relist_tag", "post", **KEEPER_WRITES, args=of_tag),
    Row("lexicon:new_entry", **KEEPERS),
    Row("lexicon:new_entry", "post", **KEEPER_WRITES, data=an_entry),
    Row("lexicon:edit_entry", **KEEPERS, args=of_entry),
    Row("lexicon:edit_entry", "post", **KEEPER_WRITES, args=of_entry, data=an_entry),
    Row("lexicon:retire_entry", "post", **KEEPER_WRITES, args=of_entry),
    Row("lexicon:relist_entry", "post", **KEEPER_WRITES, args=of_entry),
    Row("lexicon:new_vague", **KEEPERS),
    Row("lexicon:new_vague", "post", **KEEPER_WRITES, data=a_vague),
    Row("lexicon:edit_vague", **KEEPERS, args=of_vague),
    Row("lexicon:edit_vague", "post", **KEEPER_WRITES, args=of_vague, data=a_vague),
    Row("lexicon:retire_vague", "post", **KEEPER_WRITES, args=of_vague),
    Row("lexicon:relist_vague", "post", **KEEPER_WRITES, args=of_vague),
]
