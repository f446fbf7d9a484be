"""When a figure about a group may be shown (security.md §2, rule 1; product.md, house rules). Pure; knows no database.

A mean tells about one person as soon as the reader knows enough of the others. Everybody knows the own value, so what
counts is the *others*: at least `least` of them. And where a figure of the whole is known too, or can be put together
from other cuts, taking the shown groups away leaves the rest: so the rest is nobody, or as many. That holds for each
group alone and for all of them together: three groups of which two are shown give away the third.

Two things these functions cannot see and their callers keep. A figure is published once for a group and a period and
kept as published: computed anew after somebody joined or left, the difference would be that person's value. And who
belongs to a group is fixed with it, for the same reason.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
FEW = 2  # of one or two it is soon known who they are


def may_show(members: int, *, whole: int, least: int, reader_is_member: bool) -> bool:
    """Whether a figure about `members` of `whole` may be shown to somebody."""
    others, rest = members - reader_is_member, whole - members
    return others > 0 and others >= least and (rest == 0 or rest >= least)


def groups_to_show(sizes: Mapping[K, int], *, whole: int, least: int, readers_inside: bool = True) -> frozenset[K]:
    """Which of several groups without common members may be shown side by side, out of `whole` people.

    `readers_inside`: the members themselves read them, so each needs `least` others, and so does who is left over. If
    those who are in no shown group are too few, the smallest shown one keeps them company.
    """
    enough = least + readers_inside
    shown = [key for key, members in sizes.items() if members > 0 and members >= enough]
    rest = whole - sum(sizes[key] for key in shown)
    if shown and 0 < rest < enough:
        shown.remove(min(shown, key=lambda key: sizes[key]))
    return frozenset(shown)


@dataclass(frozen=True)
class Count:
    """How many of `whole`: exactly `low`, or somewhere from `low` to `high`."""

    low: int
    high: int
    whole: int

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


def blurred(part: int, whole: int) -> Count:
    """A count that names nobody: none, one or two are "at most two", and so are those who are missing to all."""
    if part <= FEW:
        return Count(0, min(FEW, whole), whole)
    if whole - part <= FEW:
        return Count(max(0, whole - FEW), whole, whole)
    return Count(part, part, whole)
