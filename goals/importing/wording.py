"""The sentence for every reason code of imported goals and check-ins: what is the matter, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from goals.importing.issues import Issue


def sentence(issue: Issue, *, kind: str = "goals") -> str:
    """The reason in the reader's language. `kind` is "goals" or "check_ins"; unknown codes raise KeyError."""
    return plain_sentence(issue.code, issue.params, kind=kind)


def plain_sentence(code: str, params: Mapping[str, str] | None = None, *, kind: str = "goals") -> str:
    """Like `sentence`, from a stored code; names the words of the row only where all of them are at hand."""
    with_words, without = _BY_KIND[kind][code]
    try:
        return str(with_words) % (params or {})
    except KeyError:
        return str(without) % {}


def owner_sentence(code: str) -> Promise:
    """The sentence for a set that does not add up; takes %(owner)s, %(count)s, %(sum)s, %(least)s and %(most)s."""
    return _OWNER[code]


def _same(text: Promise) -> tuple[Promise, Promise]:
    return text, text


_GOALS: Mapping[str, tuple[Promise, Promise]] = {
    "title_missing": _same(_("The row has a number but no goal. Write what is to be reached.")),
    "title_too_long": _same(
        _("The goal is longer than 500 characters. Shorten it and move the details to the measure.")
    ),
    "goal_no_too_long": _same(
        _("The goal number is longer than 64 characters. Shorten it, or check that the right column was chosen.")
    ),
    "text_cut": (
        _("“%(text)s” is longer than %(length)s characters; the rest was left out."),
        _("A cell holds more text than there is room for; the rest was left out."),
    ),
    "layer_unknown": _same(
        _(
            "The row does not say whether it is a goal of the company, a department or a position. Fill in the level "
            "or the owner."
        )
    ),
    "owner_missing": _same(_("The row does not say whose goal it is. Fill in the employee number, or the department.")),
    "owner_not_found": (
        _(
            "%(owner)s is not among the people and units of this company. Correct the owner, or import the people "
            "first."
        ),
        _(
            "The owner is not among the people and units of this company. Correct the owner, or import the people "
            "first."
        ),
    ),
    "owner_ambiguous": (
        _("Several people or units are called %(owner)s. Add the employee number, or the whole path of the unit."),
        _("Several people or units have the owner's name. Add the employee number, or the whole path of the unit."),
    ),
    "owner_name_differs": (
        _("%(owner)s is %(name)s in the list of people; the row writes another name. The number was used."),
        _("The name does not belong to the employee number. The number was used."),
    ),
    "owner_departed": (
        _("%(owner)s has left the company. Hand the goal to somebody else if it goes on."),
        _("The owner has left the company. Hand the goal to somebody else if it goes on."),
    ),
    "owner_from_row_above": (
        _("The row names no owner; %(owner)s of the row above was used. Check that this is right."),
        _("The row names no owner; the one of the row above was used. Check that this is right."),
    ),
    "duplicate_goal_no": (
        _("The number %(goal)s stands in row %(row)s already. Give one of the two goals another number."),
        _("Another row above has the same goal number. Give one of the two goals another number."),
    ),
    "duplicate_goal": (
        _(
            "The same goal of the same owner stands in row %(row)s already. Delete one of the two rows, or tell them "
            "apart."
        ),
        _("The same goal of the same owner stands above already. Delete one of the two rows, or tell them apart."),
    ),
    "parent_missing": _same(
        _("The row does not say which goal above it supports. Fill in that goal's number or title.")
    ),
    "parent_not_found": (
        _("The parent goal %(parent)s is not in this file. Correct the number or add that goal."),
        _("The parent goal is not in this file. Correct its number or add that goal."),
    ),
    "parent_ambiguous": (
        _("Several goals are called “%(parent)s”. Write the number of the one that is meant."),
        _("Several goals have the title of the parent goal. Write the number of the one that is meant."),
    ),
    "parent_wrong_layer": (
        _(
            "The parent goal %(parent)s is not one level up. A position supports a department's goal, a department "
            "the company's."
        ),
        _("The parent goal is not one level up. A position supports a department's goal, a department the company's."),
    ),
    "parent_rejected": (
        _(
            "The parent goal %(parent)s was not imported itself. Correct it and import the file again: the two are "
            "linked then."
        ),
        _("The parent goal was not imported itself. Correct it and import the file again: the two are linked then."),
    ),
    "target_negative": (
        _("The target %(target)s is below 0. Correct it, or write what is to be reduced as a positive figure."),
        _("The target is below 0. Correct it, or write what is to be reduced as a positive figure."),
    ),
    "target_unreadable": (
        _("The target “%(target)s” is not a number and was left out. Write the figure alone and its unit beside it."),
        _("The target is not a number and was left out. Write the figure alone and its unit beside it."),
    ),
    "percent_scaled": (
        _(
            "The target %(written)s was read as %(target)s %%. If it is really below 1 %%, write it with a percent "
            "sign."
        ),
        _(
            "The target was read as a share and multiplied by 100. If it is really below 1 %%, write it with a "
            "percent sign."
        ),
    ),
    "weight_scaled": (
        _("The weight was read as %(weight)s %%. If it is really below 1 %%, write it with a percent sign."),
        _(
            "The weight was read as a share and multiplied by 100. If it is really below 1 %%, write it with a "
            "percent sign."
        ),
    ),
    "weight_missing": _same(_("The goal has no weight. It can be added after the import.")),
    "weight_unreadable": _same(
        _("The weight is not a number from 0 to 100 and was left out. Correct it in the file or after the import.")
    ),
    "due_missing": (
        _("The goal has no due date; the end of the period, %(end)s, is used."),
        _("The goal has no due date; the end of the period is used."),
    ),
    "due_unreadable": (
        _("The due date “%(due)s” cannot be read; the end of the period, %(end)s, is used until you correct it."),
        _("The due date cannot be read; the end of the period is used until you correct it."),
    ),
    "due_out_of_period": (
        _(
            "The due date %(due)s lies outside the period from %(start)s to %(end)s. Correct it, or import the goal "
            "into its own period."
        ),
        _("The due date lies outside the period. Correct it, or import the goal into its own period."),
    ),
    "core_unreadable": (
        _("“%(core)s” says neither yes nor no for a core goal; the goal counts as non-core."),
        _("The column for core goals says neither yes nor no; the goal counts as non-core."),
    ),
    "status_unknown": (
        _("The state “%(status)s” is not known; the goal counts as published."),
        _("The state is not known; the goal counts as published."),
    ),
    "resource_unreadable": (
        _("“%(resource)s” is not an amount of money, people or hours; 0 was taken."),
        _("An amount of money, people or hours cannot be read; 0 was taken."),
    ),
    "evidence_missing": _same(
        _("The goal does not say what will prove it. Add an evidence type and number, here or after the import.")
    ),
    "evidence_type_unknown": (
        _("The evidence type “%(evidence)s” is not known. Choose the matching type after the import."),
        _("The evidence type is not known. Choose the matching type after the import."),
    ),
    "obstacle_missing": _same(_("The goal names no expected obstacle. Add one to three after the import.")),
    "obstacle_too_many": (
        _("The goal names %(count)s obstacles. All were taken over; keep the three that matter most."),
        _("The goal names more than three obstacles. All were taken over; keep the three that matter most."),
    ),
}

