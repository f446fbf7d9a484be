"""Writing a feedback in under half a minute (product.md §3.1; screen 4, composer)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback import access, rules, wording
from feedback.actions import feedback as actions
from feedback.forms import ComposeForm
from feedback.models import Feedback, RequestRecipient, Visibility
from feedback.queries import exchange as queries
from feedback.queries.vague import doubt_about
from perfsys.lexicon import opinion
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.lexicon.queries import suggested_entries
from perfsys.people.access import Viewer, owner_in_browser, part_of, person, viewer
from perfsys.people.attempts import may_search
from perfsys.people.features import Feature
from perfsys.people.models import Employee
from perfsys.people.queries import matching, primary_units
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .cards import url_of

TYPED_AT_MOST = 80
JUDGED_AT_MOST = 600


@require_http_methods(["GET", "POST"])
@open_to(Role.EMPLOYEE)
@part_of(Feature.FEEDBACK)
def new(request: TenantRequest) -> HttpResponse:
    """`?to=` a colleague, `&goal=` what it is about. With `find` nothing is sent yet: the page comes back with people
    of that name, and with `instead` it comes back with that text, for browsers without script."""
    who = viewer(request)
    if request.method == "GET":
        asked = {"to": request.GET.get("to", ""), "goals": request.GET.getlist("goal")}
        asked["answers"] = request.GET.get("request", "")
        opinion.judge_at_hand()  # until somebody has written a line it is there
        return _page(request, who, ComposeForm(who=who, initial=asked))
    if "find" in request.POST:
        return _page(request, who, ComposeForm(who=who, initial=_typed(request.POST)))
    if "instead" in request.POST:
        text = request.POST["instead"]
        return _page(request, who, ComposeForm(who=who, initial=_typed(request.POST) | {"text": text}))
    if (written_by := request.POST.get("scope")) and written_by != owner_in_browser(request):
        raise PermissionDenied  # kept by this browser for somebody who is not signed in any more
    form = ComposeForm(request.POST, files=request.FILES, who=who)
    if form.is_valid():
        try:
            sent = _sent(person(request), form.said)
        except actions.Refused as refusal:
            form.add_error(None, _why(refusal))
        else:
            _say_it_is_sent(request, sent, form.said)
            return redirect(url_of(request, sent))
    return _page(request, who, form, status=422)


@require_GET
@open_to(Role.EMPLOYEE)
@part_of(Feature.FEEDBACK)
def people(request: TenantRequest) -> HttpResponse:
    """Faces to choose from while a name is being typed: never a list of everybody."""
    typed = request.GET.get("find_name", "").strip()[:TYPED_AT_MOST]
    if typed and not may_search(request.seat.membership_id):
        return render(request, "429.html", status=429)
    return render(request, "feedback/_people.html", {"people": _found(viewer(request), typed)})


@require_GET
@open_to(Role.EMPLOYEE)
@part_of(Feature.FEEDBACK)
def about(request: TenantRequest) -> HttpResponse:
    """What depends on the receiver: goals to name, and who will read it."""
    who = viewer(request)
    receiver = _receiver(who, request.GET.get("to", ""))
    visibility = request.GET.get("visibility", "")
    return render(
        request,
        "feedback/_about.html",
        _about(request, who, receiver, request.GET.getlist("goals"), request.GET.getlist("evidence"), visibility),
    )


@require_GET
@open_to(Role.EMPLOYEE)
@part_of(Feature.FEEDBACK)
def words(request: TenantRequest) -> HttpResponse:
    """Sentences of the dictionary to begin from, for the behaviour that was chosen."""
    context = {"words": _words(request.GET.get("tag"), request.GET.get("nature"))}
    return render(request, "feedback/_words.html", context)


@require_POST
@open_to(Role.EMPLOYEE)
@part_of(Feature.FEEDBACK)
def vague(request: TenantRequest) -> HttpResponse:
    """What to say instead, while somebody is writing. Nothing is kept, and no address holds what was written."""
    nature = request.POST.get("nature", "")
    doubt = doubt_about(
        request.POST.get("text", "")[:JUDGED_AT_MOST],
        tag=_tag_of(request.POST.get("tag")),
        nature=nature if nature in Nature.values else "",
        judge=opinion.judge_at_hand(),
    )
    return render(request, "feedback/_vague.html", {"doubt": doubt})


def _sent(giver: Employee, said: dict[str, Any]) -> Feedback:
    """Whoever comes back to a form that was sent, and writes to somebody else or something else, means another one."""
    sent = actions.give_feedback(giver=giver, now=timezone.now(), **said)
    texts = {sent.text, *(before.text for before in queries.earlier_wordings(sent))}
    if sent.receiver == said["receiver"] and said["text"].strip() in texts:
        return sent
    key = actions.key_of_other_words(said["key"], said["receiver"].pk, said["text"].strip())
    return actions.give_feedback(giver=giver, now=timezone.now(), **said | {"key": key})


def _say_it_is_sent(request: TenantRequest, sent: Feedback, said: dict[str, Any]) -> None:
    """Or that it was before, and that what was changed since is not in it."""
    if sent.withdrawn_at is not None:
        messages.info(request, _("You have taken this one back. To send it again, begin a new one."))
        return
    is_whole = all(getattr(sent, name) == said[name] for name in ("nature", "tag", "visibility"))
    if not is_whole or (sent.corrected_at is None and sent.expected_action != said["expected_action"].strip()):
        messages.info(request, _("It was sent before, as it stands here; what you changed since is not in it."))
        return
    messages.success(
        request,
        _("Sent to %(name)s. For 24 hours you can correct it or take it back.") % {"name": sent.receiver.name},
        extra_tags=here(request, "feedback:withdraw", public_id=sent.public_id),
    )


# --- the page ---------------------------------------------------------------------------------------------------------


def _page(request: TenantRequest, who: Viewer, form: ComposeForm, *, status: int = 200) -> HttpResponse:
    me = person(request)
    receiver = _receiver(who, form["to"].value())
    goals, evidence, visibility = (form[name].value() or () for name in ("goals", "evidence", "visibility"))
    is_settled = receiver is not None and request.method == "GET"  # by a link from the colleague or the goal
    offered_people = [] if is_settled else queries.suggested_receivers(me, who.on)
    suggested = [_face(one, str(why.label)) for one, why in offered_people]
    if receiver is not None and all(one != receiver for one, _why in offered_people):
        suggested = [_face(receiver), *suggested]
    offered = queries.tags_offered(me)
    chosen = str(form["tag"].value() or "")
    typed = request.POST.get("find_name", "").strip()[:TYPED_AT_MOST] if "find" in request.POST else ""
    if typed and not may_search(request.seat.membership_id):
        return render(request, "429.html", status=429)
    context = {
        "form": form,
        "draft": f"feedback-{receiver.public_id}" if is_settled and receiver else "feedback",
        "receiver": receiver,
        "asked": _asked(who, form["answers"].value(), receiver),
        "suggested": suggested,
        "is_settled": is_settled,
        "typed": typed,
        "found": [
            one for one in _found(who, typed) if typed and (not receiver or one["public_id"] != receiver.public_id)
        ],
        "new_url": here(request, "feedback:new"),
        "people_url": here(request, "feedback:people"),
        "about_url": here(request, "feedback:about"),
        "words_url": here(request, "feedback:words"),
        "vague_url": here(request, "feedback:vague"),
        "doubt": form.doubt,
        "words": _words(chosen, form["nature"].value()),
        "list_url": here(request, "feedback:list"),
        "tags": [_tag(one, chosen) for one in offered.first],
        "more_tags": [
            {"name": competency.shown_name, "tags": [_tag(one, chosen) for one in tags]}
            for competency, tags in offered.others
        ],
        "is_rare_tag": chosen and all(str(one.public_id) != chosen for one in offered.first),
        "natures": _choices(form, "nature"),
        "sentences": rules.sentences(form["text"].value() or ""),
        "most_sentences": rules.MOST_SENTENCES,
        "length": rules.action_length(form["expected_action"].value() or "一"),
        **_about(request, who, receiver, goals, evidence, visibility),
    }
    if not form["expected_action"].value():
        context["length"] = (0, rules.MOST_CHARACTERS)
    return render(request, "feedback/new.html", context, status=status)


def _about(
    request: TenantRequest, who: Viewer, receiver: Employee | None, goals: Any, evidence: Any, visibility: Any
) -> dict[str, Any]:
    giver = person(request)
    checked, shown = ({pk for one in ids if (pk := _uuid(one))} for ids in (goals, evidence))
    offered = queries.goals_offered(who, receiver, also=checked)
    found = queries.readers_of(receiver, who.on) if receiver else queries.Readers()
    chosen = visibility if visibility in Visibility.values else Visibility.MANAGER
    company = request.seat.name
    return {
        "goals": [
            {"public_id": goal.public_id, "title": goal.title, "checked": goal.public_id in checked} for goal in offered
        ],
        "evidence": [
            {"public_id": piece.public_id, "title": piece.known_as, "checked": piece.public_id in shown}
            for piece in queries.evidence_offered(who, offered, also=shown)
        ],
        "readers": [
            {
                "value": choice.value,
                "says": wording.readers(choice, receiver, found, giver=giver, company=company),
                "plain": wording.readers(choice, None, queries.Readers(), giver=giver, company=company),
                "checked": choice == chosen,
            }
            for choice in (Visibility.MANAGER, Visibility.RECEIVER, Visibility.EVERYONE)
        ],
    }


def _receiver(who: Viewer, value: Any) -> Employee | None:
    public_id = _uuid(value)
    try:
        return access.receiver_to_write_to(who, public_id) if public_id else None
    except Http404:
        return None


def _asked(who: Viewer, value: Any, receiver: Employee | None) -> RequestRecipient | None:
    """What the receiver wants to know, where this answers a request."""
    public_id = _uuid(value)
    found = access.request_to_answer(who, public_id) if public_id else None
    return found if found and found.request.asker == receiver else None


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _found(who: Viewer, typed: str) -> list[dict[str, Any]]:
    if not typed or who.employee is None:
        return []
    people = queries.people_found(who.employee, matching(access.receivers(), typed))
    units = primary_units([one.pk for one in people], who.on)
    return [_face(one, units[one.pk].name if one.pk in units else one.position) for one in people]


def _face(employee: Employee, says: str = "") -> dict[str, Any]:
    return {"public_id": employee.public_id, "name": employee.name, "says": says}


def _tag(tag: Any, chosen: str) -> dict[str, Any]:
    return {
        "public_id": tag.public_id,
        "name": tag.shown_name,
        "search": f"{tag.name} {tag.search_key}".lower(),
        "checked": str(tag.public_id) == chosen,
    }


def _words(tag: Any, nature: Any) -> list[dict[str, Any]]:
    """None before a behaviour is chosen. Two queries."""
    found = _tag_of(tag)
    if found is None or nature not in Nature.values:
        return []
    return [{"key": one.pk, "text": one.shown_text} for one in suggested_entries(found, nature)]


def _tag_of(value: Any) -> BehaviourTag | None:
    public_id = _uuid(value)
    try:
        return access.tag_to_give(public_id) if public_id else None
    except Http404:
        return None


def _choices(form: ComposeForm, name: str) -> list[dict[str, Any]]:
    value = form[name].value()
    choices: Any = form.fields[name].choices  # type: ignore[attr-defined]  # a ChoiceField
    return [{"value": code, "label": label, "checked": code == value} for code, label in choices]


def _typed(data: QueryDict) -> dict[str, Any]:
    """All that stands in the form, for a page that judges nothing yet."""
    return {name: data.getlist(name) if name in {"goals", "evidence"} else data[name] for name in data}


def _why(refusal: actions.Refused) -> str:
    """What the form itself did not see; the rest was said beside its field."""
    if isinstance(refusal, actions.RetryLater):
        return _("That is 60 in an hour. Pause a little: what you wrote stays here and can be sent later.")
    return _("This cannot be sent like this. Look at it once more and send it again.")
