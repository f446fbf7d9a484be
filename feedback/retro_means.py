"""What a team's week was on average, as far as it may be told (product.md §6.1; security.md §2, rule 1). Pure; knows no
database.

How many there must be `perfsys.people.groups` says. But a mean of many tells about each of them as well where it leaves
no room: a mean of nothing says of everybody that he did nothing, and so it is read by whoever did all that was done.
Everybody knows the own value and how many goals the others have; of no other person may one learn more than that. So:

- counts (goals moved, check-ins) are not told where one person could have done all of it, or left undone all that was,
  and check-ins only beside goals moved;
- shares are told in tens of percent, since thirds or quarters would name the one who has three goals or four, and only
  down to, and up to, what two people can make of them;
- shares change slowly, so beside last week's mean the one of a team with somebody more or less would be that person's:
  a team whose members differ by a few from those of a mean that was told has none (`may_be_cut`).
"""

from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TypeVar

from perfsys.people.groups import FEW, blurred, groups_to_show

K = TypeVar("K", bound=Hashable)
TENS = Decimal(10)
HUNDRED = Decimal(100)


def of_parts(done: int, possible: int, largest: int, members: int) -> Decimal | None:
    """The mean of what each did of so much; `largest` is the most that one of them could do. None where it would tell
    too much, which follows from what everybody knows: else that it is not told would tell as well."""
    return _hundredths(done, members) if largest < done < possible - largest else None


def of_check_ins(total: int, largest: int, members: int, *, moved: Decimal | None) -> Decimal | None:
    """The same of numbers that have no end; `largest` is the largest of them.

    A check-in moves its goal. Beside a mean of goals moved that is not told, since hardly any or nearly all moved, it
    would tell which of the two it was.
    """
    return _hundredths(total, members) if moved is not None and total - largest > FEW else None


def of_shares(mean: Decimal, members: int) -> Decimal | None:
    """In tens of percent, between the least and the most that is told of so many; None where that leaves nothing."""
    least, most = least_told(members), most_told(members)
    if least >= most:
        return None
    tens = (mean / TENS).quantize(Decimal(1), ROUND_HALF_UP) * TENS
    return most if mean >= most else least if mean <= least else min(max(tens, least), most)


def least_told(members: int) -> Decimal:
    """Percent: this, or less."""
    return (FEW * HUNDRED / members / TENS).quantize(Decimal(1), ROUND_CEILING) * TENS


def most_told(members: int) -> Decimal:
    """Percent: this, or more."""
    return ((HUNDRED - FEW * HUNDRED / members) / TENS).quantize(Decimal(1), ROUND_FLOOR) * TENS


def _hundredths(total: int, members: int) -> Decimal:
    return (Decimal(total) / members).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Answers:
    """How many of those who were asked answered."""

    asked: int
    answered: int

    @property
    def is_told(self) -> bool:
        """Not of almost nobody's answer, nor of almost everybody's."""
        return blurred(self.answered, self.asked).is_exact


def counts_told(groups: Mapping[K, Answers], whole: Answers, *, least: int) -> frozenset[K]:
    """Whose counts may be told to those who look after each, beside the company's, which administrators read.

    Somebody is both: taking the own group from the whole must not tell of all others that hardly any or nearly all of
    them answered. Nor, as far as they are told, may all groups together.
    """
    shown = set(groups_to_show({key: one.asked for key, one in groups.items()}, whole=whole.asked, least=least))
    shown = {key for key in shown if not _tells_of_the_rest([groups[key]], whole)}
    while shown and _tells_of_the_rest([groups[key] for key in shown], whole):
        shown.remove(min(shown, key=lambda key: (groups[key].asked, str(key))))
    return frozenset(shown)


def _tells_of_the_rest(shown: Iterable[Answers], whole: Answers) -> bool:
    taken = list(shown)
    rest = Answers(whole.asked - sum(one.asked for one in taken), whole.answered - sum(one.answered for one in taken))
    return rest.asked > 0 and not rest.is_told


def may_be_cut(now: AbstractSet[int], told: Iterable[AbstractSet[int]], *, least: int) -> bool:
    """Whether a mean of `now` may stand beside those of `told`: the same people, or so many others that a difference is
    nobody's."""
    return all(now == before or len(now ^ before) >= least for before in told)
