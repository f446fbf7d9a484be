"""Small things every adapter needs with what came from outside."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

# A text column and jsonb refuse NUL; half of a surrogate pair is no letter at all.
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_PLACE = re.compile("-?[0-9]{1,9}")


def storable(value: Any) -> Any:
    """The same with a replacement character for what PostgreSQL cannot hold; everything else letter by letter."""
    if isinstance(value, str):
        return _NOT_TEXT.sub("\ufffd", value)
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {storable(key): storable(each) for key, each in value.items()}
    return value


def finite(number: str) -> float:
    """A number of a JSON text, as jsonb can keep it. Raises ValueError for NaN and 1e999."""
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(number)
    return value


def at_path(value: Any, path: str) -> Any:
    """What stands at `path` (`base.Field`): dots between levels, a number or -1 for the n-th or last of a list. None
    where there is nothing. A column that is called "No." is meant as it stands."""
    if isinstance(value, Mapping) and path in value:
        return value[path]
    for step in path.split(".") if path else []:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and _PLACE.fullmatch(step):
            place = int(step)
            value = value[place] if -len(value) <= place < len(value) else None
        else:
            return None
    return value


def put_at(body: Any, path: str, value: Any) -> None:
    """Write `value` at `path` of a body, making what is missing on the way as names; a list must have the place. Raises
    KeyError where the path leads through something that is neither."""
    *before, last = path.split(".")
    for step in before:
        if isinstance(body, list) and _PLACE.fullmatch(step) and -len(body) <= int(step) < len(body):
            body = body[int(step)]
        elif isinstance(body, dict):
            body = body.setdefault(step, {})
        else:
            raise KeyError(path)
    if isinstance(body, list) and _PLACE.fullmatch(last) and -len(body) <= int(last) < len(body):
        body[int(last)] = value
    elif isinstance(body, dict):
        body[last] = value
    else:
        raise KeyError(path)
