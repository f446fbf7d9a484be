"""A version's caliber in words, as every page tells it (product.md §5.4)."""

from typing import Any

from . import caliber
from .metrics import UnfitRule, read_rule
from .models import MetricVersion
from .reading import streams_of
from .showing import stream_title


def parts_of(version: MetricVersion) -> list[caliber.Part]:
    streams = {one.name: one for one in streams_of(version.connection)}
    try:
        rule = read_rule(version.rule)
    except UnfitRule:  # written by a later release
        return []
    found = caliber.parts(rule, version.stream, streams, says=version.says, **words_of(version))
    source = f"{version.connection.name} · {stream_title(version.stream)}"
    return [caliber.Part(one.key, one.label, source) if one.key == "source" else one for one in found]


def words_of(version: MetricVersion) -> dict[str, Any]:
    """How its figures are written."""
    return {"unit_of_measure": version.unit_of_measure, "digits": version.digits}
