"""The micro-retro in words, in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .retro import Ask, Option, Suggestion

ASKED: Mapping[Ask, Promise] = {
    Ask.CLOSEST: gettext_lazy("Which of these brought you closest to a goal this week?"),
    Ask.CLOSEST_WITHOUT_GOALS: gettext_lazy("What brought your work furthest this week?"),
    Ask.ARRIVING: gettext_lazy("What helped you most to find your way this week?"),
    Ask.SLOWED: gettext_lazy("What slowed you down?"),
    Ask.NEXT: gettext_lazy("Where does the next step go?"),
    Ask.NEXT_WITHOUT_GOALS: gettext_lazy("What would help you most next week?"),
}
FIXED: Mapping[str, Promise] = {
    "none_of_these": gettext_lazy("None of these"),
    "nothing": gettext_lazy("Nothing in particular"),
    "not_yet": gettext_lazy("I will see on Monday"),
    "met_people": gettext_lazy("Getting to know people"),
    "learned_the_work": gettext_lazy("Learning the tools and the way things are done"),
    "first_piece": gettext_lazy("A first piece of work of my own"),
    "daily_work": gettext_lazy("The daily work"),
    "helped_a_colleague": gettext_lazy("Helping a colleague"),
    "learned_something": gettext_lazy("Learning something new"),
    "waiting_for_others": gettext_lazy("Waiting for somebody’s answer"),
    "too_much_at_once": gettext_lazy("Too many things at once"),
    "agree_on_goals": gettext_lazy("Agreeing on goals with my manager"),
    "know_the_work": gettext_lazy("Getting to know the work"),
    "learn_something": gettext_lazy("Time to learn"),
    "help_the_team": gettext_lazy("Helping the team"),
    "clear_the_way": gettext_lazy("Clearing something out of the way"),
    "daily_work_first": gettext_lazy("The daily work first"),
}


def asked(ask: Ask) -> str:
    return str(ASKED[ask])


def option_text(option: Option) -> str:
    """What the option says; the goal it belongs to stands below (`option_goal`)."""
    if option.say in FIXED:
        return str(FIXED[option.say])
    return _OWN[option.say](option)


def option_goal(option: Option) -> str:
    """The goal's title, where the words of the option are others."""
    return option.title if option.text else ""


_OWN: Mapping[str, Callable[[Option], str]] = {
    "finished": lambda o: _("Finished “%(goal)s”") % {"goal": o.title},
    "milestone": lambda o: _("Stage done: %(stage)s") % {"stage": o.text},
    "evidence": lambda o: _("Evidence added: %(record)s") % {"record": o.text},
    "check_in": lambda o: o.text or _("Checked in on “%(goal)s”") % {"goal": o.title},
    "worked_on": lambda o: _("Worked on “%(goal)s”") % {"goal": o.title},
    "obstacle": lambda o: o.text,
    "stage": lambda o: _("%(stage)s, due %(day)s") % {"stage": o.text, "day": day(date.fromisoformat(o.on))},
    "goal": lambda o: o.title,
    "goal_behind": lambda o: _("%(goal)s, a little behind its plan") % {"goal": o.title},
}


def day(on: date) -> str:
    """A day without its year, as the language writes it."""
    return date_format(on, "MONTH_DAY_FORMAT")


def suggestion(of: Suggestion) -> tuple[str, str]:
    """(what to try, why)."""
    say, why = _SUGGESTED[of.code]
    return say(of.facts), why(of.facts)


Facts = Mapping[str, str | int]


def _many(facts: Facts, name: str) -> int:
    return int(facts[name])


_SUGGESTED: Mapping[str, tuple[Callable[[Facts], str], Callable[[Facts], str]]] = {
    "agree_on_goals": (
        lambda f: _("Sit down with your manager for half an hour and agree on one to three goals."),
        lambda f: _("You have no published goal at the moment, so nothing of your week can show yet."),
    ),
    "name_the_obstacle": (
        lambda f: _("On Monday, tell one person who can help about “%(obstacle)s”.") % f,
        lambda f: _("You named it as what slowed you down this week."),
    ),
    "one_goal": (
        lambda f: _("Keep two fixed hours for “%(goal)s” next week.") % f,
        lambda f: _behind(f),
    ),
    "choose_one": (
        lambda f: _("Choose one of your goals for next week and let the others rest."),
        lambda f: _behind(f),
    ),
    "a_line_on_wednesday": (
        lambda f: _("Write one line on Wednesday: what moved, what did not."),
        lambda f: (
            ngettext(
                "Nothing was noted on your %(goals)d goal this week.",
                "Nothing was noted on any of your %(goals)d goals this week.",
                _many(f, "goals"),
            )
            % f
        ),
    ),
    "a_fixed_hour": (
        lambda f: _("Give the goals that lay still one fixed hour a week."),
        lambda f: _("%(still)d of your %(goals)d goals did not move this week.") % f,
    ),
    "keep_on": (
        lambda f: _("Keep the rhythm of this week."),
        lambda f: ngettext("Your %(goals)d goal moved.", "All your %(goals)d goals moved.", _many(f, "goals")) % f,
    ),
}


def _behind(facts: Facts) -> str:
    return (
        ngettext(
            "%(behind)d of your %(goals)d goals is behind its plan.",
            "%(behind)d of your %(goals)d goals are behind their plan.",
            _many(facts, "behind"),
        )
        % facts
    )
