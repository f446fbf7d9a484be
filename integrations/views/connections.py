"""All connections of a company, and setting one up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, page_queries, queries, rhythms, wording
from ..actions import connection as actions
from ..adapters.base import Adapter
from ..adapters.registry import ADAPTERS, adapter_named
from ..asked import filled, schema_at, value_at
from ..forms import ASKED, ConnectionForm, SettingsForm, as_text
from ..models import Connection, ConnectionState
from ..presets import PRESETS, Preset
from ..queries import reconciliation as pair_queries
from . import parts, reconciliation


@require_GET
@open_to(*access.KEEPERS)
def connections(request: TenantRequest) -> HttpResponse:
    found = queries.connections_page()
    pairs = pair_queries.pairs_page(access.visible_pairs(viewer(request)))
    compared = pair_queries.by_connection(pairs)
    rows = [_row(request, row, compared.get(row.connection.pk)) for row in found]
    context = {
        "now": timezone.now(),
        "rows": rows,
        "lede": _lede(found, held=sum(row.holds > 0 for row in pairs)),
        "pairs_url": here(request, "integrations:pairs") if compared else "",
        "new_url": here(request, "integrations:choose"),
        "rules_url": here(request, "integrations:rules") if rows else "",
        "governance_url": here(request, "integrations:governance"),
        "endpoints_url": here(request, "integrations:endpoints"),
        "sms_url": here(request, "integrations:sms"),
        "sync_all_url": here(request, "integrations:sync_all") if any(row["is_on"] for row in rows) else "",
    }
    return render(request, "integrations/list.html", context)


@require_GET
@open_to(*access.KEEPERS)
def choose(request: TenantRequest) -> HttpResponse:
    """Step 1: which system."""
    ready = [
        {"label": one.title, "says": one.says, "icon": one.icon, "url": here(request, "integrations:new", preset=name)}
        for name, one in PRESETS.items()
        if one.adapter in ADAPTERS
    ]
    return render(request, "integrations/choose.html", {"ready": ready, "list_url": here(request, "integrations:list")})


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@open_to(*access.KEEPERS)
def new(request: TenantRequest, preset: str) -> HttpResponse:
    """Step 2: where it is, how to sign in, how often it is read and who looks after it."""
    ready = PRESETS.get(preset)
    if ready is None or ready.adapter not in ADAPTERS:
        raise Http404
    who = viewer(request)
    initial = {
        "name": ready.title,
        **{ASKED + name: value_at(ready.config, name) for name in ready.asks},
        "schedule": ready.schedule,
        "owner": who.employee.public_id if who.employee else None,
        "key": uuid4().hex,
    }
    form = ConnectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        owners=access.possible_owners(),
        **_asked_of(ready),
    )
    if request.method == "POST" and form.is_valid():
        config = filled(ready.config, form.values(), adapter_named(ready.adapter).schema)
        try:
            made = actions.create_connection(
                preset=preset,
                name=form.cleaned_data["name"],
                values=form.values(),
                owner=form.cleaned_data["owner"],
                schedule=form.cleaned_data["schedule"],
                secret=form.secret(adapter_named(ready.adapter).secrets(config)),
                key=form.cleaned_data["key"],
                actor=who.employee,
                now=timezone.now(),
            )
        except actions.NameTaken:
            form.add_error("name", _("There is a connection of that name. Choose another."))
        except actions.DoesNotFit as error:
            form.refuse(error.problems)
        except actions.NoKeys:
            form.refuse_secret()
        else:
            messages.success(request, _("It is set up, and nothing has been read yet. Test it next."))
            return redirect(parts.url(request, "connection", made))
    context = {
        "form": form,
        "preset": ready,
        "choose_url": here(request, "integrations:choose"),
        "list_url": here(request, "integrations:list"),
    }
    return render(request, "integrations/new.html", context, status=422 if request.method == "POST" else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@open_to(*access.KEEPERS)
def settings(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What was said when it was set up, and the configuration as text: ?text=1 opens it."""
    connection = access.connection_to_keep(public_id)
    if gone := parts.gone(connection):
        return _nothing_to_set(request, connection, gone)
    adapter, secret = adapter_named(connection.adapter), page_queries.secret_of(connection)
    asks = {name: _schema_of(connection.adapter, name) for name in _asks_of(connection)}
    form = SettingsForm(
        request.POST if request.method == "POST" else None,
        asks=asks,
        secrets=_secrets_of(adapter, connection.config, asks),
        owners=access.possible_owners(connection),
        kept=adapter.secrets(connection.config) if secret is not None else (),
        initial={
            "name": connection.name,
            **{ASKED + name: value_at(connection.config, name) for name in asks},
            "schedule": connection.schedule,
            "owner": connection.owner.public_id,
            "version": connection.version,
            "more": as_text(connection.config, list(asks)),
        },
    )
    if request.method == "POST" and form.is_valid():
        config = filled(form.config(), form.values(), adapter.schema)
        try:
            changed = actions.change_connection(
                connection=connection,
                version=form.cleaned_data["version"] or 0,
                name=form.cleaned_data["name"],
                config=config,
                owner=form.cleaned_data["owner"],
                schedule=form.cleaned_data["schedule"],
                secret=form.secret(adapter.secrets(config)),
                actor=viewer(request).employee,
                now=timezone.now(),
            )
        except actions.NameTaken:
            form.add_error("name", _("There is a connection of that name. Choose another."))
        except actions.DoesNotFit as error:
            form.refuse(error.problems)
        except actions.NoKeys:
            form.refuse_secret()
        except actions.StaleVersion:
            return changed_meanwhile(request, [form.without_secret()], url=request.path, of=connection)
        else:
            messages.success(request, _said_after(changed, connection))
            return redirect(parts.url(request, "connection", connection))
    context = {
        "form": form,
        "connection": connection,
        "secret": secret,
        "as_text": "text" in request.GET,
        "now": timezone.now(),
        "list_url": here(request, "integrations:list"),
        "connection_url": parts.url(request, "connection", connection),
        "fields_url": parts.url(request, "fields", connection),
        "delete_url": parts.url(request, "delete", connection) if connection.state == ConnectionState.DRAFT else "",
    }
    return render(request, "integrations/settings.html", context, status=422 if request.method == "POST" else 200)


