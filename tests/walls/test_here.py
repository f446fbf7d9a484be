from uuid import uuid4

import pytest
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.urls import NoReverseMatch, path
from django.urls.base import set_script_prefix

from perfsys.tenancy.routes import here, public
from perfsys.tenancy.scope import NoTenantScope


class Pages:
    urlpatterns = [
        path("t/<slug:tenant>/notes/<int:number>/", public(lambda request: None), name="note"),
        path("t/<slug:tenant>/notes/", public(lambda request: None), name="notes"),
        path("t/<slug:tenant>/notes/<uuid:public_id>/lines/", public(lambda request: None), name="lines"),
        path("t/<slug:tenant>/notes/<uuid:public_id>/<int:number>/", public(lambda request: None), name="line"),
    ]


class Others:
    urlpatterns = [path("of/<slug:tenant>/", public(lambda request: None), name="notes")]


@pytest.fixture
def request_of_ada(ada):
    request = RequestFactory().get("/")
    request.seat = ada.seat
    with override_settings(ROOT_URLCONF=Pages):
        yield request


def test_an_address_within_the_tenant_needs_no_tenant_named(request_of_ada):
    assert here(request_of_ada, "note", 3) == here(request_of_ada, "note", number=3) == "/t/acme/notes/3/"
    page = Template("{% load tenancy %}{% here 'note' 3 as url %}{{ url }} {% here 'note' number=4 %}")
    assert page.render(Context({"request": request_of_ada})) == "/t/acme/notes/3/ /t/acme/notes/4/"


def test_a_page_of_an_id_has_the_address_of_that_id(request_of_ada, otto):
    for public_id in (uuid4(), uuid4()):
        by_name, by_place = here(request_of_ada, "lines", public_id=public_id), here(request_of_ada, "lines", public_id)
        assert by_name == by_place == f"/t/acme/notes/{public_id}/lines/"
        assert here(request_of_ada, "lines", str(public_id)) == by_name
        assert here(request_of_ada, "line", public_id, 3) == f"/t/acme/notes/{public_id}/3/"
    of_otto = RequestFactory().get("/")
    of_otto.seat = otto.seat
    assert here(of_otto, "lines", public_id=public_id) == f"/t/globex/notes/{public_id}/lines/"
    for name in ("note", "nowhere"):
        with pytest.raises(NoReverseMatch):
            here(request_of_ada, name, public_id)


def test_an_address_that_is_kept_is_that_of_the_tenant_the_table_and_the_folder(request_of_ada, otto):
    of_otto = RequestFactory().get("/")
    of_otto.seat = otto.seat
    assert [here(one, "notes") for one in (request_of_ada, of_otto) * 2] == ["/t/acme/notes/", "/t/globex/notes/"] * 2
    with override_settings(ROOT_URLCONF=Others):
        assert here(request_of_ada, "notes") == "/of/acme/"
    set_script_prefix("/hr/")
    try:
        assert here(request_of_ada, "notes") == "/hr/t/acme/notes/"
    finally:
        set_script_prefix("/")


@override_settings(ROOT_URLCONF=Pages)
def test_a_page_in_no_tenant_has_no_such_address(rf):
    with pytest.raises(NoTenantScope):
        here(rf.get("/"), "note", 3)
