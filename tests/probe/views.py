from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_POST

from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to, public
from tests.probe.models import Note


class NoteForm(forms.Form):
    title = forms.CharField(max_length=120)


@require_GET
@public
def bare(request: HttpRequest) -> HttpResponse:
    """Reads only who is signed in: the yardstick for what a scope costs."""
    return HttpResponse(f"signed in as {request.user}")


@require_GET
@open_to(Role.EMPLOYEE)
def scoped(request: TenantRequest) -> HttpResponse:
    """The same inside a scope."""
    return HttpResponse(f"signed in as {request.user}")


@require_GET
@open_to(Role.EMPLOYEE)
def note_list(request: TenantRequest) -> HttpResponse:
    notes = Note.objects.select_related("owner").prefetch_related("helpers").order_by("id")
    return TemplateResponse(request, "probe/list.html", {"notes": notes})


@require_GET
@open_to(Role.EMPLOYEE)
def note(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(Note.objects.select_related("owner"), public_id=public_id)
    return TemplateResponse(request, "probe/note.html", {"note": found})


@require_POST
@open_to(Role.EMPLOYEE)
def rename(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = get_object_or_404(Note, public_id=public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return TemplateResponse(request, "probe/note.html", {"note": found, "form": form}, status=400)
    found.title = form.cleaned_data["title"]
    found.save(update_fields=["title"])
    return redirect(here(request, "probe:note", public_id))


@open_to(Role.ADMIN)
@require_POST
def erase(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Its decorators stand the other way round: that must be just as safe."""
    get_object_or_404(Note, public_id=public_id).delete()
    return redirect(here(request, "probe:notes"))
