"""Keeping the company's words about behaviour."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Max

from perfsys.audit.actions import record
from perfsys.people.actions import StaleVersion
from perfsys.people.models import Employee
from perfsys.people.names import search_key
from perfsys.tenancy.models import Tenant

from . import events, standard
from .models import BehaviourTag, Competency, LexiconEntry, Term, VagueExpression
from .vagueness import plain_text

T = TypeVar("T", bound=Term)
NAMED_ALIKE = ("lexicon_competency_name", "lexicon_tag_name", "lexicon_entry_text", "lexicon_vague_text")
VERBS: dict[type[Term], str] = {
    Competency: events.COMPETENCY_CHANGED,
    BehaviourTag: events.TAG_CHANGED,
    LexiconEntry: events.ENTRY_CHANGED,
    VagueExpression: events.VAGUE_CHANGED,
}


class AlreadyThere(Exception):
    """The company has one with these words, perhaps no longer listed: use that one."""


@dataclass(frozen=True)
class CompetencyWords:
    name: str
    name_en: str = ""
    meaning: str = ""
    meaning_en: str = ""


@dataclass(frozen=True)
class TagWords:
    competency: Competency
    name: str
    name_en: str = ""


@dataclass(frozen=True)
class EntryWords:
    competency: Competency
    nature: str
    level: int
    text: str
    text_en: str = ""
    scene: str = ""
    scene_en: str = ""


@dataclass(frozen=True)
class VagueWords:
    text: str
    competency: Competency | None = None


Words = CompetencyWords | TagWords | EntryWords | VagueWords
MODELS: dict[type[Words], type[Term]] = {
    CompetencyWords: Competency,
    TagWords: BehaviourTag,
    EntryWords: LexiconEntry,
    VagueWords: VagueExpression,
}


# --- by hand ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_term(*, words: Words, actor: Employee | None, now: datetime) -> Term:
    """A competency, tag or entry of the company's own, last of its kind. Raises AlreadyThere."""
    model = MODELS[type(words)]
    beside: Any = model._default_manager.all()
    if not isinstance(words, CompetencyWords):
        beside = beside.filter(competency=words.competency)
    last = beside.aggregate(last=Max("position"))["last"]
    term = model(position=0 if last is None else last + 1, **_columns(words))
    _keep(term.save)
    record(VERBS[model], subject=term, actor=actor, at=now, details={"added": str(term)})
    return term


@transaction.atomic
def edit_term(*, term: T, version: int, words: Words, actor: Employee | None, now: datetime) -> T:
    """What was given or written with it reads the new words. From now on the words are the company's: a later release
    leaves them alone. Words that stand already, as after a second press, are nothing. Raises StaleVersion,
    AlreadyThere."""
    locked = _locked(term)
    columns = _columns(words)
    before = {name: getattr(locked, name) for name in columns}
    changed = {name: value for name, value in columns.items() if value != before[name]}
    if not changed:
        return locked
    if locked.version != version:
        raise StaleVersion
    for name, value in changed.items():
        setattr(locked, name, value)
    _save(locked, *changed)
    details = {name: [str(before[name]), str(value)] for name, value in changed.items() if name != "search_key"}
    record(VERBS[type(term)], subject=locked, actor=actor, at=now, details=details)
    return locked


@transaction.atomic
def retire_term(*, term: T, actor: Employee | None, now: datetime) -> T:
    """No longer offered; feedback that carries it keeps it. A second time is nothing."""
    return _list(term, False, actor, now)


@transaction.atomic
def relist_term(*, term: T, actor: Employee | None, now: datetime) -> T:
    """Offered again. A second time is nothing."""
    return _list(term, True, actor, now)


def _list(term: T, is_listed: bool, actor: Employee | None, now: datetime) -> T:
    locked = _locked(term)
    if locked.is_listed != is_listed:
        locked.is_listed = is_listed
        _save(locked, "is_listed")
        details = {"relisted" if is_listed else "retired": str(locked)}
        record(VERBS[type(term)], subject=locked, actor=actor, at=now, details=details)
    return locked


def _locked(term: T) -> T:
    locked: Any = type(term)._default_manager.select_for_update().get(pk=term.pk)
    return locked  # type: ignore[no-any-return]  # of the manager's model


def _save(term: Term, *names: str) -> None:
    term.version += 1
    _keep(lambda: term.save(update_fields=[*names, "version"]))


