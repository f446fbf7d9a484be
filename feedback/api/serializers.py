"""Feedback as programs read and write it. What may be said is judged by the forms of the pages; here stands only its
shape."""

from typing import Any

from rest_framework import serializers

from feedback import rules
from feedback.models import ActionItem, Closing, FactKind, Feedback, FeedbackNote, Held, RequestState, Visibility
from goals.models import EvidenceItem, Goal
from integrations.models import EvidenceType
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.tokens.shapes import Page, PersonShown, Read


class TagShown(Read):
    class Meta:
        model = BehaviourTag
        fields = ["id", "name"]
        read_only_fields = fields


class NamedGoal(Read):
    class Meta:
        model = Goal
        fields = ["id", "title"]
        read_only_fields = fields


class NamedEvidence(Read):
    type = serializers.ChoiceField(choices=EvidenceType.choices, allow_blank=True)

    class Meta:
        model = EvidenceItem
        fields = ["id", "type", "number", "note"]
        read_only_fields = fields


class FeedbackShown(Read):
    """`closed_how` says what closed one about what could be better; `is_open` that it still waits; `corrected_at` when
    its giver put it in other words, the last time."""

    giver = PersonShown()
    receiver = PersonShown()
    tag = TagShown()
    nature = serializers.ChoiceField(choices=Nature.choices)
    closed_how = serializers.ChoiceField(choices=Closing.choices, allow_blank=True)

    class Meta:
        model = Feedback
        fields = [
            "id",
            "version",
            "at",
            "local_on",
            "giver",
            "receiver",
            "nature",
            "tag",
            "text",
            "expected_action",
            "visibility",
            "source",
            "is_open",
            "closed_at",
            "closed_how",
            "corrected_at",
            "withdrawn_at",
        ]
        read_only_fields = fields


class FactShown(serializers.Serializer[Any]):
    """Where it is recorded. `goal`, and the `evidence` of it, are null where the reader may not open that. With
    `has_file` there is one to download; `held` says why there is none yet, or none any more: a scanner looks at it, or
    took it out."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=FactKind.choices)
    url = serializers.CharField(allow_blank=True)
    summary = serializers.CharField(allow_blank=True)
    goal = NamedGoal(allow_null=True)
    evidence = NamedEvidence(allow_null=True)
    has_file = serializers.BooleanField()
    file_type = serializers.CharField(allow_blank=True)
    held = serializers.ChoiceField(choices=Held.choices, allow_blank=True)


class NoteShown(Read):
    author = PersonShown()

    class Meta:
        model = FeedbackNote
        fields = ["id", "kind", "author", "text", "at"]
        read_only_fields = fields


class ActionShown(Read):
    owner = PersonShown()

    class Meta:
        model = ActionItem
        fields = ["id", "owner", "text", "due_on", "state", "finished_at", "outcome"]
        read_only_fields = fields


class WholeFeedback(FeedbackShown):
    facts = FactShown(many=True)
    notes = NoteShown(many=True)
    actions = ActionShown(many=True)
    likes = serializers.IntegerField()
    is_liked = serializers.BooleanField()

    class Meta(FeedbackShown.Meta):
        fields = [*FeedbackShown.Meta.fields, "facts", "notes", "actions", "likes", "is_liked"]
        read_only_fields = fields


class FeedbackPage(Page):
    results = FeedbackShown(many=True)


class AskedShown(serializers.Serializer[Any]):
    """What the token's person was asked. `goal` is null where there is none or the person may not open it."""

    id = serializers.UUIDField(source="line.public_id")
    at = serializers.DateTimeField(source="line.request.at")
    asker = PersonShown(source="line.request.asker")
    event = serializers.CharField(source="line.request.event")
    question = serializers.CharField(source="line.request.question")
    goal = NamedGoal(allow_null=True)
    state = serializers.ChoiceField(choices=RequestState.choices, source="line.state")
    settled_at = serializers.DateTimeField(source="line.settled_at", allow_null=True)


class AskedPage(Page):
    results = AskedShown(many=True)


# --- what is sent -----------------------------------------------------------------------------------------------------

BOXES = [("received", "received"), ("given", "given"), ("wall", "wall")]


class FeedbackFilters(serializers.Serializer[Any]):
    box = serializers.ChoiceField(
        choices=BOXES, required=False, help_text="Of the token's person; without it all that may be read."
    )
    person = serializers.UUIDField(required=False, help_text="The receiver.")
    nature = serializers.ChoiceField(choices=Nature.choices, required=False)
    open = serializers.ChoiceField(  # a BooleanField that is not in an address counts as false
        choices=[("true", "true"), ("false", "false")],
        required=False,
        help_text="Only what still waits for an answer, or only the rest.",
    )
    since = serializers.DateTimeField(required=False, help_text="Given at that moment or later.")


class AskedFilters(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=RequestState.choices, required=False)


class WordsSaid(serializers.Serializer[Any]):
    """At most three sentences; a next step of at most 20 characters (12 words where it is written in words)."""

    text = serializers.CharField(max_length=600)
    expected_action = serializers.CharField(max_length=rules.MOST_LETTERS)


class FeedbackSaid(WordsSaid):
    """From the token's person. At least one fact: `goals`, `evidence` of goals, a `link`, or a `recording` in words. A
    text in which one cannot see what happened is refused once: send it with `vague_seen` to have it taken as it is."""

    to = serializers.UUIDField()
    tag = serializers.CharField(max_length=80, help_text="Its id, or its name as the company lists it.")
    nature = serializers.ChoiceField(choices=Nature.choices)
    goals = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=5)
    evidence = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=5)
    link = serializers.CharField(required=False, allow_blank=True, max_length=500)
    recording = serializers.CharField(required=False, allow_blank=True, max_length=500)
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    vague_seen = serializers.BooleanField(required=False)
    answers = serializers.UUIDField(required=False, help_text="The request of the receiver's that it answers.")


class FeedbackSaidWithFiles(FeedbackSaid):
    """The same as a form, with a screenshot or a recording among its facts. `recording` says what was said in it."""

    picture = serializers.FileField(required=False, help_text="PNG, JPEG or WebP, up to 10 MB.")
    audio = serializers.FileField(required=False, help_text="m4a, mp3, ogg, opus, webm, wav or aac, up to 50 MB.")


class FeedbackCorrected(WordsSaid):
    """`version` is the feedback's, as it was read."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class LineSaid(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=500)


class ActionSaid(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=200)
    due_on = serializers.DateField()


class Declined(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, help_text="Read by whoever asked, and by nobody else.")
