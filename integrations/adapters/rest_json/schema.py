"""The JSON Schema of a configuration of `rest_json`."""

from collections.abc import Mapping
from typing import Any

from ..declared import stream_schema
from ..signing import HEADER, PATH, URL, WAYS, signing_rules, signing_schema
from .asking import FORMS
from .paging import KINDS

_VALUE = {"type": "string", "maxLength": 500, "pattern": r"^[\x20-\x7e]*\Z"}
_PARAMS = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 500}, "maxProperties": 30}
_CODES = {"type": "array", "items": {"type": ["integer", "string"]}, "maxItems": 50}
_BODY_PATH = {"type": "string", "minLength": 1, "maxLength": 200}

_PAGING: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "kind": {"enum": list(KINDS)},
        "param": _BODY_PATH,
        "next": PATH,
        "more": PATH,
        "first": {"type": "integer", "minimum": 0, "maximum": 10},
        "pages": PATH,
        "size": {"type": "integer", "minimum": 1, "maximum": 10_000},
        "size_param": _BODY_PATH,
        "again": {"type": "integer", "minimum": 0, "maximum": 1_000},
    },
    "allOf": [
        {
            "if": {"properties": {"kind": {"const": kind}}, **({} if kind == "cursor" else {"required": ["kind"]})},
            "then": {"required": list(pager.needs), "properties": {name: {"minLength": 1} for name in pager.needs}},
        }
        for kind, pager in KINDS.items()
    ],
    "dependentRequired": {"size_param": ["size"], "size": ["size_param"]},
    "additionalProperties": False,
}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "base_url": {"type": "string", "minLength": 1, "maxLength": 500, "pattern": URL},
        **signing_schema(*WAYS),
        "headers": {"type": "object", "propertyNames": {"pattern": HEADER}, "additionalProperties": _VALUE},
        "ok": {
            "type": "object",
            "properties": {"path": PATH, "equals": {}, "code": PATH, "reconnect": _CODES, "later": _CODES},
            "required": ["path", "equals"],
            "additionalProperties": False,
        },
        "records": PATH,
        "total": PATH,
        "paging": _PAGING,
        "per_minute": {"type": "integer", "minimum": 6, "maximum": 6_000},
        "streams": stream_schema(
            own={
                "path": {"type": "string", "pattern": r"^/[^\s?#]*\Z", "maxLength": 300},
                "params": _PARAMS,
                "method": {"enum": ["GET", "POST"]},
                "body": {"type": "object", "maxProperties": 50},
                "asks_in": {"enum": ["body", "query"]},
                "records": PATH,
                "total": PATH,
                "since": _BODY_PATH,
                "since_form": {"enum": list(FORMS)},
                "since_begin": {"type": "string", "maxLength": 40},
                "since_prefix": {"type": "string", "maxLength": 200},
                "since_suffix": {"type": "string", "maxLength": 200},
            },
            required=["path"],
        ),
    },
    "required": ["base_url", "streams"],
    **signing_rules(*WAYS),
    "additionalProperties": False,
}
