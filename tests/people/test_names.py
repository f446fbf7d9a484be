"""People are found by what is typed, and sign in with the number they know."""

import pytest

from perfsys.people.names import email_key, name_key, phone_key, search_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("万琪欣", "wan qi xin"),
        ("单雄信", "shan xiong xin"),  # not "dan": it is a surname
        ("欧阳修", "ou yang xiu"),
        ("尉迟恭", "yu chi gong"),
        ("Anna Bell", "anna bell"),
        ("买买提·艾力", "mai mai ti ai li"),
        ("张Ｐｅｔｅｒ", "zhang peter"),
    ],
)
def test_a_name_sorts_by_its_pinyin(name: str, key: str) -> None:
    assert name_key(name) == key


def test_a_name_is_found_by_pinyin_and_by_initials() -> None:
    assert search_key("万琪欣") == "wanqixin wqx"
    assert search_key("曾国藩") == "zengguofan zgf"


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("13300001080", "+8613300001080"),
        (" 133 0000 1080 ", "+8613300001080"),
        ("+86 133-0000-1080", "+8613300001080"),
        ("008613300001080", "+8613300001080"),
        ("8613300001080", "+8613300001080"),
        ("１３３００００１０８０", "+8613300001080"),
        ("+49 170 1234567", "+491701234567"),
        ("0049 170 1234567", "+491701234567"),
        ("12300001080", None),
        ("+86 12300001080", None),
        ("ada@acme.example", None),
        ("", None),
    ],
)
def test_a_phone_number_is_one_number_however_it_is_typed(typed: str, key: str | None) -> None:
    assert phone_key(typed) == key


def test_an_address_is_compared_without_case_or_blanks() -> None:
    assert email_key("  Ada@Acme.Example ") == "ada@acme.example"
