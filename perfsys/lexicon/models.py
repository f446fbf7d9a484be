"""The words a company speaks about behaviour in: competencies, tags, and sentences that say what was seen."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from perfsys.audit.models import history_of
from perfsys.tenancy.models import TenantKey, TenantModel


class Nature(models.TextChoices):
    POSITIVE = "positive", _("Well done")
    CONSTRUCTIVE = "constructive", _("Could be better")


class Level(models.IntegerChoices):
    """How far the person in a sentence goes; `LexiconEntry.level` holds one of them."""

    BEGINS = 1, _("Begins")
    ALONE = 2, _("Does it alone")
    WITH_OTHERS = 3, _("Takes others along")
    CHANGES = 4, _("Changes how it is done")


class Term(TenantModel):
    """What competencies, tags and entries share. `key` is the ready-made one it came from, empty for a company's own;
    one that is no longer listed is kept for what names it. The English words may be empty: then the Chinese show."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=60, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)
    is_listed = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        abstract = True


def in_language(zh: str, en: str) -> str:
    """`en` for an English reader where there is one."""
    return en if en and (get_language() or "").startswith("en") else zh


class Competency(Term):
    """What a tag or an entry is a sign of; an axis of the radar (product.md §3.3, §3.4)."""

    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True, default="")
    meaning = models.CharField(max_length=200, blank=True, default="")
    meaning_en = models.CharField(max_length=300, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="lexicon_competency_public_id"),
            models.UniqueConstraint(fields=["tenant", "key"], name="lexicon_competency_key", condition=~Q(key="")),
            models.UniqueConstraint(fields=["tenant", "name"], name="lexicon_competency_name"),
            models.CheckConstraint(condition=~Q(name=""), name="lexicon_competency_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        return in_language(self.name, self.name_en)

    @property
    def shown_meaning(self) -> str:
        return in_language(self.meaning, self.meaning_en)


CompetencyEvent = history_of(Competency)


class BehaviourTag(Term):
    """What a feedback carries exactly one of (product.md §3.1). `search_key` is what is typed to find it: the pinyin,
    the initials and the English name."""

    competency = TenantKey(Competency, models.PROTECT, related_name="tags", db_index=False)
    name = models.CharField(max_length=20)
    name_en = models.CharField(max_length=60, blank=True, default="")
    search_key = models.CharField(max_length=200, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="lexicon_tag_public_id"),
            models.UniqueConstraint(fields=["tenant", "key"], name="lexicon_tag_key", condition=~Q(key="")),
            models.UniqueConstraint(fields=["tenant", "name"], name="lexicon_tag_name"),
            models.CheckConstraint(condition=~Q(name=""), name="lexicon_tag_has_a_name"),
        ]
        indexes = [models.Index(fields=["tenant", "competency", "position"], name="lexicon_tags_of_competency")]

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        return in_language(self.name, self.name_en)


BehaviourTagEvent = history_of(BehaviourTag)


class LexiconEntry(Term):
    """One sentence of the performance language dictionary: what somebody at `level` (1 begins, 4 leads others) was seen
    doing, and the scene it fits (product.md §3.3)."""

    competency = TenantKey(Competency, models.PROTECT, related_name="entries", db_index=False)
    nature = models.CharField(max_length=12, choices=Nature.choices)
    level = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    text_en = models.CharField(max_length=400, blank=True, default="")
    scene = models.CharField(max_length=120, blank=True, default="")
    scene_en = models.CharField(max_length=240, blank=True, default="")

    class Meta(TenantModel.Meta):
        verbose_name_plural = "lexicon entries"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="lexicon_entry_public_id"),
            models.UniqueConstraint(fields=["tenant", "key"], name="lexicon_entry_key", condition=~Q(key="")),
            models.UniqueConstraint(fields=["tenant", "text"], name="lexicon_entry_text"),
            models.CheckConstraint(condition=~Q(text=""), name="lexicon_entry_has_words"),
            models.CheckConstraint(condition=Q(level__range=(1, 4)), name="lexicon_entry_level"),
            models.CheckConstraint(condition=Q(nature__in=Nature.values), name="lexicon_entry_nature"),
        ]
        indexes = [models.Index(fields=["tenant", "competency", "nature", "level"], name="lexicon_entries_listed")]

    def __str__(self) -> str:
        return self.text

    @property
    def level_name(self) -> str:
        return str(Level(self.level).label)

    @property
    def shown_text(self) -> str:
        return in_language(self.text, self.text_en)

    @property
    def shown_scene(self) -> str:
        return in_language(self.scene, self.scene_en)


LexiconEntryEvent = history_of(LexiconEntry)


class VagueExpression(Term):
    """Words that say nothing one could have seen, and the competency the writer probably has in mind, if any: from it
    come the sentences that are offered instead (product.md §3.3). `text` as `vagueness.plain_text` writes it."""

    competency = TenantKey(
        Competency, models.PROTECT, null=True, blank=True, related_name="vague_expressions", db_index=False
    )
    text = models.CharField(max_length=60)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="lexicon_vague_public_id"),
            models.UniqueConstraint(fields=["tenant", "key"], name="lexicon_vague_key", condition=~Q(key="")),
            models.UniqueConstraint(fields=["tenant", "text"], name="lexicon_vague_text"),
            models.CheckConstraint(condition=~Q(text=""), name="lexicon_vague_has_words"),
        ]
        indexes = [models.Index(fields=["tenant", "competency"], name="lexicon_vague_listed")]

    def __str__(self) -> str:
        return self.text


VagueExpressionEvent = history_of(VagueExpression)
