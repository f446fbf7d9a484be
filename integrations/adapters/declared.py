"""Streams written down as data in a configuration, for adapters that know nothing of the system they read.

`STREAM` is the JSON Schema of one, `stream_of` makes it a `Stream`. An adapter adds properties of its own with
`stream_schema`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from .base import About, Field, Names, Stream

TYPES = ("text", "whole", "decimal", "yes", "day", "time", "list")
SUBJECTS_OF = ("person", "unit", "customer", "project", "order", "other")  # `models.SubjectOf`
MOST_STREAMS, MOST_FIELDS = 30, 200

_NAME = {"type": "string", "pattern": r"^[a-z][a-z0-9_]{0,39}\Z"}
_FIELD_NAME = {"type": "string", "pattern": r"^\w{1,60}\Z"}
_PATH = {"type": "string", "minLength": 1, "maxLength": 200}

_PROPERTIES: Mapping[str, Any] = {
    "name": _NAME,
    "key": {"type": "array", "items": _FIELD_NAME, "minItems": 1, "maxItems": 10, "uniqueItems": True},
    "fields": {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_FIELDS,
        "items": {
            "type": "object",
            "properties": {
                "name": _FIELD_NAME,
                "path": _PATH,
                "type": {"enum": list(TYPES)},
                "required": {"type": "boolean"},
                "label": {"type": "string", "maxLength": 60},
            },
            "required": ["name"],
            "additionalProperties": False,
        },
    },
    "title": _FIELD_NAME,
    "happened": _FIELD_NAME,
    "cursor": _FIELD_NAME,
    "fallback": _FIELD_NAME,
    "overlap_minutes": {"type": "integer", "minimum": 0, "maximum": 60 * 24 * 90},
    "deleted": _FIELD_NAME,
    "zone": {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9_+/-]{0,39}\Z"},
    "false_is_empty": {"type": "boolean"},
    "names": {
        "type": "array",
        "maxItems": 20,
        "items": {
            "type": "object",
            "properties": {
                "type": {"type": "string", "maxLength": 12},
                "field": _FIELD_NAME,
                "own": {"type": "boolean"},
                "when": _FIELD_NAME,
                "among": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 50},
                "step": {"enum": ["submission", "verification", "benefit"]},
            },
            "required": ["type", "field"],
            "dependentRequired": {"when": ["among"], "among": ["when"]},
            "additionalProperties": False,
        },
    },
    "subjects": {
        "type": "array",
        "maxItems": 10,
        "items": {
            "type": "object",
            "properties": {
                "kind": _NAME,
                "of": {"enum": list(SUBJECTS_OF)},
                "field": _FIELD_NAME,
                "label": {"type": "string", "maxLength": 60},
                "name": _FIELD_NAME,
                "email": _FIELD_NAME,
                "unit": _FIELD_NAME,
            },
            "required": ["kind", "of", "field"],
            "additionalProperties": False,
        },
    },
}


def stream_schema(*, own: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    """Of the list of streams; `own` are an adapter's own properties of each, `required` those it cannot do without."""
    return {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_STREAMS,
        "items": {
            "type": "object",
            "properties": {**_PROPERTIES, **own},
            "required": ["name", "key", "fields", *required],
            "additionalProperties": False,
        },
    }


def streams_of(config: Mapping[str, Any], **always: Any) -> list[Stream]:
    """`always` is the same for each: `daily=True`."""
    return [stream_of(each, **always) for each in config["streams"]]


def stream_of(declared: Mapping[str, Any], **always: Any) -> Stream:
    return Stream(
        name=declared["name"],
        key=tuple(declared["key"]),
        fields=tuple(
            Field(
                each["name"],
                each.get("path", each["name"]),
                each.get("type", "text"),
                each.get("required", False),
                each.get("label", each["name"]),
            )
            for each in declared["fields"]
        ),
        title=declared.get("title", ""),
        happened=declared.get("happened", ""),
        cursor=declared.get("cursor", ""),
        fallback=declared.get("fallback", ""),
        overlap=timedelta(minutes=declared.get("overlap_minutes", 0)),
        deleted=declared.get("deleted", ""),
        zone=declared.get("zone", ""),
        false_is_empty=declared.get("false_is_empty", False),
        names=tuple(
            Names(
                each["type"],
                each["field"],
                each.get("own", False),
                each.get("when", ""),
                tuple(each.get("among", ())),
                each.get("step", ""),
            )
            for each in declared.get("names", ())
        ),
        subjects=tuple(About(**each) for each in declared.get("subjects", ())),
        **always,
    )


def declared_as(config: Mapping[str, Any], stream: Stream) -> Mapping[str, Any]:
    """What the configuration says of this stream."""
    found: Mapping[str, Any] = next(each for each in config["streams"] if each["name"] == stream.name)
    return found