_EXTRA: Mapping[str, tuple[Promise, Promise]] = {
    "extra_text": (
        _("“%(value)s” is longer than “%(field)s” takes, 300 characters. What stood there stays until it is shorter."),
        _("An extra field holds more than 300 characters. What stood there stays until it is shorter."),
    ),
    "extra_number": (
        _("“%(value)s” is not a number that “%(field)s” takes. What stood there stays until you correct it."),
        _("An extra field asks for a number and got none. What stood there stays until you correct it."),
    ),
    "extra_choice": (
        _(
            "“%(value)s” is none of the choices of “%(field)s”: %(choices)s. What stood there stays until you choose "
            "one."
        ),
        _("An extra field got none of its choices. What stood there stays until you choose one."),
    ),
    "extra_date": (
        _("“%(value)s” is no day for “%(field)s”. Write it like 2026-03-01; until then what stood there stays."),
        _("An extra field asks for a day and got none. Write it like 2026-03-01; until then what stood there stays."),
    ),
    "extra_link": (
        _("“%(value)s” is no address for “%(field)s”. Copy it whole; until then what stood there stays."),
        _("An extra field asks for a link and got none. Copy the whole address; until then what stood there stays."),
    ),
    "extra_person": (
        _("“%(value)s” does not name one person for “%(field)s”. Write the employee number; what stood there stays."),
        _("An extra field does not name one person. Write the employee number; what stood there stays."),
    ),
    "extra_needed": (
        _("“%(field)s” has to be answered. Fill it in, in the file or on the goal's page."),
        _("An extra field has to be answered. Fill it in, in the file or on the goal's page."),
    ),
    "extra_not_asked": (
        _("“%(field)s” is not asked of this goal, by what its other fields say. It was left out."),
        _("An extra field is not asked of this goal, by what its other fields say. It was left out."),
    ),
    "extra_not_of_goal": (
        _("“%(field)s” is no field of the template this goal was made from. It was left out."),
        _("An extra field does not belong to the template this goal was made from. It was left out."),
    ),
}