def _keep(save: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        if not any(name in str(error) for name in NAMED_ALIKE):
            raise
        raise AlreadyThere from error


def _columns(words: Words) -> dict[str, Any]:
    columns = {name: _tidy(value) for name, value in vars(words).items()}
    if isinstance(words, TagWords):
        columns["search_key"] = _key(columns["name"], columns["name_en"])
    if isinstance(words, VagueWords):
        columns["text"] = plain_text(columns["text"])
    return columns


def _tidy(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


def _key(name: str, name_en: str) -> str:
    return f"{search_key(name)} {name_en.lower()}".strip()[:200]


# --- from a file ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Brought:
    """Rows of one import by what became of them."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@transaction.atomic
def bring_words(*, rows: Iterable[EntryWords | VagueWords], actor: Employee | None, now: datetime) -> Brought:
    """Sentences or vague expressions of a file, known by their text: those that are there get what the file says beside
    it, an empty cell leaves what stands, and what is no longer listed stays so. A second time changes nothing."""
    made: dict[type[Term], list[Any]] = {}
    counts = Counter({"created": 0, "changed": 0, "unchanged": 0})
    for words in rows:
        model = MODELS[type(words)]
        if model not in made:
            known: Any = model._default_manager
            made[model] = [{one.text: one for one in known.select_related("competency")}, []]
        standing, missing = made[model]
        columns = _columns(words)
        own = standing.get(columns["text"])
        if own is None:
            standing[columns["text"]] = term = model(position=len(standing), **columns)
            missing.append(term)
            counts["created"] += 1
            continue
        changed = _differing(own, columns)
        for name, (_was, value) in changed.items():
            setattr(own, name, value)
        if changed and own.pk:
            _save(own, *changed)
        counts["changed" if changed else "unchanged"] += 1
    for model, (_standing, missing) in made.items():
        model._default_manager.bulk_create(missing)
        record(VERBS[model], subject=Tenant.objects.get(), actor=actor, at=now, details={"imported": dict(counts)})
    return Brought(**counts)


def words_differing() -> Callable[[EntryWords | VagueWords], dict[str, tuple[Any, Any]] | None]:
    """A look at what `bring_words` would do with each: (what stands, what the file says) by column, None where nothing
    stands. One query for each kind of words, whatever their number."""
    standing: dict[type[Term], dict[str, Any]] = {}

    def differing(words: EntryWords | VagueWords) -> dict[str, tuple[Any, Any]] | None:
        model = MODELS[type(words)]
        if model not in standing:
            known: Any = model._default_manager
            standing[model] = {one.text: one for one in known.select_related("competency")}
        columns = _columns(words)
        own = standing[model].get(columns["text"])
        return None if own is None else _differing(own, columns)

    return differing


def _differing(own: Term, columns: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """An empty cell leaves what stands."""
    said = {name: value for name, value in columns.items() if value not in ("", None)}
    return {name: (getattr(own, name), value) for name, value in said.items() if getattr(own, name) != value}


# --- ready-made -------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_standard_terms(*, now: datetime) -> None:
    """What every company begins with. Run again it adds what a release brought and improves the words of what nobody
    here has changed (`version` is still 1); what the company edited, retired, or has under the same name, stays."""
    competencies = [
        Competency(
            key=one.key,
            name=one.name,
            name_en=one.name_en,
            meaning=one.meaning,
            meaning_en=one.meaning_en,
            position=place,
        )
        for place, one in enumerate(standard.COMPETENCIES)
    ]
    touched = _bring(Competency, competencies, "name", ("name", "name_en", "meaning", "meaning_en"))
    # A company's own competency of the same name takes the ready-made tags and sentences.
    standing = list(Competency.objects.all())
    by_name = {one.name: one for one in standing}
    places = {one.key: by_name[one.name] for one in standard.COMPETENCIES if one.name in by_name}
    places |= {one.key: one for one in standing if one.key}
    tags = [
        BehaviourTag(
            competency=places[one.key],
            key=tag.key,
            name=tag.name,
            name_en=tag.name_en,
            search_key=_key(tag.name, tag.name_en),
            position=place,
        )
        for one in standard.COMPETENCIES
        for place, tag in enumerate(one.tags)
    ]
    touched += _bring(BehaviourTag, tags, "name", ("name", "name_en", "search_key"))
    entries = [
        LexiconEntry(**{**asdict(one), "competency": places[one.competency]}, position=place)
        for place, one in enumerate(standard.ENTRIES)
    ]
    columns = ("nature", "level", "text", "text_en", "scene", "scene_en")
    touched += _bring(LexiconEntry, entries, "text", columns)
    expressions = [
        VagueExpression(key=one.text, text=one.text, competency=places.get(one.competency), position=place)
        for place, one in enumerate(standard.VAGUE_EXPRESSIONS)
    ]
    touched += _bring(VagueExpression, expressions, "text", ("competency_id",))
    if touched:
        record(events.STANDARD_ADDED, subject=Tenant.objects.get(), actor=None, at=now, details={"n": touched})


def _bring(model: type[T], wanted: Iterable[T], naming: str, columns: tuple[str, ...]) -> int:
    """Add what is missing and improve what nobody changed; how many that were. At most four statements."""
    standing = list(model._default_manager.all())
    by_key = {one.key: one for one in standing if one.key}
    taken = {getattr(one, naming) for one in standing}
    missing: list[T] = []
    improved: dict[int, T] = {}
    for one in wanted:
        own, name = by_key.get(one.key), getattr(one, naming)
        if own is None:
            if name not in taken:
                missing.append(one)
        elif own.version == 1 and any(getattr(own, column) != getattr(one, column) for column in columns):
            if name in taken - {getattr(own, naming)}:
                continue  # the company has a word of its own by the improved name
            improved[own.pk] = one
    model._default_manager.bulk_create(missing, ignore_conflicts=True)  # another run may be faster
    if not improved:
        return len(missing)
    # Locked and asked again: somebody may have saved an edit since.
    unchanged = list(model._default_manager.select_for_update().filter(pk__in=improved, version=1))
    for own in unchanged:
        for column in columns:
            setattr(own, column, getattr(improved[own.pk], column))
    model._default_manager.bulk_update(unchanged, [column.removesuffix("_id") for column in columns])
    return len(missing) + len(unchanged)
