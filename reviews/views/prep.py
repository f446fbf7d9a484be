"""The prep pack and, beside it, the structured interview (product.md §4.1, §4.2; screen 5)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from feedback.models import Feedback
from perfsys.common import charts
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to
from reviews import access, actions
from reviews.access import Rights
from reviews.facts import Fact
from reviews.forms import AgreeForm, ModuleForm
from reviews.models import Interview, Module
from reviews.pack import AxisLine, ClearItem, GoalLine, Pack, WordLine
from reviews.queries import packs, record
from reviews.queries.record import Record
from reviews.questions import question

from . import parts

ENOUGH_AXES, MOST_AXES = charts.LEAST_AXES, charts.MOST_AXES
HOT = 3  # so many of the heaviest words of praise stand out


@require_GET
@open_to(Role.EMPLOYEE)
def prep(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found, rights = access.interview_to_prepare(who, public_id)
    made = packs.made_pack(found, for_manager=rights.is_manager, number=_number_asked_for(request))
    return _page(request, who, found, rights, made)


@require_POST
@open_to(Role.EMPLOYEE)
def make(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """A new one; `after` is the newest the page knew of, so that two presses make one."""
    who = viewer(request)
    found, rights = access.interview_to_prepare(who, public_id)
    actor = found.manager if rights.is_manager else found.employee
    asked = request.POST.get("after", "")
    after = int(asked) if asked.isdecimal() and len(asked) < 5 else 0
    try:
        actions.make_pack(interview=found, actor=actor, after=after, now=timezone.now())
    except actions.InterviewClosed:
        return changed_meanwhile(request, [], url=_url(request, found))
    messages.success(request, _("The pack is as of now. Earlier ones stay as they were."))
    return redirect(_url(request, found))


@require_GET
@open_to(Role.EMPLOYEE)
def words(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The feedback behind one hot word, as far as it can be read today."""
    who = viewer(request)
    found, rights = access.interview_to_prepare(who, public_id)
    number = _number_asked_for(request)
    made = packs.made_pack(found, for_manager=rights.is_manager, number=number)
    lines = made.content.words if made else []
    line = next((line for line in lines if line.word == request.GET.get("word", "")), None)
    if line is None or made is None:
        raise Http404
    behind = record.feedback_behind(who, found, line.feedback_ids)
    context = {
        "now": timezone.now(),
        "interview": parts.head(request, found, rights),
        "back_url": _url(request, found, number),
        "word": line.word,
        "says": ngettext(
            "Said %(times)d time by %(givers)d colleague", "Said %(times)d times by %(givers)d colleagues", line.givers
        )
        % {"times": line.frequency, "givers": line.givers},
        "feedback": [_told(request, one) for one in behind.values()],
    }
    return render(request, "reviews/words.html", context)


@require_POST
@open_to(Role.EMPLOYEE)
def module(request: TenantRequest, public_id: UUID, module: str) -> HttpResponse:
    """What was said in one of the three."""
    who = viewer(request)
    found = access.interview_to_lead(who, public_id)
    if module not in Module.values:
        raise Http404
    rights = access.rights_to(who, found)
    made = packs.made_pack(found, for_manager=True)
    stands = record.record_of(who, found, made.content if made else None)
    form = _module_form(module, stands, request.POST)
    if form.is_valid():
        try:
            actions.write_module(interview=found, module=module, actor=found.manager, now=timezone.now(), **form.said)
        except actions.StaleVersion:
            version = stands.written[module].module.version if module in stands.written else None
            return changed_meanwhile(request, [form], url=_url(request, found), version=version)
        except actions.InterviewClosed:
            return changed_meanwhile(request, [form], url=_url(request, found))
        messages.success(request, _("Noted: %(module)s") % {"module": Module(module).label})
        return redirect(f"{_url(request, found)}#agenda")
    return _page(request, who, found, rights, made, stands=stands, typed={module: form}, status=422)