def _nothing_to_set(request: TenantRequest, connection: Connection, gone: dict[str, str]) -> HttpResponse:
    """Without its adapter nobody can say what a configuration would mean: none is shown, and none is kept."""
    context = {
        "gone": gone,
        "connection": connection,
        "list_url": here(request, "integrations:list"),
        "connection_url": parts.url(request, "connection", connection),
    }
    return render(request, "integrations/settings.html", context, status=422 if request.method == "POST" else 200)


def _said_after(changed: Connection, before: Connection) -> str:
    if changed.config == before.config:
        return _("Saved.")
    if before.state == ConnectionState.ON:
        return _("Saved. Its configuration is another now, so it pauses: test it, then switch it on again.")
    return _("Saved. Test it next.")


def _asked_of(ready: Preset) -> dict[str, Any]:
    asks = {name: _schema_of(ready.adapter, name) for name in ready.asks}
    return {"asks": asks, "secrets": _secrets_of(adapter_named(ready.adapter), ready.config, asks)}


def _secrets_of(adapter: Adapter, config: Mapping[str, Any], asks: Mapping[str, Any]) -> dict[str, Any]:
    """What it may sign in with, whichever way is chosen in a field of the form: all of it stands there, and what the
    chosen way does not need is not kept."""
    found = dict(adapter.secrets(config))
    for name, schema in asks.items():
        for choice in schema.get("enum", ()) if "." not in name else ():
            found |= adapter.secrets({**config, name: choice})
    return found


def _asks_of(connection: Connection) -> list[str]:
    """What its preset asked for; of one whose preset is gone, what the adapter cannot do without."""
    ready = PRESETS.get(connection.preset)
    return list(ready.asks) if ready else []


def _schema_of(adapter: str, name: str) -> dict[str, Any]:
    return dict(schema_at(adapter_named(adapter).schema, name))


def _row(request: TenantRequest, row: queries.ConnectionRow, compared: pair_queries.PairRow | None) -> dict[str, Any]:
    connection, says = row.connection, ""
    if connection.state == ConnectionState.STOPPED:
        says = wording.sentence(connection.stopped_because, {"adapter": connection.adapter})
    elif gone := parts.gone(connection):
        says = gone["says"]
    elif row.open_gaps:
        says = parts.gap_sentence(row.open_gaps[0])
    return {
        "name": connection.name,
        "url": parts.url(request, "connection", connection),
        "rhythm": rhythms.in_words(connection.schedule),
        "last_success_at": row.last_success_at,
        "covered_from": row.covered_from,
        "covered_until": row.covered_until,
        "records": row.records,
        "set_aside": row.set_aside,
        "says": says,
        "is_on": connection.state == ConnectionState.ON,
        "compared": reconciliation.pair_row(request, compared, of=compared.worst) if compared else None,
        "is_held": compared is not None and compared.holds > 0,
        "waits": connection.state == ConnectionState.STOPPED or bool(parts.gone(connection)),
        "standing": parts.standing(connection, len(row.open_gaps), is_running=row.is_running),
    }


def _lede(found: list[queries.ConnectionRow], *, held: int) -> str:
    """`3 systems deliver, 1 of them has gaps, 1 has stopped and needs you.` `held`: pairs with a figure held."""
    if not found:
        return ""
    live = [row for row in found if row.connection.state == ConnectionState.ON]
    gaps = sum(bool(row.open_gaps) for row in live)
    stopped = sum(row.connection.state == ConnectionState.STOPPED for row in found)
    said = [ngettext("%(number)d system delivers", "%(number)d systems deliver", len(live)) % {"number": len(live)}]
    if gaps:
        said.append(ngettext("%(number)d of them has gaps", "%(number)d of them have gaps", gaps) % {"number": gaps})
    if stopped:
        words = ngettext("%(number)d has stopped and needs you", "%(number)d have stopped and need you", stopped)
        said.append(words % {"number": stopped})
    if held:
        words = ngettext(
            "%(number)d comparison does not agree, and nobody is scored by its figures",
            "%(number)d comparisons do not agree, and nobody is scored by their figures",
            held,
        )
        said.append(words % {"number": held})
    return _("%(parts)s.") % {"parts": pgettext("between clauses", ", ").join(said)}
