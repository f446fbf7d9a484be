"""What of a configuration is asked for in fields of its own, by path with dots between levels: "paging.kind". Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from .adapters.values import at_path, put_at


def schema_at(schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Of the value there; {} where the schema leaves it open."""
    for step in path.split("."):
        schema = schema.get("properties", {}).get(step, {})
    return schema


def value_at(config: Mapping[str, Any], path: str) -> Any:
    found = at_path(config, path)
    return "" if found is None else found


def filled(config: Mapping[str, Any], values: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with `values` by path. What was left empty is left out, unless it may stand there empty. Where
    the configuration has something in the way of a value, the value counts."""
    made: dict[str, Any] = copy.deepcopy(dict(config))
    for path, value in values.items():
        if value not in ("", None):
            _make_way(made, path.split(".")[:-1])
            put_at(made, path, value)
        elif "." in path or not Draft202012Validator(schema_at(schema, path)).is_valid(""):
            _take_out(made, path.split("."))
        else:
            made[path] = ""
    return made


def without(config: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The rest of it, without what has a field."""
    rest: dict[str, Any] = copy.deepcopy(dict(config))
    for path in paths:
        _take_out(rest, path.split("."))
    return rest


def _make_way(config: dict[str, Any], steps: Iterable[str]) -> None:
    for step in steps:
        if not isinstance(config.get(step), dict):
            config[step] = {}
        config = config[step]


def _take_out(config: dict[str, Any], steps: list[str]) -> None:
    """With what is empty then."""
    first, *more = steps
    inner = config.get(first)
    if more and isinstance(inner, dict):
        _take_out(inner, more)
    if not more or inner == {}:
        config.pop(first, None)
