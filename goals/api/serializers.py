"""Goals and what hangs on them, as programs read and write them. Figures are decimal strings, days ISO dates, ids the
public ones. What may be said is judged by the forms of the pages; here stands only its shape."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from goals.models import (
    AdjustmentLine,
    AdjustmentRequest,
    Alignment,
    ApprovalStep,
    Cadence,
    CheckIn,
    Confidence,
    Decision,
    Direction,
    EvidenceItem,
    Field,
    Goal,
    Health,
    KeyResult,
    Kind,
    Layer,
    Milestone,
    Outcome,
    Part,
    Period,
    RequestState,
    Scoring,
    Status,
)
from goals.queries.bound import NO_MARK, Good, Mark
from integrations.models import EvidenceType
from perfsys.people.models import OrgUnit
from perfsys.tokens.shapes import Figure, Page, PersonShown, Read


class UnitShown(Read):
    class Meta:
        model = OrgUnit
        fields = ["id", "name", "path"]
        read_only_fields = fields


class PeriodShown(Read):
    class Meta:
        model = Period
        fields = ["id", "name", "starts_on", "ends_on", "state"]
        read_only_fields = fields


class GoalNamed(Read):
    class Meta:
        model = Goal
        fields = ["id", "title"]
        read_only_fields = fields


class GoalShown(Read):
    number = serializers.CharField(source="shown_number")
    outcome = serializers.ChoiceField(choices=Outcome.choices, allow_blank=True)
    period = PeriodShown()
    owner = PersonShown(allow_null=True)
    unit = UnitShown(allow_null=True)
    held = serializers.SerializerMethodField()
    disputed = serializers.SerializerMethodField()

    class Meta:
        model = Goal
        fields = [
            "id",
            "number",
            "version",
            "title",
            "layer",
            "kind",
            "status",
            "outcome",
            "health",
            "period",
            "owner",
            "unit",
            "weight",
            "is_core",
            "is_private",
            "measure",
            "unit_of_measure",
            "direction",
            "baseline",
            "target",
            "hold_low",
            "hold_high",
            "starts_on",
            "due_on",
            "published_on",
            "own_progress",
            "rolled_progress",
            "last_value",
            "last_activity_on",
            "held",
            "disputed",
        ]
        read_only_fields = fields

    def to_representation(self, goal: Goal) -> dict[str, Any]:
        """While it is held, its figures are the last sound ones, null where there are none."""
        told: dict[str, Any] = super().to_representation(goal)
        good = self._mark(goal).good
        return told if good is None else told | _sound(good, "own_progress")

    def get_held(self, goal: Goal) -> bool:
        """Its figure, or that of a key result, comes from a metric that is being checked: nobody is judged by it."""
        return self._mark(goal).is_held

    def get_disputed(self, goal: Goal) -> bool:
        """Somebody contests its figure."""
        return self._mark(goal).is_disputed

    def _mark(self, goal: Goal) -> Mark:
        marks: Mapping[int, Mark] = self.context["marks"]
        return marks.get(goal.pk, NO_MARK)


class KeyResultShown(Read):
    class Meta:
        model = KeyResult
        fields = [
            "id",
            "title",
            "measure",
            "unit_of_measure",
            "direction",
            "baseline",
            "target",
            "weight",
            "last_value",
            "progress",
        ]
        read_only_fields = fields

    def to_representation(self, result: KeyResult) -> dict[str, Any]:
        """Of those in `good`, by id, the last sound figures: they are held."""
        told: dict[str, Any] = super().to_representation(result)
        good = self.context["good"].get(result.pk)
        return told if good is None else told | _sound(good, "progress")


class MilestoneShown(Read):
    class Meta:
        model = Milestone
        fields = ["id", "title", "due_on", "weight", "done_on"]
        read_only_fields = fields


class AlignmentShown(serializers.ModelSerializer[Any]):
    """`contribution`: the part of the parent's result, `split`: of the own resources, both in percent."""

    parent = GoalNamed()
    contribution = Figure(allow_null=True)
    split = Figure(allow_null=True)

    class Meta:
        model = Alignment
        fields = ["parent", "is_primary", "contribution", "split", "match", "confirmed_at", "version"]
        read_only_fields = fields


class Alignments(serializers.Serializer[Any]):
    results = AlignmentShown(many=True)


class WholeGoal(GoalShown):
    key_results = KeyResultShown(many=True)
    milestones = MilestoneShown(many=True)
    supports = AlignmentShown(many=True)

    class Meta(GoalShown.Meta):
        fields = [*GoalShown.Meta.fields, "key_results", "milestones", "supports"]
        read_only_fields = fields


