"""How often a sign-in may fail (security.md §3, item 3), and how often somebody may search (item 21). Counted in the
cache, in windows that end by themselves: nobody is ever locked out for good.

An account may fail 5 times in 15 minutes from one address and 30 times an hour from all of them, an address 100 times
an hour. An address from which the account has signed in lately is spared the limit over all addresses: otherwise
anybody could keep a colleague out by failing on purpose elsewhere.
"""

import hashlib
from dataclasses import dataclass

from django.core.cache import cache

MINUTE = 60
HOUR = 60 * MINUTE
KNOWN_FOR = 30 * 24 * HOUR


@dataclass(frozen=True)
class Limit:
    name: str
    amount: int
    seconds: int


HERE = Limit("here", 5, 15 * MINUTE)  # one account from one address
EVERYWHERE = Limit("everywhere", 30, HOUR)  # one account
ADDRESS = Limit("address", 100, HOUR)
SEARCHES = Limit("searches", 120, MINUTE)  # one seat: more than somebody types, less than reading everybody out

EXPORTS = Limit("exports", 5, HOUR)  # one seat
GRIPES = Limit("gripes", 60, HOUR)  # one seat: looks at the form as well, so that the count tells of no suggestion
DELIVERIES = Limit("deliveries", 1200, MINUTE)  # one connection that others send to
CALLS = Limit("calls", 600, MINUTE)  # one token: a program that reads page after page, not one that runs wild


@dataclass(frozen=True)
class Attempt:
    """One try to sign in as `who` (address or number as typed, normalised) from `ip`."""

    who: str
    ip: str

    def begin(self) -> bool:
        """Count the try before it is made, so that a hundred at the same moment are not one. False: too many."""
        counted = []
        for limit, key in self._limits():
            counted.append(key)
            if _increase(key, limit.seconds) > limit.amount:
                for spent in counted:
                    _decrease(spent)
                return False
        return True

    def succeeded(self) -> None:
        """Only failures count; and the address is known from now on."""
        for _, key in self._limits():
            _decrease(key)
        cache.set(self._known, True, KNOWN_FOR)

    def forget(self) -> None:
        """The person has proved who he is by other means (a reset link)."""
        cache.delete_many([_key(HERE, self.who, self.ip), _key(EVERYWHERE, self.who)])

    @property
    def _known(self) -> str:
        return _key(Limit("known", 0, KNOWN_FOR), self.who, self.ip)

    def _limits(self) -> list[tuple[Limit, str]]:
        limits = [(HERE, _key(HERE, self.who, self.ip)), (ADDRESS, _key(ADDRESS, self.ip))]
        if not cache.get(self._known):
            limits.append((EVERYWHERE, _key(EVERYWHERE, self.who)))
        return limits


def may_search(seat: int) -> bool:
    """Counts a search of people or units by this seat (security.md §3, item 21). False: too many in a minute."""
    return _increase(_key(SEARCHES, str(seat)), SEARCHES.seconds) <= SEARCHES.amount


def may_export(seat: int) -> bool:
    """Counts a file this seat takes out (security.md §3, item 21). False: too many in an hour."""
    return _increase(_key(EXPORTS, str(seat)), EXPORTS.seconds) <= EXPORTS.amount


def may_gripe(seat: int) -> bool:
    """Counts a form of gripe day, opened or sent, by this seat. False: too many in an hour."""
    return _increase(_key(GRIPES, str(seat)), GRIPES.seconds) <= GRIPES.amount


def may_call(token: int) -> bool:
    """Counts a call with this token. False: too many in a minute."""
    return _increase(_key(CALLS, str(token)), CALLS.seconds) <= CALLS.amount


def may_deliver(connection: str) -> bool:
    """Counts a message that was sent to this connection. False: too many in a minute."""
    return _increase(_key(DELIVERIES, connection), DELIVERIES.seconds) <= DELIVERIES.amount


def _key(limit: Limit, *parts: str) -> str:
    # A digest: addresses and numbers do not belong in the keys of a cache, nor do their blanks.
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"attempts:{limit.name}:{digest}"


def _increase(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # the window ended between the two
        cache.set(key, 1, seconds)
        return 1


def _decrease(key: str) -> None:
    try:
        cache.decr(key)
    except ValueError:  # the window has ended
        return
