"""What `open_to` and `public` promise about a view."""

import logging
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.template.backends.django import DjangoTemplates
from django.template.response import TemplateResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import View

from perfsys.tenancy import checks
from perfsys.tenancy.routes import every_route, open_to, public
from perfsys.tenancy.scope import use_tenant
from tests.conftest import assert_page_queries, page_queries
from tests.probe.models import Note


@open_to("employee")
def answers(request):
    """Writes, then says what it was asked to say."""
    Note.objects.update(title="written")
    return HttpResponse(status=int(request.GET.get("status", "200")))


@open_to("employee")
def fails(request):
    Note.objects.update(title="written")
    raise RuntimeError("after the write")


@open_to("employee")
def lazy(request):
    plain = DjangoTemplates({"NAME": "plain", "DIRS": [], "APP_DIRS": False, "OPTIONS": {}})  # no navigation around it
    template = plain.from_string("{% for note in notes %}{{ note.title }}{% endfor %}")
    return TemplateResponse(request, template, {"notes": Note.objects.order_by("id")})


@open_to("employee")
def sends_file(request):
    return FileResponse(Path(__file__).open("rb"), as_attachment=True, filename="报表.txt")


@open_to("employee")
def streams(request):
    return StreamingHttpResponse(iter(["a"]))


@open_to("employee")
def forms(request):
    return HttpResponse(request.method)


@open_to("admin")
def administers(request):
    pytest.fail("the role is checked before the view")


@open_to("employee")
def wakes(request):
    transaction.on_commit(lambda: woken.append(connection.in_atomic_block))
    return HttpResponse(status=int(request.GET.get("status", "200")))


woken: list[bool] = []


class Listing(View):
    def get(self, request):
        return HttpResponse("a class")


urlpatterns = [
    path("t/<slug:tenant>/answers/", answers),
    path("t/<slug:tenant>/fails/", fails),
    path("t/<slug:tenant>/lazy/", lazy),
    path("t/<slug:tenant>/file/", sends_file),
    path("t/<slug:tenant>/streams/", streams),
    path("t/<slug:tenant>/post-outside/", require_POST(forms)),
    path("t/<slug:tenant>/post-inside/", open_to("employee")(require_POST(lambda request: HttpResponse()))),
    path("t/<slug:tenant>/get/", require_GET(forms)),
    path("t/<slug:tenant>/administers/", administers),
    path("t/<slug:tenant>/wakes/", wakes),
    path("t/<slug:tenant>/class/", open_to("employee")(Listing.as_view())),
    path("sign-in/", public(answers), name="account_login"),
    path("bare/", lambda request: HttpResponse(), name="bare"),
    path("class/", Listing.as_view()),
]


pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def title_of_ada() -> str:
    with use_tenant(1):
        return Note.objects.get().title


# --- who comes in ---------------------------------------------------------------------------------------------------


def test_a_stranger_and_a_missing_company_look_alike(ada, otto):
    assert otto.client.get("/t/acme/answers/").status_code == 404
    assert ada.client.get("/t/nowhere/answers/").status_code == 404
    assert title_of_ada() == "note of ada"


def test_a_member_without_the_role_is_forbidden_and_nothing_is_asked_after_that(ada):
    client = ada.client  # signed in
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/t/acme/administers/").status_code == 403
    after = [query["sql"] for query in asked][2:]  # session, account
    assert [sql.split("(")[0].split(" ")[0] for sql in after] == ["SAVEPOINT", "SELECT", "ROLLBACK", "RELEASE"]
    assert "app.open_scope" in after[1]


@pytest.mark.parametrize("switch", ["seat", "account"])
def test_who_lost_his_seat_finds_nothing(switch, ada):
    assert ada.client.get("/t/acme/answers/").status_code == 200
    with use_tenant(1):
        ada.membership.is_active = False
        ada.membership.save()
    assert ada.client.get("/t/acme/answers/").status_code == 404


@pytest.mark.parametrize("slug", ["acme", "nowhere"])
def test_a_visitor_is_sent_to_sign_in_whether_or_not_the_company_exists(slug, client, db):
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(f"/t/{slug}/answers/?status=200")
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?next=/t/{slug}/answers/%3Fstatus%3D200")
    assert len(asked) == 0


def test_a_visitor_who_sent_a_form_does_not_come_back_to_the_forms_address(client):
    assert client.post("/t/acme/answers/")["Location"].endswith("?next=/")


def test_a_fragment_sends_the_whole_page_to_sign_in(client):
    answer = client.get(
        "/t/acme/answers/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/t/acme/goals/"}
    )
    assert answer.status_code == 200 and not answer.content
    assert answer["HX-Redirect"].endswith("?next=http%3A//testserver/t/acme/goals/")


@pytest.mark.parametrize("place", ["outside", "inside"])
def test_the_order_of_decorators_opens_no_door(place, ada, otto, client):
    page = f"/t/acme/post-{place}/"
    assert ada.client.get(page).status_code == 405
    assert ada.client.post(page).status_code == 200
    assert otto.client.post(page).status_code == 404
    assert client.post(page).status_code == 302
    assert Client(enforce_csrf_checks=True).post(page).status_code == 403


def test_a_class_can_be_opened_too(ada, otto):
    assert ada.client.get("/t/acme/class/").content == b"a class"
    assert ada.client.post("/t/acme/class/").status_code == 405
    assert otto.client.get("/t/acme/class/").status_code == 404