class EvidenceShown(Read):
    """`number` is the record's own; of a connected system's record `note` is its title."""

    type = serializers.ChoiceField(choices=EvidenceType.choices, allow_blank=True)

    class Meta:
        model = EvidenceItem
        fields = ["id", "at", "local_on", "type", "number", "note", "source"]
        read_only_fields = fields


class CheckInShown(Read):
    confidence = serializers.ChoiceField(choices=Confidence.choices, allow_blank=True)
    author = PersonShown(allow_null=True)
    key_result = serializers.UUIDField(source="key_result.public_id", allow_null=True, default=None)

    class Meta:
        model = CheckIn
        fields = [
            "id",
            "at",
            "local_on",
            "author",
            "key_result",
            "percent",
            "value",
            "confidence",
            "note",
            "source",
            "acknowledged_at",
        ]
        read_only_fields = fields


class LineShown(serializers.ModelSerializer[Any]):
    """One field of one goal. `old` and `new` are a figure, or a day where the field is `due_on`."""

    goal = GoalNamed()
    old = serializers.SerializerMethodField()
    new = serializers.SerializerMethodField()

    class Meta:
        model = AdjustmentLine
        fields = ["goal", "field", "old", "new"]
        read_only_fields = fields

    def get_old(self, line: AdjustmentLine) -> str | None:
        return _told(line.old)

    def get_new(self, line: AdjustmentLine) -> str | None:
        return _told(line.new)


class StepShown(serializers.ModelSerializer[Any]):
    part = serializers.ChoiceField(choices=Part.choices)
    approver = PersonShown()
    decision = serializers.ChoiceField(choices=Decision.choices, allow_blank=True)

    class Meta:
        model = ApprovalStep
        fields = ["part", "approver", "decision", "decided_at", "note"]
        read_only_fields = fields


class RequestShown(Read):
    period = PeriodShown()
    owner = PersonShown(allow_null=True)
    unit = UnitShown(allow_null=True)
    asked_by = PersonShown()

    class Meta:
        model = AdjustmentRequest
        fields = [
            "id",
            "version",
            "state",
            "layer",
            "period",
            "owner",
            "unit",
            "is_team",
            "asked_by",
            "reason",
            "made_at",
            "waits_for",
            "sent_at",
            "decided_at",
        ]
        read_only_fields = fields


class WholeRequest(RequestShown):
    """`seen` marks the goals as they are now: whoever agrees sends it back, and is refused once one of them moved."""

    lines = LineShown(many=True)
    steps = StepShown(many=True)
    seen = serializers.CharField()

    class Meta(RequestShown.Meta):
        fields = [*RequestShown.Meta.fields, "lines", "steps", "seen"]
        read_only_fields = fields


class GoalPage(Page):
    results = GoalShown(many=True)


class EvidencePage(Page):
    results = EvidenceShown(many=True)


class CheckInPage(Page):
    results = CheckInShown(many=True)


class RequestPage(Page):
    results = RequestShown(many=True)


# --- what is sent -----------------------------------------------------------------------------------------------------


class GoalFilters(serializers.Serializer[Any]):
    period = serializers.UUIDField(required=False)
    owner = serializers.UUIDField(required=False)
    unit = serializers.UUIDField(required=False)
    layer = serializers.ChoiceField(choices=Layer.choices, required=False)
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    health = serializers.ChoiceField(choices=Health.choices, required=False)
    updated_since = serializers.DateTimeField(
        required=False, help_text="What was written, moved or checked in on since that moment."
    )


class RequestFilters(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=RequestState.choices, required=False)


class StageSaid(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200)
    due_on = serializers.DateField()


class KeyResultSaid(serializers.Serializer[Any]):
    """Without a target it goes from 0 to 100 %."""

    title = serializers.CharField(max_length=200)
    measure = serializers.CharField(required=False, allow_blank=True, max_length=200)
    unit_of_measure = serializers.CharField(required=False, allow_blank=True, max_length=40)
    direction = serializers.ChoiceField(choices=[Direction.RAISE, Direction.LOWER], required=False)
    baseline = Figure(required=False, allow_null=True)
    target = Figure(required=False, allow_null=True)
    weight = Figure(required=False, allow_null=True, max_digits=6, decimal_places=2, min_value=0, max_value=1000)


