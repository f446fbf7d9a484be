"""What is typed into the pages of feedback. Sentences say what to do."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from feedback import access, rules
from feedback.actions.feedback import Fact
from feedback.actions.request import MOST_PEOPLE
from feedback.audio import ENDINGS, NotARecording, Recording, cleaned
from feedback.audio import MOST_BYTES as MOST_BYTES_OF_SOUND
from feedback.models import FactKind, Feedback, FeedbackSettings, ReactionKind, RequestRecipient, Visibility
from feedback.queries.vague import Doubt, doubt_about
from goals.models import EvidenceItem, Goal
from goals.trail_forms import OnceForm
from perfsys.common.fields import DayField, LinesField
from perfsys.common.pictures import MOST_BYTES, NotAPicture, Picture, TooLargeAPicture, redraw
from perfsys.lexicon import opinion
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.people.access import Viewer
from perfsys.people.models import Employee
from perfsys.people.queries import people_named_each

MOST_GOALS = 5
FURTHEST = timedelta(days=366)  # of what somebody takes on
NO_SENTENCE = _("Write a sentence about what you saw: who did what, and what came of it.")
TOO_LARGE = _("That picture is too large. Up to 10 MB and 40 megapixels work; a screenshot is smaller than that.")

TOO_LONG = _("That recording is too large. Up to 50 MB work, which is more than half an hour.")
AUDIO_ENDINGS = ",".join(ENDINGS)


class IdField(forms.UUIDField):
    """One of the people or tags on the page; the page draws the buttons."""

    widget = forms.RadioSelect


class IdsField(forms.Field):
    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> list[UUID]:
        try:
            return [UUID(str(one)) for one in value or ()]
        except ValueError:
            raise ValidationError(_("One of these goals is not there any more. Choose again.")) from None


class AddressField(forms.CharField):
    """A web address, in the open or inside the company: http://mes/orders/17 is one as well."""

    widget = forms.URLInput

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        if typed and "://" not in typed:
            typed = f"https://{typed}"
        if typed and not _is_address(typed):
            raise ValidationError(_("Paste the whole address, beginning with https://."))
        return typed


def _is_address(typed: str) -> bool:
    try:
        parts = urlsplit(typed)
        is_plain = "@" not in parts.netloc and not any(letter.isspace() for letter in typed)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and is_plain
    except ValueError:  # brackets that do not match, a port that is no number
        return False