# --- what stays written ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("status", "title"),
    [(200, "written"), (302, "written"), (400, "note of ada"), (409, "note of ada"), (500, "note of ada")],
)
def test_an_answer_that_says_no_leaves_nothing_behind(status, title, ada):
    assert ada.client.get(f"/t/acme/answers/?status={status}").status_code == status
    assert title_of_ada() == title


@pytest.mark.django_db(transaction=True)
def test_an_exception_leaves_nothing_behind(ada):
    with pytest.raises(RuntimeError):
        ada.client.get("/t/acme/fails/")
    assert title_of_ada() == "note of ada"
    ada.client.raise_request_exception = False
    assert ada.client.get("/t/acme/fails/").status_code == 500
    assert title_of_ada() == "note of ada"


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_the_commit_runs_after_it_and_never_after_a_refusal(ada):
    woken.clear()
    ada.client.get("/t/acme/wakes/")
    assert woken == [False]
    ada.client.get("/t/acme/wakes/?status=409")
    assert woken == [False]


def test_a_page_is_rendered_inside_its_scope(ada):
    assert "note of ada" in ada.client.get("/t/acme/lazy/").content.decode()


def test_files_may_be_sent_and_streams_may_not(ada):
    answer = ada.client.get("/t/acme/file/")
    assert b"".join(answer.streaming_content) == Path(__file__).read_bytes()
    with pytest.raises(TypeError, match="stream files, not querysets"):
        ada.client.get("/t/acme/streams/")


# --- deny by default ------------------------------------------------------------------------------------------------


def test_a_route_without_a_rule_fails_and_is_named(client):
    with pytest.raises(ImproperlyConfigured, match=r"tests\.walls\.test_routes.*lambda.*\(bare\)"):
        client.get("/bare/")
    with pytest.raises(ImproperlyConfigured, match=r"tests\.walls\.test_routes\.Listing"):
        client.get("/class/")


def test_the_check_names_such_routes_before_anybody_asks():
    found = {fault.id: fault.msg for fault in checks.check_routes(None)}
    assert set(found) == {"tenancy.E020", "tenancy.W022"}  # the second: no sign-in page in these URLs


@override_settings(PUBLIC_VIEWS={"bare", "gone"})
def test_our_own_views_cannot_be_let_through_by_name(client):
    found = {(fault.id, fault.msg.split(" ")[0]) for fault in checks.check_routes(None)}
    assert ("tenancy.E021", "tests.walls.test_routes.<lambda>") in found
    assert ("tenancy.W022", "PUBLIC_VIEWS") in found
    assert ("tenancy.E020", "tests.walls.test_routes.Listing") in found


def urlconf(*patterns):
    return type("Urls", (), {"urlpatterns": patterns})


def test_a_tenants_page_needs_a_tenant_in_its_address(settings):
    settings.ROOT_URLCONF = urlconf(path("answers/", answers))
    assert "tenancy.E023" in {fault.id for fault in checks.check_routes(None)}


def test_every_route_is_found_through_included_ones(settings):
    inner = ([path("<int:number>/", answers, name="inner")], "app")
    settings.ROOT_URLCONF = urlconf(path("t/<slug:tenant>/", include(inner, namespace="space")))
    (route,) = every_route()
    assert (route.name, route.pattern) == ("space:inner", "t/<slug:tenant>/<int:number>/")
    assert list(route.converters) == ["tenant", "number"]
    assert route.rule == {"employee"}


def test_async_views_are_refused_where_they_are_written():
    async def late(request):
        return HttpResponse()

    for decorator in (open_to("employee"), public):
        with pytest.raises(ImproperlyConfigured, match="late is async"):
            decorator(late)


# --- what it costs --------------------------------------------------------------------------------------------------


@pytest.mark.urls("tests.urls")
def test_the_scope_costs_one_query(ada):
    assert_page_queries(ada.client, "/probe/", 2)  # session, account
    assert_page_queries(ada.client, "/t/acme/probe/", 3)  # and app.open_scope


@pytest.mark.urls("tests.urls")
def test_a_list_asks_the_same_number_of_queries_at_any_size(ada):
    counts = []
    for more in (3, 27):
        with ada.scope:
            for _ in range(more):
                Note.objects.create(title="more", owner=ada.membership).helpers.add(ada.membership)
        counts.append(page_queries(ada.client, "/t/acme/notes/"))
    assert len(counts[0]) == len(counts[1])


@pytest.mark.urls("tests.urls")
def test_renaming_writes_the_row_and_its_history(ada):
    url = f"/t/acme/notes/{ada.note.public_id}/rename/"
    assert ada.client.post(url, {"title": "clearer"}).status_code == 302
    assert ada.client.post(url, {"title": ""}).status_code == 400
    assert ada.client.get(url).status_code == 405
    with ada.scope:
        titles = ada.note.events.order_by("pgh_id").values_list("title", flat=True)
        assert list(titles) == ["note of ada", "clearer"]


def test_denials_are_logged_outside_the_transaction_that_rolls_back(ada, caplog):
    with caplog.at_level(logging.WARNING, "django.request"):
        ada.client.get("/t/acme/administers/")
    assert "Forbidden" in caplog.text and "/t/acme/administers/" in caplog.text
