from datetime import timedelta

import pytest

from perfsys.audit.actions import record
from perfsys.audit.models import AuditEntry
from perfsys.audit.queries import PER_PAGE, _which
from perfsys.tenancy.models import Tenant
from tests.audit.conftest import ADA, MARTA, NOW
from tests.conftest import assert_page_queries

PAGE = "/t/acme/admin/audit/"


def write(person, renamed, count=1, **what):
    with person.scope:
        company = Tenant.objects.get()
        for _ in range(count):
            record(renamed, **{"subject": company, "about": ADA, "actor": MARTA, "at": NOW, **what})


def rows(page):
    return page.content.decode().count('<th scope="row"')


def test_it_says_who_did_what_in_the_tenants_own_time(anna, renamed):
    write(anna, renamed, actor=None)
    text = anna.client.get(f"{PAGE}?verb=tests.renamed").content.decode()
    assert "renamed" in text and "Ada" in text
    assert "2026-03-02 17:00" in text  # 09:00 UTC


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("verb=tests.renamed", 3),
        ("verb=tests.renamed&person=mar", 2),
        ("verb=tests.renamed&person=ADA", 3),
        ("verb=tests.renamed&person=nobody", 0),
        ("verb=tests.renamed&since=2026-03-03", 1),
        ("verb=tests.renamed&until=2026-03-02", 2),
        ("verb=tests.renamed&since=2026-03-02&until=2026-03-02", 2),
        ("verb=tests.renamed&since=2026-03-32", 3),
    ],
)
def test_it_is_filtered_by_verb_person_and_the_tenants_days(anna, renamed, query, found):
    write(anna, renamed)
    write(anna, renamed, at=NOW + timedelta(hours=6, minutes=59))  # 23:59 in Shanghai
    write(anna, renamed, at=NOW + timedelta(hours=7), actor=ADA)  # the next day there
    assert rows(anna.client.get(f"{PAGE}?{query}")) == found


def test_a_long_record_is_read_page_by_page_without_a_gap(anna, renamed):
    write(anna, renamed, count=PER_PAGE + 1)
    first = anna.client.get(f"{PAGE}?verb=tests.renamed")
    assert rows(first) == PER_PAGE
    with anna.scope:
        last_shown = AuditEntry.objects.filter(verb=renamed).order_by("pk")[1].pk
    assert f"before={last_shown}" in first.content.decode()
    second = anna.client.get(f"{PAGE}?verb=tests.renamed&before={last_shown}")
    assert rows(second) == 1
    assert 'rel="next"' not in second.content.decode()


def test_the_page_asks_the_same_number_of_queries_for_1_and_100(anna, renamed):
    # 1 session, 1 account, 1 scope, 1 entries, 1 person, 1 inbox and 1 gaps count of the shell
    write(anna, renamed)
    assert_page_queries(anna.client, PAGE, 7)
    write(anna, renamed, count=100)
    assert_page_queries(anna.client, PAGE, 7)


def test_an_employee_may_not_and_a_stranger_reads_only_the_own(ada, anna, otto, renamed):
    write(anna, renamed)
    assert ada.client.get(PAGE).status_code == 403
    assert otto.client.get(PAGE).status_code == 404
    assert rows(otto.client.get("/t/globex/admin/audit/?verb=tests.renamed")) in {0}


def test_what_is_withheld_is_shown_to_nobody_whatever_is_asked_for(anna, renamed, monkeypatch):
    monkeypatch.setattr("perfsys.audit.queries.WITHHELD", {"tests.private"})
    monkeypatch.setattr("perfsys.audit.queries.WITHHELD_SUBJECTS", {("tests.thing", "tests.private to ")})
    about = {"subject_id": 1, "at": NOW, "actor_id": 2, "actor_name": "Marta"}
    with anna.scope:
        for verb, subject, label in (
            ("tests.private", "tests.thing", "1"),
            (renamed, "tests.thing", "tests.private to 5"),
            (renamed, "tests.other", "tests.private to 5"),
        ):
            AuditEntry.objects.create(verb=verb, subject_type=subject, subject_label=label, **about)
    for query in ("", "?verb=tests.private", "?person=Marta", "?since=2026-03-02&until=2026-03-02"):
        page = anna.client.get(f"{PAGE}{query}")
        assert page.content.decode().count("Marta</td>") + page.content.decode().count("Marta\n") == 1, query


def test_a_thing_without_a_name_reads_by_what_it_is_and_its_days(monkeypatch):
    monkeypatch.setattr("perfsys.audit.queries.THINGS", {"a.talk": "A talk", "a.role": lambda label: label.split()[0]})
    labels = {
        "talk of 58 with 56 at 2026-12-01": ("a.talk", "A talk 2026-12-01"),
        "admin for seat 1 from 2026-11": ("a.role", "admin"),
        "G-12 Less scrap by 3": ("a.goal", "G-12 Less scrap by 3"),
    }
    for label, (subject_type, said) in labels.items():
        assert _which(AuditEntry(subject_type=subject_type, subject_label=label)) == said


def test_about_whom_something_between_two_was_is_neither_shown_nor_found(anna, renamed, monkeypatch):
    monkeypatch.setattr("perfsys.audit.queries.BETWEEN_TWO", {renamed})
    write(anna, renamed)
    assert rows(anna.client.get(f"{PAGE}?verb=tests.renamed&person=Ada")) == 0
    page = anna.client.get(f"{PAGE}?verb=tests.renamed&person=Marta")
    assert rows(page) == 1 and "Ada" not in page.content.decode().replace('value="Ada"', "")
