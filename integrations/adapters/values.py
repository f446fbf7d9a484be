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
