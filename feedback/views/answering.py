"""What giver and receiver do with a feedback; a route for each. Pressed twice, each of them happens once."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from feedback import access, forms
from feedback.actions import feedback as actions
from feedback.models import ActionItem, ActionState, Feedback
from feedback.queries import exchange as queries
from feedback.queries.vague import doubt_about
from perfsys.common.kept import changed_meanwhile
from perfsys.lexicon import opinion
from perfsys.people.access import Viewer, person, viewer
from perfsys.people.cookies import back_to
from perfsys.people.models import Employee
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to, returns_to

from .cards import shown_card, url_of
from .reading import feedback_page


@require_POST
@open_to(*EVERYONE)
def like(request: TenantRequest, public_id: UUID) -> HttpResponse:
    return _mark(request, public_id, actions.like)


@require_POST
@open_to(*EVERYONE)
def unlike(request: TenantRequest, public_id: UUID) -> HttpResponse:
    return _mark(request, public_id, actions.unlike)


@require_POST
@open_to(*EVERYONE)
def react(request: TenantRequest, public_id: UUID) -> HttpResponse:
    return _react(request, public_id, actions.react)


@require_POST
@open_to(*EVERYONE)
def unreact(request: TenantRequest, public_id: UUID) -> HttpResponse:
    return _react(request, public_id, actions.unreact)


@require_POST
@open_to(*EVERYONE)
def answer(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who, now = viewer(request), timezone.now()
    found = access.feedback_to_take_up(who, public_id, now=now)
    form = forms.AnswerForm(request.POST)
    if not form.is_valid():
        return _refused(request, who, found, answer=form)
    try:
        actions.answer(feedback=found, actor=person(request), now=now, **form.cleaned_data)
    except actions.AlreadyWithdrawn:
        return _withdrawn(request, [form])
    is_read = found.giver.status == Employee.Status.ACTIVE
    said = _("%(name)s sees your answer.") if is_read else _("Your answer stands below it. %(name)s has left.")
    messages.success(request, said % {"name": found.giver.name})
    return redirect(url_of(request, found))


@require_POST
@open_to(*EVERYONE)
def clarify(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who, now = viewer(request), timezone.now()
    found = access.feedback_to_take_up(who, public_id, now=now)
    try:
        actions.clarify(feedback=found, actor=person(request), now=now)
    except actions.AlreadyWithdrawn:
        return _withdrawn(request, [])
    messages.success(request, _("Marked as talked over."))
    return redirect(back_to(request, url_of(request, found)))


@require_POST
@open_to(*EVERYONE)
def take_on(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who, now = viewer(request), timezone.now()
    found = access.feedback_to_take_up(who, public_id, now=now)
    form = forms.TakeOnForm(request.POST, on=who.on)
    if not form.is_valid():
        return _refused(request, who, found, take_on=form)
    try:
        actions.take_on(feedback=found, actor=person(request), now=now, **form.cleaned_data)
    except actions.AlreadyWithdrawn:
        return _withdrawn(request, [form])
    messages.success(request, _("It stands among your actions now."))
    return redirect(url_of(request, found))


@require_POST
@open_to(*EVERYONE)
def correct(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who, now = viewer(request), timezone.now()
    found = access.feedback_to_correct(who, public_id, now=now)
    form = forms.CorrectForm(request.POST, of=found)
    if not form.is_valid() and found.withdrawn_at is None and now - found.at < access.CORRECTED_WITHIN:
        return _refused(request, who, found, correct=form)
    text, hope = form["text"].value() or "", form["expected_action"].value() or ""
    doubt = doubt_about(text, tag=None, nature=found.nature, judge=opinion.judge_at_hand())
    try:
        actions.correct(
            feedback=found,
            text=text,
            expected_action=hope,
            version=form.cleaned_data.get("version"),
            actor=person(request),
            now=now,
            is_vague=doubt is not None,
        )
    except actions.AlreadyWithdrawn:
        return _withdrawn(request, [form])
    except actions.ChangedMeanwhile:
        return _changed(request, found, form)
    except actions.TooLateToCorrect:
        return _too_late(request, who, found, text)
    messages.success(request, _("Corrected. %(name)s reads the new words.") % {"name": found.receiver.name})
    return redirect(url_of(request, found))


@require_POST
@open_to(*EVERYONE)
def withdraw(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """A second press finds it withdrawn, which is what was wanted."""
    who, now = viewer(request), timezone.now()
    found = access.feedback_to_correct(who, public_id, now=now)
    try:
        actions.withdraw(feedback=found, actor=person(request), now=now)
    except actions.AlreadyWithdrawn:
        pass
    except actions.TooLateToCorrect:
        return _too_late(request, who, found, "")
    messages.success(request, _("Withdrawn. Only you still see it."))
    return redirect(url_of(request, found))


@require_POST
@open_to(*EVERYONE)
def annotate(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who, now = viewer(request), timezone.now()
    found = access.feedback_to_annotate(who, public_id, now=now)
    form = forms.NoteForm(request.POST)
    if not form.is_valid():
        return _refused(request, who, found, annotate=form)
    try:
        actions.annotate(feedback=found, actor=person(request), now=now, **form.cleaned_data)
    except actions.AlreadyWithdrawn:
        return _withdrawn(request, [form])
    messages.success(request, _("Added below it."))
    return redirect(url_of(request, found))


@require_POST
@open_to(*EVERYONE)
def follow_up(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who, now = viewer(request), timezone.now()
    found = access.feedback_to_follow_up(who, public_id, now=now)
    form = forms.FollowUpForm(request.POST)
    if not form.is_valid():
        return _refused(request, who, found, follow_up=form)
    try:
        actions.follow_up(feedback=found, actor=person(request), now=now, **form.cleaned_data)
    except actions.AlreadyWithdrawn:
        return _withdrawn(request, [form])
    except actions.TooEarly:
        form.add_error("text", _("Give it a week. Then ask how it is going."))
        return _refused(request, who, found, follow_up=form)
    except actions.AskedAlready:
        form.add_error("text", _("Your question before is not answered yet. One at a time."))
        return _refused(request, who, found, follow_up=form)
    messages.success(request, _("%(name)s sees your question.") % {"name": found.receiver.name})
    return redirect(url_of(request, found))


@require_POST
@returns_to("feedback:list")
@open_to(*EVERYONE)
def finish(request: TenantRequest, public_id: UUID) -> HttpResponse:
    item = access.action_to_finish(viewer(request), public_id)
    return _settle(request, item, ActionState.DONE, forms.OutcomeForm(request.POST), _("Done. Well worth it."))


@require_POST
@returns_to("feedback:list")
@open_to(*EVERYONE)
def drop(request: TenantRequest, public_id: UUID) -> HttpResponse:
    item = access.action_to_finish(viewer(request), public_id)
    form = forms.OutcomeForm(request.POST, why=True)
    return _settle(request, item, ActionState.DROPPED, form, _("Put aside, with your reason."))


@require_POST
@returns_to("feedback:list")
@open_to(*EVERYONE)
def put_off(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    item = access.action_to_finish(who, public_id)
    form = forms.PutOffForm(request.POST, on=who.on)
    url = f"{here(request, 'feedback:list')}?tab=open"
    if not form.is_valid():
        context = {
            "item": item,
            "form": form,
            "url": request.path,
            "list_url": url,
            "title": pgettext("action", "Not yet"),
        }
        return render(request, "feedback/outcome.html", context, status=422)
    if actions.put_off(item=item, actor=person(request), now=timezone.now(), **form.cleaned_data):
        messages.success(request, _("It has another day now, with your reason."))
    else:
        messages.info(request, _("It was finished meanwhile; its day stays."))
    return redirect(back_to(request, url))


@require_POST
@returns_to("feedback:list")
@open_to(*EVERYONE)
def reopen(request: TenantRequest, public_id: UUID) -> HttpResponse:
    item = access.action_to_finish(viewer(request), public_id)
    return _settle(request, item, ActionState.OPEN, None, _("It is open again."))


# --- what they share --------------------------------------------------------------------------------------------------


def _mark(request: TenantRequest, public_id: UUID, action: Callable[..., None]) -> HttpResponse:
    """The card by itself for a partial update, else back to the page it stood on."""
    who, now = viewer(request), timezone.now()
    found = access.feedback_to_like(who, public_id, now=now)
    try:
        action(feedback=found, actor=person(request), now=now)
    except actions.AlreadyWithdrawn:
        return _withdrawn(request, [])
    return _card_or_page(request, who, found, now)


def _react(request: TenantRequest, public_id: UUID, action: Callable[..., None]) -> HttpResponse:
    who, now = viewer(request), timezone.now()
    found = access.feedback_to_react_to(who, public_id, now=now)
    form = forms.ReactionForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    try:
        action(feedback=found, kind=form.cleaned_data["kind"], actor=person(request), now=now)
    except actions.AlreadyWithdrawn:
        return _withdrawn(request, [])
    return _card_or_page(request, who, found, now)


def _card_or_page(request: TenantRequest, who: Viewer, found: Feedback, now: datetime) -> HttpResponse:
    if request.headers.get("HX-Request") != "true":
        return redirect(back_to(request, url_of(request, found)))
    card = shown_card(request, who, queries.one_card(who, found, now=now))
    return TemplateResponse(request, "feedback/_card.html", {"card": card, "now": now})


def _settle(
    request: TenantRequest, item: ActionItem, state: ActionState, form: forms.OutcomeForm | None, said: str
) -> HttpResponse:
    url = f"{here(request, 'feedback:list')}?tab=open"
    if form is not None and not form.is_valid():
        context = {"item": item, "form": form, "url": request.path, "list_url": url, "title": _("No longer needed")}
        return render(request, "feedback/outcome.html", context, status=422)
    outcome = form.cleaned_data["outcome"] if form is not None else ""
    actions.finish_action(item=item, state=state, outcome=outcome, actor=person(request), now=timezone.now())
    messages.success(request, said)
    return redirect(back_to(request, url))


def _refused(request: TenantRequest, who: Viewer, feedback: Feedback, **bound: BaseForm) -> HttpResponse:
    return feedback_page(request, who, feedback, status=422, **bound)  # type: ignore[arg-type]


def _withdrawn(request: TenantRequest, typed: Iterable[BaseForm]) -> HttpResponse:
    """With what was typed: it may be said in another way."""
    kept = [
        {"label": field.label, "value": value}
        for form in typed
        for field in form
        if not field.is_hidden and (value := field.value())
    ]
    context = {"kept": kept, "url": here(request, "feedback:list")}
    return render(request, "feedback/withdrawn.html", context, status=409)


def _changed(request: TenantRequest, feedback: Feedback, form: forms.CorrectForm) -> HttpResponse:
    """With what was typed, and what is different from the words it was typed over."""
    changes, version = queries.changed_since(feedback, form.cleaned_data["version"])
    return changed_meanwhile(request, [form], url=url_of(request, feedback), version=version, changes=changes)


def _too_late(request: TenantRequest, who: Viewer, feedback: Feedback, text: str) -> HttpResponse:
    """The words go into the note that can still be added."""
    note = forms.NoteForm(initial={"text": text[:500]})
    messages.error(request, _("After 24 hours the words that were sent stay. You can add a note; yours stands in it."))
    return _refused(request, who, feedback, annotate=note)
