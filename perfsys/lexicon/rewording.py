"""A vague text with a sentence of the dictionary in it, in place of what says nothing. Pure."""

import re

from .vagueness import Expressions, Vague, find_vague, plain_text, tells_something

_HAN = re.compile("[\u4e00-\u9fff]")
_CLAUSE_ENDS = re.compile(r"([，。；！？,;!?\n]+|\.(?=\s|$))")


def reworded(text: str, why: Vague, instead: str, *, known: Expressions | None = None) -> str:
    """`text` with `instead` in place of the clauses that are to blame: those that hold one of the expressions and tell
    nothing else, or, where none is known, those without a trace of something seen. What the writer saw stays; where
    every clause tells a little, `instead` is added."""
    parts = [*_CLAUSE_ENDS.split(text), ""]  # clause, its mark, clause, its mark
    sentence, said, is_placed = instead.strip().rstrip("。."), [], False
    for clause, mark in zip(parts[::2], parts[1::2], strict=True):
        if not _is_to_blame(clause, why, known):
            said.append(clause + mark)
        elif not is_placed:
            before = clause[: len(clause) - len(clause.lstrip())]
            said.append(before + sentence + (_full_stop(sentence) if not mark or _ends(mark) else mark))
            is_placed = True
    if not is_placed:
        whole = text.strip()
        blank = "" if _HAN.search(sentence) else " "
        return f"{whole}{'' if _ends(whole) else _full_stop(whole)}{blank}{sentence}{_full_stop(sentence)}"
    found = "".join(said).strip()
    return re.sub(r"[，；,;]$", _full_stop(sentence), found)


def clause_with(text: str, words: str) -> str:
    """The clause in which a vague expression stands, as it was typed."""
    clauses = _CLAUSE_ENDS.split(text)[::2]
    return next((clause.strip() for clause in clauses if words in plain_text(clause)), words)


def _is_to_blame(clause: str, why: Vague, known: Expressions | None) -> bool:
    plain = plain_text(clause)
    if not why.expressions:
        return bool(plain) and not tells_something(plain)
    return any(words in plain for words in why.expressions) and find_vague(clause, known=known) is not None


def _ends(text: str) -> bool:
    return bool(re.search(r"[。！？.!?…]$", text))


def _full_stop(text: str) -> str:
    return "。" if _HAN.search(text) else "."
