"""Who a subject of another system probably is: by number, by address, by name and unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.subjects import EMAIL, NAME, NUMBER, Known, Named, Suggestion, people_suggested, units_suggested

ADA = Known(1, "艾达", "D1021", "ada@acme.example", ["制造中心/一车间"])
BOB = Known(2, "王五", "D1022", "bob@acme.example", ["制造中心/二车间"])
OTHER_BOB = Known(3, "王五", "D1023", "", ["销售中心"])
PEOPLE = [ADA, BOB, OTHER_BOB]


def who(value, **said):
    return people_suggested([Named(7, value, **said)], PEOPLE).get(7)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (who("Ｄ１021 "), Suggestion(1, NUMBER, is_sure=True)),
        (who("d1021", name="艾 达"), Suggestion(1, NUMBER, is_sure=True)),
        (who("D1021", name="艾琳"), Suggestion(1, NUMBER, is_sure=False)),
        (who("D1021", email="bob@acme.example"), Suggestion(1, NUMBER, is_sure=False)),
        (who("ADA@acme.example"), Suggestion(1, EMAIL, is_sure=True)),
        (who("u-17", email="Bob@Acme.example"), Suggestion(2, EMAIL, is_sure=True)),
        (who("u-17", name="王五", unit="二车间"), Suggestion(2, NAME, is_sure=False)),
        (who("u-17", name="王五", unit="销售中心"), Suggestion(3, NAME, is_sure=False)),
        (who("u-17", name="王五"), None),
        (who("u-17", name="王五", unit="采购部"), None),
        (who("D9999"), None),
    ],
)
def test_a_person_is_suggested_by_what_tells_most(found, expected):
    assert found == expected


@given(st.lists(st.builds(Known, st.integers(1, 5), st.just("王五"), st.sampled_from(["A1", "a1", "B2"])), max_size=6))
def test_of_two_who_come_into_question_nobody_is_suggested(people):
    distinct = {one.key: one for one in people}.values()
    meant = [one for one in distinct if one.number.upper() == "A1"]
    found = people_suggested([Named(7, "A1")], distinct)
    assert found == ({7: Suggestion(meant[0].key, NUMBER, True)} if len(meant) == 1 else {})


def test_a_unit_is_suggested_by_its_path_or_by_a_name_only_it_has():
    units = [Known(1, "一车间", paths=["制造中心/一车间"]), Known(2, "一车间", paths=["分厂/一车间"]),
             Known(3, "浙东", paths=["销售中心/浙东"])]  # fmt: skip
    subjects = [Named(7, "浙东"), Named(8, "分厂/一车间"), Named(9, "一车间"), Named(10, "Z", name="浙 东")]
    found = units_suggested(subjects, units)
    assert {key: one.known for key, one in found.items()} == {7: 3, 8: 2, 10: 3}
