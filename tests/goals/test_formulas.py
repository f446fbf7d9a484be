"""Formulas of computed fields: exact, and nothing but arithmetic (product.md §2.12)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.arithmetic import LARGEST, UnreadableFormula, names_in, read, work_out

NAMES = ("单价", "订单 数量", "a")
numbers = st.decimals(min_value=-9999, max_value=9999, places=2, allow_nan=False)
leaves = st.one_of(
    st.sampled_from(NAMES).map(lambda name: (f"[{name}]", name)),
    st.integers(0, 999).map(lambda number: (str(number), number)),
)


def joined(parts):
    sign, left, right = parts
    return f"({left[0]} {sign} {right[0]})", (sign, left[1], right[1])


trees = st.recursive(leaves, lambda inner: st.tuples(st.sampled_from("+-*/"), inner, inner).map(joined), max_leaves=8)


def meant(tree, values):
    """By fractions, the long way; None where something is divided by nothing."""
    if isinstance(tree, int):
        return Fraction(tree)
    if isinstance(tree, str):
        return Fraction(values[tree])
    sign, left, right = tree[0], meant(tree[1], values), meant(tree[2], values)
    if left is None or right is None or (sign == "/" and right == 0):
        return None
    return {"+": left + right, "-": left - right, "*": left * right}[sign] if sign != "/" else left / right


@given(trees, st.fixed_dictionaries(dict.fromkeys(NAMES, numbers)))
def test_it_comes_to_what_the_long_way_comes_to(written, values):
    text, tree = written
    wanted, found = meant(tree, values), work_out(read(text), values)
    if wanted is None or abs(wanted) >= LARGEST:
        assert found is None
    elif found is not None:  # a quotient by next to nothing, of rounding, is none
        assert abs(Fraction(found) - wanted) <= Fraction(1, 10**6)
    else:
        assert "/" in text


@given(st.text(alphabet="ab单价12.+-*/()[] ＋（×", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        node = read(text)
    except UnreadableFormula:
        return
    found = work_out(node, dict.fromkeys(names_in(node), Decimal(2)))
    assert found is None or found.is_finite()


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("10 - 2 - 3", "5"),
        ("20 / 4 / 5", "1"),
        ("-[单价] + 5", "3"),
        ("单价 × （订单数 － 1）÷ 2", "9"),
        ("单价*订单数", "20"),
    ],
)
def test_it_binds_as_at_school(formula, value):
    assert work_out(read(formula), {"单价": Decimal(2), "订单数": Decimal(10)}) == Decimal(value)


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "1 +",
        "(1",
        "1)",
        "1 2",
        "a b",
        "()",
        "[]",
        "2 ** 3",
        "a..b + (",
        "__import__('os')",
        "(" * 60,
        "1+" * 90 + "1",
    ],
)
def test_what_is_no_arithmetic_is_refused(formula):
    with pytest.raises(UnreadableFormula):
        read(formula)


def test_a_name_is_only_a_name():
    assert names_in(read("os.system * a.b")) == {"os.system", "a.b"}


def test_a_missing_number_gives_none():
    assert work_out(read("a + b"), {"a": Decimal(1), "b": None}) is None
    assert work_out(read("a / b"), {"a": Decimal(1), "b": Decimal(0)}) is None
    assert work_out(read("a * a * a"), {"a": Decimal(10) ** 6}) is None
