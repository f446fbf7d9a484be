"""Our way through a template (perfsys/common/templates.py) draws what Django's own draws, and fails where it does."""

import enum
from collections import defaultdict, namedtuple
from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import TextChoices
from django.template import Context, Template, engines
from django.test import override_settings
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from perfsys.common.templates import _Template


class Odd:
    plain = "<b>attribute</b>"

    def __str__(self) -> str:
        return "<odd>"

    @property
    def broken(self) -> str:
        raise AttributeError("within")

    @property
    def gone(self) -> str:
        raise ObjectDoesNotExist

    def called(self) -> "Odd":
        return self

    def asking(self, needed: int) -> int:
        return needed

    def failing(self) -> None:
        raise TypeError("within")

    def deleting(self) -> str:
        return "deleted"

    deleting.alters_data = True  # type: ignore[attr-defined]


class Loud(str):
    def __str__(self) -> str:
        return "LOUD"


class Choice(TextChoices):
    ONE = "one", "One"


Pair = namedtuple("Pair", "left right")
VALUES: dict[str, Any] = {
    "text": "<i>&'\"",
    "safe": mark_safe("<i>&"),
    "lazy": gettext_lazy("Inbox"),
    "loud": Loud("<quiet>"),
    "whole": 1234567,
    "negative": -5,
    "true": True,
    "none": None,
    "share": 1234.5,
    "exact": Decimal("1234567.80"),
    "at": datetime(2026, 3, 13, 23, 30, tzinfo=UTC),
    "naive": datetime(2026, 3, 13, 23, 30),  # noqa: DTZ001
    "on": date(2026, 3, 13),
    "clock": time(8, 5),
    "odd": Odd(),
    "space": SimpleNamespace(inner=SimpleNamespace(text="<deep>"), mapping={"items": "entry"}),
    "mapping": {"text": "<entry>", "items": "shadowed", "1": "by word", "none": None, "call": lambda: "called"},
    "bare": {},
    "grown": defaultdict(list),
    "list": ["first", {"text": "in a list"}, Odd()],
    "pair": Pair("left", Odd()),
    "choice": Choice,
    "one": Choice.ONE,
    "kind": Odd,
    "function": lambda: "<called>",
    "needs": lambda needed: needed,
    "member": enum.Enum("Member", "A").A,
    "zero": 0,
    "bytes": b"raw",
}
EXPRESSIONS = [
    *VALUES,
    *(f"odd.{name}" for name in ("plain", "called.plain", "asking", "deleting", "missing", "called.missing")),
    *(f"odd.{name}" for name in ("broken", "gone", "failing", "called.gone", "called.broken")),
    *("space.inner.text", "space.mapping.items", "space.none", "mapping.text", "mapping.items", "mapping.1"),
    *("mapping.none", "mapping.call", "mapping.keys", "bare.items", "bare.missing", "grown.any", "grown.items"),
    *("list.0", "list.1.text", "list.2.plain", "list.9", "list.first", "pair.left", "pair.0", "pair.right.plain"),
    *(
        "pair.5",
        "pair.count",
        "choice.ONE",
        "choice.ONE.label",
        "choice.choices",
        "one.label",
        "one.value",
        "kind.plain",
    ),
    *("text.0", "text.upper", "whole.real", "function.missing", "missing", "missing.further", "none.further", "true.x"),
    *(
        '"<literal>"',
        "12",
        "1.5",
        '_("Inbox")',
        'text|default:"x"',
        'missing|default:"<x>"',
        "whole|add:1",
        "text|safe",
    ),
    *("at|date:'H:i'", "list|length", "text|upper|lower", "share|floatformat:1", "bytes.0", "member.name", "forloop.x"),
]
SENTENCES = [
    '{% translate "Inbox" %}',
    '{% translate "Inbox" as told %}[{{ told }}]',
    '{% translate "Inbox" noop %}',
    '{% translate "100%% <sure>" %}',
    '{% translate "today" context "day" %}',
    "{% translate text %}",
    '{% translate "inbox"|capfirst %}',
    "{% for one in list %}{{ forloop.counter }}{{ one }}{{ one.text }}{% endfor %}",
    "{% with whole=text text='over' %}{{ whole }}{{ text }}{% endwith %}",
    "{% if missing.x %}a{% elif odd.called.plain == odd.plain %}b{% endif %}{% if not none %}c{% endif %}",
    "{% load l10n i18n %}{% localize off %}{{ exact }} {{ whole }}{% endlocalize %}",
]


def drawn(kind: type[Template], source: str, *, autoescape: bool) -> Any:
    """What stands there, or as what it failed; twice, for something may have been kept of the first time."""
    template = kind("{% load i18n %}" + source, engine=engines["django"].engine)
    found = []
    for _time in range(2):
        try:
            found.append(template.render(Context(dict(VALUES), autoescape=autoescape)))
        except Exception as error:  # whatever Django raises
            found.append(f"{type(error).__name__}: {error}")
    return found


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("autoescape", [True, False])
def test_every_kind_of_value_is_drawn_as_djangos(language: str, autoescape: bool) -> None:
    VALUES["grown"].clear()
    with translation.override(language):
        for source in [*(f"{{{{ {one} }}}}" for one in EXPRESSIONS), *SENTENCES]:
            ours = drawn(_Template, source, autoescape=autoescape)
            assert ours == drawn(Template, source, autoescape=autoescape), source


def test_a_kept_sentence_is_that_of_the_language() -> None:
    template = _Template('{% load i18n %}{% translate "Inbox" %}', engine=engines["django"].engine)
    for _time in range(2):
        for language in ("zh-hans", "en"):
            with translation.override(language):
                assert template.render(Context()) == translation.gettext("Inbox")


@override_settings(USE_THOUSAND_SEPARATOR=True)
def test_thousands_are_separated_where_they_are_wanted() -> None:
    with translation.override("en"):
        assert drawn(_Template, "{{ whole }}", autoescape=True) == ["1,234,567"] * 2


def test_the_pages_are_drawn_by_it() -> None:
    assert type(engines["django"].get_template("shell.html").template) is _Template
