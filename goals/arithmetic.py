"""Arithmetic of computed fields (product.md §2.12): + - * / and parentheses over named numbers, nothing else.

`[单价] * 数量 / 100`: a name stands in brackets, or bare where it holds no blank and no sign. The signs of a Chinese
keyboard mean the same. A formula is read once and worked out exactly; there is nothing in it that could be run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext

MOST_CHARACTERS = 200
MOST_PARTS = 80
PLACES = Decimal("0.000001")
LARGEST = Decimal(10) ** 14  # what a column of a goal holds
PLAIN = str.maketrans("＋－−×＊÷／（）［］【】", "+--**//()[][]")
PART = re.compile(r"\s*(?:(?P<sign>[-+*/()])|\[(?P<quoted>[^\[\]]+)\]|(?P<bare>[^-+*/()\[\]\s]+))")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


class UnreadableFormula(ValueError):
    """`at` is the part where it stops making sense; empty where something is missing at the end."""

    def __init__(self, at: str = "") -> None:
        super().__init__(at)
        self.at = at


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """`left` is None for a sign in front."""

    sign: str
    left: Node | None
    right: Node


Node = Decimal | Name | Operation


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    node: Decimal | Name | None = None  # None for a sign


def read(formula: str) -> Node:
    """Raises UnreadableFormula. Long formulas are refused, so that reading one never goes deep."""
    parts = _parts(formula)
    node, rest = _sum(parts, 0)
    if rest < len(parts):
        raise UnreadableFormula(parts[rest].text)
    return node


def names_in(node: Node) -> set[str]:
    if isinstance(node, Name):
        return {node.name}
    if isinstance(node, Decimal):
        return set()
    return names_in(node.right) | (names_in(node.left) if node.left is not None else set())


def work_out(node: Node, values: Mapping[str, Decimal | None]) -> Decimal | None:
    """To six places. None where a number is missing, something is divided by nothing, or the result is too large."""
    with localcontext(Context(prec=40, traps=[DivisionByZero, InvalidOperation, Overflow])):
        try:
            found = _work_out(node, values)
            return None if found is None or abs(found) >= LARGEST else found.quantize(PLACES)
        except (DivisionByZero, InvalidOperation, Overflow):
            return None


def _work_out(node: Node, values: Mapping[str, Decimal | None]) -> Decimal | None:
    if isinstance(node, Decimal):
        return node
    if isinstance(node, Name):
        return values.get(node.name)
    left = Decimal(0) if node.left is None else _work_out(node.left, values)
    right = _work_out(node.right, values)
    if left is None or right is None:
        return None
    match node.sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / right


def _parts(formula: str) -> list[_Part]:
    text = formula.translate(PLAIN).strip()
    if len(text) > MOST_CHARACTERS:
        raise UnreadableFormula(text[:20])
    found: list[_Part] = []
    at = 0
    while at < len(text):
        part = PART.match(text, at)
        if part is None or len(found) == MOST_PARTS:
            raise UnreadableFormula(text[at : at + 20].strip())
        at = part.end()
        if sign := part["sign"]:
            found.append(_Part(sign))
        elif (bare := part["bare"]) and NUMBER.fullmatch(bare):
            found.append(_Part(bare, Decimal(bare)))
        else:
            name = " ".join((part["quoted"] or part["bare"] or "").split())
            if not name:
                raise UnreadableFormula("[]")
            found.append(_Part(name, Name(name)))
    return found


def _sum(parts: list[_Part], at: int) -> tuple[Node, int]:
    node, at = _product(parts, at)
    while at < len(parts) and parts[at].text in ("+", "-") and parts[at].node is None:
        sign = parts[at].text
        right, at = _product(parts, at + 1)
        node = Operation(sign, node, right)
    return node, at


def _product(parts: list[_Part], at: int) -> tuple[Node, int]:
    node, at = _single(parts, at)
    while at < len(parts) and parts[at].text in ("*", "/") and parts[at].node is None:
        sign = parts[at].text
        right, at = _single(parts, at + 1)
        node = Operation(sign, node, right)
    return node, at


def _single(parts: list[_Part], at: int) -> tuple[Node, int]:
    if at >= len(parts):
        raise UnreadableFormula
    part = parts[at]
    if part.node is not None:
        return part.node, at + 1
    if part.text in ("+", "-"):
        node, at = _single(parts, at + 1)
        return Operation(part.text, None, node), at
    if part.text != "(":
        raise UnreadableFormula(part.text)
    node, at = _sum(parts, at + 1)
    if at >= len(parts) or parts[at].text != ")" or parts[at].node is not None:
        raise UnreadableFormula(parts[at].text if at < len(parts) else "")
    return node, at + 1
