"""The sentence for every reason code of imported feedback: what is the matter, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def plain_sentence(code: str, params: Mapping[str, str] | None = None) -> str:
    """The reason in the reader's language, from a stored code; names the words of the row only where all of them are
    at hand. Unknown codes raise KeyError."""
    with_words, without = SENTENCES[code]
    try:
        return str(with_words) % (params or {})
    except KeyError:
        return str(without) % {}


def _same(text: Promise) -> tuple[Promise, Promise]:
    return text, text


SENTENCES: Mapping[str, tuple[Promise, Promise]] = {
    "giver_missing": _same(_("The row does not say who gave the feedback. Fill in the employee number or the name.")),
    "receiver_missing": _same(_("The row does not say who received it. Fill in the employee number or the name.")),
    "giver_not_found": (
        _(
            "%(person)s, who gave the feedback, is not among the people of this company. Correct the number or name, "
            "or import the people first."
        ),
        _(
            "Whoever gave the feedback is not among the people of this company. Correct the number or name, or import "
            "the people first."
        ),
    ),
    "receiver_not_found": (
        _(
            "%(person)s, who received the feedback, is not among the people of this company. Correct the number or "
            "name, or import the people first."
        ),
        _(
            "Whoever received the feedback is not among the people of this company. Correct the number or name, or "
            "import the people first."
        ),
    ),
    "giver_ambiguous": (
        _("Several people are called %(person)s. Add the giver's employee number."),
        _("Several people have the giver's name. Add the giver's employee number."),
    ),
    "receiver_ambiguous": (
        _("Several people are called %(person)s. Add the receiver's employee number."),
        _("Several people have the receiver's name. Add the receiver's employee number."),
    ),
    "name_differs": (
        _("%(person)s is %(name)s in the list of people; the row writes another name. The number was used."),
        _("The name does not belong to the employee number. The number was used."),
    ),
    "self_feedback": _same(
        _("Giver and receiver are the same person. Correct one of the two, or leave the row out: it is a note.")
    ),
    "time_missing": _same(_("The row has no time. Fill in the day it was given, with the time if you have it.")),
    "time_unreadable": (
        _("The time “%(time)s” cannot be read. Write it like 2026-11-20 15:30."),
        _("The time cannot be read. Write it like 2026-11-20 15:30."),
    ),
    "time_in_future": (
        _("The time %(time)s has not come yet. Check it; the feedback is kept and counts from that day on."),
        _("The time has not come yet. Check it; the feedback is kept and counts from that day on."),
    ),
    "nature_missing": _same(_("The row does not say whether it is praise or could be better. Fill in one of the two.")),
    "nature_unknown": (
        _("“%(nature)s” says neither praise nor improvement. Write positive or constructive."),
        _("The row says neither praise nor improvement. Write positive or constructive."),
    ),
    "missing_tag": _same(_("The row has no behaviour tag. Choose the one that fits the fact best.")),
    "several_tags": (
        _("The row names %(count)s tags. Keep the one that fits the fact best."),
        _("The row names several tags. Keep the one that fits the fact best."),
    ),
    "tag_unknown": (
        _(
            "“%(tag)s” is not a tag of this company; the nearest one is “%(nearest)s”. Write that, or add the tag "
            "first."
        ),
        _("The tag is not one of this company. Write one that is, or add the tag first."),
    ),
    "missing_fact": _same(_("The row says nothing that happened. Write what was seen: who did what, when.")),
    "text_too_long": (
        _("The fact has %(count)s characters; 600 at most. Keep the moment that matters."),
        _("The fact is longer than 600 characters. Keep the moment that matters."),
    ),
    "many_sentences": (
        _("The fact has %(count)s sentences; three are usual. It is taken over as it is."),
        _("The fact has more than three sentences. It is taken over as it is."),
    ),
    "vague": _same(_("The fact names nothing that could be seen and is marked as vague; an example would help.")),
    "missing_action": _same(_("The row does not say what is hoped for next. Write it in at most 20 characters.")),
    "action_too_long": (
        _("The expected action is %(length)s long; at most %(most)s. Keep the one step that matters."),
        _("The expected action is too long: at most 20 characters. Keep the one step that matters."),
    ),
    "record_no_too_long": _same(
        _("The feedback number is longer than 64 characters. Shorten it, or check that the right column was chosen.")
    ),
    "no_feedback": _same(_("The row says neither who nor when nor what: a sum or a note, which is skipped.")),
    "duplicate_record": (
        _("The same feedback stands in row %(row)s already. Nothing to do: it is taken over once."),
        _("The same feedback stands above already. Nothing to do: it is taken over once."),
    ),
    "duplicate_record_no": (
        _(
            "The feedback number %(record)s stands in row %(row)s already, with other content. Give one of the two "
            "another number."
        ),
        _("Another row above has the same feedback number with other content. Give one of the two another number."),
    ),
}