class GoalSaid(serializers.Serializer[Any]):
    """A draft as its form takes it: what does not belong to its `kind` is left out. `obstacles` are names, as the
    company lists them or one in other words; `money` (10,000 yuan), `people` and `hours` what it will take over the
    whole period. Lists are said whole."""

    title = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False)
    parent = serializers.UUIDField(  # type: ignore[assignment]  # DRF takes fields out of the class
        required=False, allow_null=True, help_text="The goal above that it supports first."
    )
    weight = Figure(required=False, allow_null=True, max_digits=5, decimal_places=2, min_value=0, max_value=100)
    is_core = serializers.BooleanField(required=False)
    is_private = serializers.BooleanField(required=False, help_text="Of a person's goal alone.")
    measure = serializers.CharField(required=False, allow_blank=True, max_length=200)
    unit_of_measure = serializers.CharField(required=False, allow_blank=True, max_length=40)
    direction = serializers.ChoiceField(choices=Direction.choices, required=False)
    baseline = Figure(required=False, allow_null=True)
    target = Figure(required=False, allow_null=True)
    hold_low = Figure(required=False, allow_null=True)
    hold_high = Figure(required=False, allow_null=True)
    cadence_times = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=99)
    cadence_per = serializers.ChoiceField(choices=Cadence.choices, required=False, allow_blank=True)
    delivers = serializers.CharField(required=False, allow_blank=True, max_length=200)
    starts_on = serializers.DateField(required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    evidence_type = serializers.ChoiceField(choices=EvidenceType.choices, required=False, allow_blank=True)
    evidence_number = serializers.CharField(required=False, allow_blank=True, max_length=120)
    evidence_plan = serializers.CharField(required=False, allow_blank=True, max_length=200)
    scoring = serializers.ChoiceField(choices=Scoring.choices, required=False)
    scoring_figure = Figure(required=False, allow_null=True, max_digits=9, decimal_places=2, min_value=0)
    obstacles = serializers.ListField(child=serializers.CharField(max_length=120), required=False, max_length=10)
    money = Figure(required=False, allow_null=True, max_digits=12, decimal_places=4, min_value=0)
    people = Figure(required=False, allow_null=True, max_digits=12, decimal_places=4, min_value=0)
    hours = Figure(required=False, allow_null=True, max_digits=12, decimal_places=4, min_value=0)
    milestones = StageSaid(many=True, required=False, max_length=20)  # type: ignore[call-arg]  # of the list
    key_results = KeyResultSaid(many=True, required=False, max_length=10)  # type: ignore[call-arg]  # of the list


class GoalMade(GoalSaid):
    """Of a person (`owner`, else the token's own), of a `unit`, or of the company, as `layer` says."""

    layer = serializers.ChoiceField(choices=Layer.choices, required=False)
    owner = serializers.UUIDField(required=False)
    unit = serializers.UUIDField(required=False)
    period = serializers.CharField(required=False, max_length=80, help_text="Its name; else the one that runs.")


class GoalChanged(GoalSaid):
    """What is not named stays as it is. `version` is the goal's, as it was read."""

    title = serializers.CharField(required=False, max_length=200)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class CheckInSaid(serializers.Serializer[Any]):
    """`value` is in the unit of the goal where it has a target, else in percent; in that of `key_result` where one is
    named. Of a behaviour goal one without note and confidence is a tick, with them it is a word about it."""

    value = Figure(required=False, allow_null=True)
    confidence = serializers.ChoiceField(choices=Confidence.choices, required=False, allow_blank=True)
    sure = serializers.BooleanField(
        required=False, help_text="Take the value even where it is more than ten times all figures so far."
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    key_result = serializers.UUIDField(required=False, allow_null=True)


class AlignmentSaid(serializers.Serializer[Any]):
    parent = serializers.UUIDField()  # type: ignore[assignment]  # DRF takes fields out of the class
    contribution = Figure(required=False, allow_null=True, max_digits=5, decimal_places=2, min_value=0, max_value=100)
    split = Figure(required=False, allow_null=True, max_digits=5, decimal_places=2, min_value=0, max_value=100)


class ChangeSaid(serializers.Serializer[Any]):
    """`version` is the goal's, as it was read."""

    goal = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    field = serializers.ChoiceField(choices=Field.choices)
    new = serializers.CharField(max_length=40, help_text="A figure, or a day where the field is due_on.")


class RequestSaid(serializers.Serializer[Any]):
    """About one goal and others of its set, whose weights add up together. What is not named stays as it is."""

    reason = serializers.CharField(max_length=500)
    changes = ChangeSaid(many=True, allow_empty=False, max_length=200)  # type: ignore[call-arg]  # of the list


class Agreed(serializers.Serializer[Any]):
    seen = serializers.CharField(max_length=16)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class NotAgreed(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


def _sound(good: Good, progress: str) -> dict[str, str | None]:
    """Under the names of the columns, as those are written."""
    return {"last_value": _told(good.value), progress: _told(good.progress)}


def _told(value: Any) -> str | None:
    if value is None:
        return None
    return str(value) if not hasattr(value, "normalize") else f"{value.normalize():f}"