class WordsForm(forms.Form):
    """What happened, and what is hoped for: the same limits when it is written and when it is corrected."""

    text = LinesField(
        label=pgettext_lazy("feedback", "What happened"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": NO_SENTENCE},
    )
    expected_action = forms.CharField(
        label=_("The next step you hope for"),
        max_length=rules.MOST_LETTERS,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the next step you hope for, in a few words.")},
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        number = rules.sentences(text)
        if number == 0:
            raise ValidationError(NO_SENTENCE)
        if number > rules.MOST_SENTENCES:
            raise ValidationError(
                _("Three sentences are enough; these are %(number)d. Leave out what the fact shows by itself."),
                params={"number": number},
            )
        return text

    def clean_expected_action(self) -> str:
        action: str = self.cleaned_data["expected_action"]
        if not rules.action_fits(action):
            length, most = rules.action_length(action)
            if rules.has_han(action):
                said = ngettext(
                    "At most %(most)d character; this has %(length)d. Name one step.",
                    "At most %(most)d characters; this has %(length)d. Name one step.",
                    most,
                )
            else:
                said = ngettext(
                    "At most %(most)d word; this has %(length)d. Name one step.",
                    "At most %(most)d words; this has %(length)d. Name one step.",
                    most,
                )
            raise ValidationError(said, params={"most": most, "length": length})
        return action


class ComposeForm(WordsForm, OnceForm):
    """Receiver, tag, nature, words, at least one fact, who reads it. `goals`, `evidence`, `link`, `picture`, and
    `recording` with its `audio`, are the facts. A text in which one cannot see what happened comes back once, with
    sentences to begin from; `vague_seen` says that these were shown, here or while it was typed."""

    to = IdField(label=_("For whom"), error_messages={"required": _("Choose the colleague it is for.")})
    tag = IdField(label=_("The behaviour you saw"), error_messages={"required": _("Choose the one behaviour you saw.")})
    nature = forms.ChoiceField(
        label=_("Was it"), choices=Nature.choices, initial=Nature.POSITIVE, widget=forms.RadioSelect
    )
    goals = IdsField(label=_("Where the fact is recorded"), required=False)
    evidence = IdsField(required=False)
    link = AddressField(label=_("Address of the record"), max_length=500, required=False)
    picture = forms.FileField(label=_("Screenshot"), required=False, max_length=None)
    recording = forms.CharField(
        label=_("What was said in the recording"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    audio = forms.FileField(label=_("Recording"), required=False, max_length=None)
    visibility = forms.ChoiceField(
        label=_("Who reads it"), choices=Visibility.choices, initial=Visibility.MANAGER, widget=forms.RadioSelect
    )
    answers = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)  # a request of the receiver's
    field_order = (
        "to", "tag", "nature", "text", "goals", "evidence", "link", "picture", "audio", "recording", "expected_action",
        "visibility", "key",
    )  # fmt: skip

    audio_endings = AUDIO_ENDINGS

    def __init__(self, data: Mapping[str, Any] | None = None, *, who: Viewer, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.who = who
        self.doubt: Doubt | None = None

    def clean_to(self) -> Employee:
        try:
            return access.receiver_to_write_to(self.who, self.cleaned_data["to"])
        except Http404:
            raise ValidationError(_("Choose a colleague who works here.")) from None

    def clean_tag(self) -> BehaviourTag:
        try:
            return access.tag_to_give(self.cleaned_data["tag"])
        except Http404:
            raise ValidationError(_("That behaviour is not on the list any more. Choose another.")) from None

    def clean_answers(self) -> RequestRecipient | None:
        """One that is settled by now, or of somebody else, is no reason to hold the feedback back."""
        try:
            found = access.request_to_answer(self.who, UUID(self.cleaned_data["answers"]))
        except ValueError:
            return None
        return found if found and found.request.asker == self.cleaned_data.get("to") else None

    def clean_goals(self) -> list[Goal]:
        ids: list[UUID] = self.cleaned_data["goals"]
        if len(ids) > MOST_GOALS:
            raise ValidationError(_("Five goals are enough. Choose those it is really about."))
        try:
            return access.goals_to_name(self.who, ids) if ids else []
        except Http404:
            raise ValidationError(_("One of these goals is not there any more. Choose again.")) from None

    def clean_evidence(self) -> list[EvidenceItem]:
        ids: list[UUID] = self.cleaned_data["evidence"]
        if len(ids) > MOST_GOALS:
            raise ValidationError(_("Five records are enough. Choose those that show it."))
        try:
            return access.evidence_to_name(self.who, ids) if ids else []
        except Http404:
            raise ValidationError(_("One of these records is not there any more. Choose again.")) from None

    def clean_picture(self) -> Picture | None:
        upload = self.cleaned_data["picture"]
        if not upload:
            return None
        if upload.size > MOST_BYTES:
            raise ValidationError(TOO_LARGE)
        try:
            return redraw(upload.read())
        except TooLargeAPicture:
            raise ValidationError(TOO_LARGE) from None
        except NotAPicture:
            raise ValidationError(
                _("This file is no picture we can read. Take a screenshot as PNG, JPEG or WebP.")
            ) from None

    def clean_audio(self) -> Recording | None:
        upload = self.cleaned_data["audio"]
        if not upload:
            return None
        if upload.size > MOST_BYTES_OF_SOUND:
            raise ValidationError(TOO_LONG)
        try:
            return cleaned(upload.read(), upload.name)
        except NotARecording:
            raise ValidationError(
                _("This file is no recording we can read. Choose one as m4a, mp3, ogg, opus, webm, wav or aac.")
            ) from None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("audio") and not data.get("recording") and "recording" not in self.errors:
            self.add_error("recording", _("Say in a line what was said in it: not everybody can listen to it."))
        if text := data.get("text"):
            self.doubt = doubt_about(
                text, tag=data.get("tag"), nature=data.get("nature", ""), judge=opinion.judge_at_hand()
            )
            if self.doubt and not self.data.get("vague_seen"):
                self.add_error("text", _("What somebody did, and what came of it, is not in it yet. See below."))
        wrong_fact = {"goals", "evidence", "link", "picture", "audio", "recording"} & set(self.errors)
        if not wrong_fact and not self.facts:
            self.add_error("goals", _("Say where the fact is recorded: a goal, a screenshot, a link or a recording."))
        if data.get("nature") == Nature.CONSTRUCTIVE and data.get("visibility") == Visibility.EVERYONE:
            self.add_error(
                "visibility", _("What could be better is for the person, not for the wall. Choose who reads it.")
            )
        return data

    @property
    def facts(self) -> list[Fact]:
        data = self.cleaned_data
        found = [Fact(FactKind.GOAL, goal=goal) for goal in data.get("goals") or ()]
        found += [Fact(FactKind.EVIDENCE, evidence=piece) for piece in data.get("evidence") or ()]
        if data.get("link"):
            found.append(Fact(FactKind.LINK, url=data["link"]))
        if data.get("picture"):
            found.append(Fact(FactKind.SCREENSHOT, picture=data["picture"]))
        if data.get("recording"):
            found.append(Fact(FactKind.RECORDING, summary=data["recording"], recording=data.get("audio")))
        return found

    @property
    def said(self) -> dict[str, Any]:
        """As `feedback.actions.feedback.give_feedback` takes it."""
        names = ("tag", "nature", "text", "expected_action", "visibility", "key")
        return {name: self.cleaned_data[name] for name in names} | {
            "answers": self.cleaned_data.get("answers"),
            "receiver": self.cleaned_data["to"],
            "facts": self.facts,
            "is_vague": self.doubt is not None,
        }

    @property
    def lost_a_picture(self) -> bool:
        """A browser does not send a file a second time by itself."""
        return bool(self.is_bound and self.errors and self.files.get("picture"))

    @property
    def lost_a_recording(self) -> bool:
        return bool(self.is_bound and self.errors and self.files.get("audio"))


class AnswerForm(OnceForm):
    """Each form of the page has ids of its own."""

    text = LinesField(
        label=_("Your answer"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write a line.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="answer_%s")


class NoteForm(OnceForm):
    text = LinesField(
        label=_("What you add"),
        help_text=_("What was sent stays as it is; this stands below it."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write a line.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="note_%s", initial={**(initial or {})})


class TakeOnForm(OnceForm):
    """`on` is the company's today."""

    text = forms.CharField(
        label=_("What you will do"), max_length=200, error_messages={"required": _("Write what you will do.")}
    )
    due_on = DayField(label=_("By when"))

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, on: date, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, auto_id="take_on_%s", initial={**(initial or {})})
        self.on = on
        self.fields["due_on"].widget.attrs["min"] = on.isoformat()

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if not self.on <= day <= self.on + FURTHEST:
            raise ValidationError(_("Choose a day from today on, within a year."))
        return day


class CorrectForm(WordsForm):
    """`version` is the one whose words were read."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: Feedback) -> None:
        initial = {"text": of.text, "expected_action": of.expected_action, "version": of.version}
        super().__init__(data, initial=initial, auto_id="correct_%s")


class OutcomeForm(forms.Form):
    """What came of an action; with `why`, why it is no longer needed, which is asked for."""

    outcome = forms.CharField(max_length=300, required=False, error_messages={"required": _("Say in a line why.")})

    def __init__(self, data: Mapping[str, Any] | None = None, *, why: bool = False) -> None:
        super().__init__(data)
        self.fields["outcome"].required = why
        self.fields["outcome"].label = _("Why it is no longer needed") if why else _("What came of it")


class PutOffForm(forms.Form):
    """Not yet: another day, and why. `on` is the company's today."""

    due_on = DayField(label=_("The new day"))
    why = forms.CharField(label=_("Why not yet"), max_length=300, error_messages={"required": _("Say in a line why.")})

    def __init__(self, data: Mapping[str, Any] | None = None, *, on: date) -> None:
        super().__init__(data, auto_id="put_off_%s")
        self.on = on
        self.fields["due_on"].widget.attrs["min"] = on.isoformat()

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if not self.on <= day <= self.on + FURTHEST:
            raise ValidationError(_("Choose a day from today on, within a year."))
        return day


class ReactionForm(forms.Form):
    kind = forms.ChoiceField(choices=ReactionKind.choices)


class FollowUpForm(OnceForm):
    text = forms.CharField(
        label=_("How is it going"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write a line.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="follow_up_%s", initial={"text": _("How is it going now?")})


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why you would rather not"), max_length=300, error_messages={"required": _("Say in a line why.")}
    )


class RequestForm(OnceForm):
    """Whom to ask: faces to tick, and others by name. At most five."""

    people = IdsField(label=_("Whom you ask"), required=False)
    others = forms.CharField(
        label=_("Others, by name"),
        help_text=_("Names with commas between them; with a number where two have the same."),
        max_length=300,
        required=False,
    )
    event = forms.CharField(
        label=_("What it is about"),
        help_text=_("For example: Tuesday's review meeting"),
        max_length=60,
        error_messages={"required": _("Say what it is about, in a few words.")},
    )
    question = forms.CharField(
        label=_("What you would like to know"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write a sentence: what should they look back at?")},
    )
    goal = forms.UUIDField(label=_("A goal it belongs to"), required=False)
    field_order = ("event", "question", "people", "others", "goal", "key")

    def __init__(self, data: Mapping[str, Any] | None = None, *, who: Viewer, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.who = who

    def clean_people(self) -> list[Employee]:
        try:
            return [
                access.receiver_to_write_to(self.who, one) for one in self.cleaned_data["people"][: MOST_PEOPLE + 1]
            ]
        except Http404:
            raise ValidationError(_("Choose a colleague who works here.")) from None

    def clean_others(self) -> list[Employee]:
        names = [one for part in re.split(r"[,，、;；\n]", self.cleaned_data["others"]) if (one := part.strip())]
        if len(names) > MOST_PEOPLE:
            raise ValidationError(_("Ask at most five people at a time."))
        found = []
        for name, people in people_named_each(names).items() if names else ():
            if not people:
                raise ValidationError(_("There is no colleague called %(name)s."), params={"name": name})
            if len(people) > 1:
                numbers = ", ".join(f"{one.name} {one.employee_no}" for one in people)
                raise ValidationError(
                    _("More than one is called %(name)s. Write the number with it: %(numbers)s."),
                    params={"name": name, "numbers": numbers},
                )
            try:
                found.append(access.receiver_to_write_to(self.who, people[0].public_id))
            except Http404:
                raise ValidationError(_("%(name)s cannot be asked."), params={"name": name}) from None
        return found

    def clean_goal(self) -> Goal | None:
        public_id: UUID | None = self.cleaned_data["goal"]
        try:
            return access.goals_to_name(self.who, [public_id])[0] if public_id else None
        except Http404:
            raise ValidationError(_("That goal is not there any more. Choose again.")) from None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not {"people", "others"} & set(self.errors):
            number = len({*data.get("people", ()), *data.get("others", ())})
            if not number:
                self.add_error("people", _("Choose somebody to ask."))
            elif number > MOST_PEOPLE:
                self.add_error("people", _("Ask at most five people at a time."))
        return data

    @property
    def said(self) -> dict[str, Any]:
        """As `feedback.actions.request.ask` takes it."""
        data = self.cleaned_data
        names = ("event", "question", "goal", "key")
        return {name: data[name] for name in names} | {"people": [*data["people"], *data["others"]]}


class SettingsForm(forms.Form):
    chain_reads = forms.BooleanField(
        label=_("Managers further up read it too"),
        help_text=_(
            "What is shared with the direct manager is then read by the managers above as well, from now on: feedback "
            "sent before stays with those it was sent to. Whoever writes one sees it beforehand."
        ),
        required=False,
    )
    history_months = forms.IntegerField(
        label=_("Months a new manager reads back"),
        help_text=_("Of what was shared with the manager before. 0: only what is sent from the first day on."),
        min_value=0,
        max_value=60,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: FeedbackSettings) -> None:
        names = ("chain_reads", "history_months", "version")
        super().__init__(data, initial={name: getattr(of, name) for name in names})