@require_POST
@open_to(Role.EMPLOYEE)
def agree(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """An action that one of the two takes on."""
    who = viewer(request)
    found = access.interview_to_lead(who, public_id)
    form = AgreeForm(request.POST, of=found)
    if not form.is_valid():
        made = packs.made_pack(found, for_manager=True)
        return _page(request, who, found, access.rights_to(who, found), made, agree_form=form, status=422)
    try:
        actions.agree_on(interview=found, actor=found.manager, now=timezone.now(), **form.said)
    except actions.InterviewClosed:
        return changed_meanwhile(request, [form], url=_url(request, found))
    messages.success(request, _("Agreed."))
    return redirect(f"{_url(request, found)}#agreed")


def _url(request: TenantRequest, interview: Interview, number: int | None = None) -> str:
    url = here(request, "reviews:prep", public_id=interview.public_id)
    return f"{url}?pack={number}" if number else url


def _number_asked_for(request: TenantRequest) -> int | None:
    asked = request.GET.get("pack", "")
    return int(asked) if asked.isdecimal() and len(asked) < 5 else None


def _page(
    request: TenantRequest,
    who: Viewer,
    found: Interview,
    rights: Rights,
    made: packs.MadePack | None,
    *,
    stands: Record | None = None,
    typed: dict[str, ModuleForm] | None = None,
    agree_form: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    stands = stands or record.record_of(who, found, made.content if made else None)
    agenda = parts.modules(request, stands.written)
    for one in agenda if rights.writes and made else ():
        name = one["name"]
        one["form"] = (typed or {}).get(name) or _module_form(name, stands)
        one["url"] = here(request, "reviews:module", public_id=found.public_id, module=name)
    context = {
        "now": timezone.now(),
        "interview": parts.head(request, found, rights),
        "rights": rights,
        "topics": found.topics,
        "pack": _made(request, found, rights, made) if made else None,
        **(_panels(request, found, made, stands) if made else {}),
        "make_url": here(request, "reviews:make", public_id=found.public_id) if found.is_planned else "",
        "newest": made.newest if made else 0,
        "agenda": agenda,
        "is_complete": len(stands.written) == len(Module),
        "actions": [parts.action(item) for item in stands.agreed],
        "agree_form": (agree_form or AgreeForm(of=found)) if rights.writes else None,
        "agree_url": here(request, "reviews:agree", public_id=found.public_id),
    }
    return render(request, "reviews/prep.html", context, status=status)


def _module_form(name: str, stands: Record, data: Any = None) -> ModuleForm:
    """What was linked before can stay linked, whatever the newest pack holds."""
    written = stands.written.get(name)
    linked: Sequence[Fact] = written.facts if written else ()
    offered = {fact.key: fact for fact in [*linked, *stands.offered]}
    return ModuleForm(
        data,
        name=name,
        of=written.module if written else None,
        linked=linked,
        offered=offered,
        labels={key: parts.fact_label(fact) for key, fact in offered.items()},
    )


def _made(request: TenantRequest, found: Interview, rights: Rights, made: packs.MadePack) -> dict[str, Any]:
    return {
        "made_at": made.made_at,
        "number": made.number,
        "newest": made.newest,
        "older_url": _url(request, found, made.number - 1) if made.number > 1 else "",
        "newer_url": _url(request, found, made.number + 1) if made.number < made.newest else "",
    }


# --- the four panels --------------------------------------------------------------------------------------------------


def _panels(request: TenantRequest, found: Interview, made: packs.MadePack, stands: Record) -> dict[str, Any]:
    pack = made.content
    as_of = date.fromisoformat(pack.as_of)
    shown = [item for one in pack.items if (item := _item(request, one, as_of, stands))]
    return {
        "since": date.fromisoformat(pack.since) if pack.since else None,
        "goals": [_goal(request, line) for line in pack.goals],
        "words": _cloud(request, found, made),
        "quote": _quote(pack, stands),
        "feedback_count": pack.feedback_count,
        "giver_count": pack.giver_count,
        "items": shown,
        "chart": _chart(pack.radar) if pack.radar else None,
        "is_drawn": len(pack.radar) >= ENOUGH_AXES,
        "moved_most": _moved_most(pack.radar),
    }


def _goal(request: TenantRequest, line: GoalLine) -> dict[str, Any]:
    moved = ""
    if line.progress is not None and line.progress_then is not None:
        moved = f"{round(line.progress - line.progress_then):+d}"
    return {
        "title": line.title,
        "url": here(request, "goals:goal", public_id=line.public_id),
        "health": line.health,
        "progress": line.progress,
        "expected": line.expected,
        "moved": moved,
        "check_ins": line.check_ins,
        "evidence": line.evidence,
        "stages": line.stages,
        "mark": {"is_held": line.is_held, "is_disputed": line.is_disputed},
    }


def _cloud(request: TenantRequest, found: Interview, made: packs.MadePack) -> list[dict[str, Any]]:
    """In the order of their weight; sizes are relative to the heaviest."""
    lines: Sequence[WordLine] = made.content.words
    heaviest = max((line.frequency * line.givers for line in lines), default=1)
    praised = [line.word for line in lines if not line.is_wish][:HOT]
    url = here(request, "reviews:words", public_id=found.public_id)
    pack = {"pack": made.number} if made.number != made.newest else {}
    return [
        {
            "word": line.word,
            "number": line.frequency,
            "size": round(100 * (line.frequency * line.givers / heaviest) ** 0.5),
            "look": "ask" if line.is_wish else ("hot" if line.word in praised else ""),
            "is_wish": line.is_wish,
            "url": f"{url}?{urlencode({'word': line.word, **pack})}",
        }
        for line in lines
    ]


def _quote(pack: Pack, stands: Record) -> dict[str, Any] | None:
    """The latest place in which the heaviest word stands."""
    for line in pack.words[:1]:
        for pk in reversed(line.feedback_ids):
            if told := stands.feedback.get(pk):
                return {"text": told.text, "name": told.giver.name, "on": told.local_on, "word": line.word}
    return None


def _item(request: TenantRequest, item: ClearItem, as_of: date, stands: Record) -> dict[str, Any] | None:
    """None where it can no longer be read: what was withdrawn is not asked about."""
    days = (as_of - date.fromisoformat(item.since)).days
    shown: dict[str, Any] = {"kind": item.kind, "asks": question(item.kind, days), "quote": False, "url": ""}
    if item.kind == "feedback":
        told = stands.feedback.get(item.id)
        if told is None:
            return None
        return shown | {
            "title": told.expected_action,
            "who": told.giver.name,
            "tag": told.tag.shown_name,
            "waited": _waited(days),
            "quote": True,
            "url": here(request, "feedback:one", public_id=told.public_id),
        }
    if item.kind in ("alert", "dispute"):
        url = here(request, "goals:goal", public_id=item.url_id)
        who = _("The system asked") if item.kind == "alert" else _("Its figure is contested")
        return shown | {"title": item.title, "who": who, "waited": _waited(days), "url": url}
    return shown | {"title": item.title, "who": _kind_name(item.kind), "waited": _due(days)}


def _kind_name(kind: str) -> str:
    return _("Agreed in the last talk") if kind == "promise" else _("Action taken on")


def _waited(days: int) -> str:
    if days < 1:
        return _("since today")
    return ngettext("open for %(days)d day", "open for %(days)d days", days) % {"days": days}


def _due(days: int) -> str:
    if days > 0:
        return ngettext("was due %(days)d day before", "was due %(days)d days before", days) % {"days": days}
    if days < 0:
        return ngettext("due %(days)d day later", "due %(days)d days later", -days) % {"days": -days}
    return _("due that day")


def _chart(lines: Sequence[AxisLine]) -> charts.Chart:
    """The last 90 days against the 90 before; the table tells praise and hopes apart."""
    drawn = lines[:MOST_AXES]
    outlines = [
        charts.Outline(_("the last 90 days"), [_now(line) for line in drawn], "brand"),
        charts.Outline(_("the 90 days before"), [line.before for line in drawn], "ink-3", is_dotted=True),
    ]
    told = _(", ").join(f"{_axis(line)} {_now(line)}" for line in drawn[:3])
    return charts.Chart(
        key="radar",
        says=_("What colleagues spoke of most: %(told)s") % {"told": told},
        figure=charts.radar([_axis(line) for line in drawn], outlines) if len(drawn) >= ENOUGH_AXES else {},
        heads=[_("Competency"), _("Well done"), _("Could be better"), _("90 days before")],
        rows=[
            [
                charts.Cell(_axis(line)),
                charts.Cell(line.positive),
                charts.Cell(line.constructive),
                charts.Cell(line.before),
            ]
            for line in lines
        ],
    )


def _moved_most(lines: Sequence[AxisLine]) -> dict[str, Any] | None:
    """Where the two periods differ most, as a fact."""
    line = max(lines, key=lambda line: abs(_now(line) - line.before), default=None)
    if line is None or _now(line) == line.before:
        return None
    return {"name": _axis(line), "before": line.before, "now": _now(line)}


def _now(line: AxisLine) -> int:
    return line.positive + line.constructive


def _axis(line: AxisLine) -> str:
    return line.name_en if line.name_en and (get_language() or "").startswith("en") else line.name


def _told(request: TenantRequest, one: Feedback) -> dict[str, Any]:
    return {
        "url": here(request, "feedback:one", public_id=one.public_id),
        "name": one.giver.name,
        "tag": one.tag.shown_name,
        "is_wish": one.nature == "constructive",
        "text": one.text,
        "expected": one.expected_action,
        "at": one.at,
    }