_CHECK_INS: Mapping[str, tuple[Promise, Promise]] = {
    "goal_missing": _same(_("The row does not say which goal it is about. Fill in the goal's number or title.")),
    "goal_not_found": (
        _("The goal %(goal)s is not in this period. Correct the number, or import that goal first."),
        _("The goal is not in this period. Correct the number, or import that goal first."),
    ),
    "goal_ambiguous": (
        _("Several goals are called “%(goal)s”. Write the number of the one that is meant."),
        _("Several goals have this title. Write the number of the one that is meant."),
    ),
    "person_missing": _same(_("The row does not say who wrote it. Fill in the employee number or the name.")),
    "person_not_found": (
        _(
            "%(person)s is not among the people of this company. Correct the number or name, or import the people "
            "first."
        ),
        _(
            "The person is not among the people of this company. Correct the number or name, or import the people "
            "first."
        ),
    ),
    "person_ambiguous": (
        _("Several people are called %(person)s. Add the employee number."),
        _("Several people have this name. Add the employee number."),
    ),
    "time_missing": _same(_("The row has no time. Fill in the day it happened, with the time if you have it.")),
    "time_unreadable": (
        _("The time “%(time)s” cannot be read. Write it like 2026-11-20 15:30."),
        _("The time cannot be read. Write it like 2026-11-20 15:30."),
    ),
    "time_in_future": (
        _("The time %(time)s has not come yet. The record is kept and counts from that day on."),
        _("The time has not come yet. The record is kept and counts from that day on."),
    ),
    "kind_unknown": (
        _("“%(kind)s” is none of the known types. Write progress update, evidence or comment."),
        _("The type is not known. Write progress update, evidence or comment."),
    ),
    "percent_unreadable": _same(_("The progress is not a percentage from 0 to 1000. Write a number such as 45.")),
    "nothing_said": _same(_("The row has neither progress nor words nor evidence. Fill in at least one of them.")),
    "record_no_too_long": _same(
        _("The record number is longer than 64 characters. Shorten it, or check that the right column was chosen.")
    ),
    "evidence_empty": _same(_("The row names no evidence. Fill in its number, or say what it is.")),
    "comment_empty": _same(_("The row is a comment without words. Write them, or delete the row.")),
    "note_cut": _same(_("The note is longer than 2,000 characters; the rest was left out.")),
    "duplicate_record": (
        _("The same record stands in row %(row)s already. Nothing to do: it is taken over once."),
        _("The same record stands above already. Nothing to do: it is taken over once."),
    ),
    "duplicate_record_no": (
        _(
            "The record number %(record)s stands in row %(row)s already, with other content. Give one of the two "
            "another number."
        ),
        _("Another row above has the same record number with other content. Give one of the two another number."),
    ),
}

_OWNER: Mapping[str, Promise] = {
    "weights_not_100": _("The weights of %(owner)s add up to %(sum)s %%, not 100 %%."),
    "too_many_goals": _("%(owner)s has %(count)s goals, at most %(most)s are usual."),
    "too_few_goals": _("%(owner)s has %(count)s goals, at least %(least)s are usual."),
}

_OF_THE_PERIOD: Mapping[str, tuple[Promise, Promise]] = {
    "period_closed": (
        _("%(period)s is closed: a file changes nothing in it. An administrator can open it again, with a reason."),
        _("The period is closed: a file changes nothing in it. An administrator can open it again, with a reason."),
    ),
}
_BY_KIND = {"goals": {**_GOALS, **_EXTRA, **_OF_THE_PERIOD}, "check_ins": {**_CHECK_INS, **_OF_THE_PERIOD}}
