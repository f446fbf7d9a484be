"""How often somebody may ask for what costs something."""

import time

from django.core.cache import cache


def too_often(what: str, who: str, *, most: int, seconds: int) -> bool:
    """Whether `who` has asked for `what` more than `most` times in this stretch of time; asking counts."""
    slot = f"pace:{what}:{who}:{int(time.time()) // seconds}"
    cache.add(slot, 0, timeout=2 * seconds)
    try:
        return cache.incr(slot) > most
    except ValueError:  # it was dropped between the two: a full cache forgets, and nobody is held up for it
        return False
