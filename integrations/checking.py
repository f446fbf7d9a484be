"""Whether a configuration can be used, in sentences: what its adapter's JSON Schema asks, and what no schema can."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from .adapters.base import Finicky, Stream
from .adapters.registry import adapter_named
from .models import EvidenceType, ProposalStep

MOST_SENTENCES = 20
_DATED = {"day", "time"}
# Where an adapter has such values sent along, and the field that names what the secret travels in instead.
_SENT_ALONG = {"headers": "auth_header", "params": "auth_param"}
_KEYS = {"ak", "auth", "key", "pass", "pin", "pwd", "sid", "sig", "sign", "signature", "sk", "xauth", "xkey"}
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+")
_PARTS_OF_KEYS = (
    *("accesskey", "apikey", "appkey", "authkey", "clientkey", "privatekey", "secret", "subscriptionkey"),
    *("authorization", "bearer", "cookie", "credential", "jwt", "passphrase", "passwd", "password", "session", "token"),
)


def check_config(adapter_name: str, config: Mapping[str, Any]) -> list[str]:
    """Empty when it fits; the first places first. Raises KeyError for an adapter that is not installed."""
    adapter = adapter_named(adapter_name)
    if plain := list(dict.fromkeys(_in_plain_text(config))):
        return plain[:MOST_SENTENCES]
    errors = sorted(
        Draft202012Validator(adapter.schema).iter_errors(config), key=lambda error: list(map(str, error.path))
    )
    if errors:
        return list(dict.fromkeys(_in_words(error) for error in errors))[:MOST_SENTENCES]
    streams = adapter.streams(config)
    found = [sentence for stream in streams for sentence in _loose_ends(stream)]
    found += adapter.problems(config) if isinstance(adapter, Finicky) else []
    found += [_("Two lists are called “%(name)s”.") % {"name": name} for name in _twice(each.name for each in streams)]
    return found[:MOST_SENTENCES]


def _in_plain_text(config: Any, path: str = "", *, deep: int = 6) -> Iterator[str]:
    """Headers and parameters that look like what it signs in with: the configuration is shown to all who keep
    connections, and what opens another system has a field of its own, which is sealed."""
    if not deep:  # no adapter looks there
        return
    if isinstance(config, list):
        for place, value in enumerate(config, 1):
            yield from _in_plain_text(value, f"{path}{place}.", deep=deep - 1)
    elif isinstance(config, Mapping):
        for name, value in config.items():
            if name == "body" and isinstance(value, Mapping):
                yield from _in_a_body(value, f"{path}{name}.", deep=deep)
            elif name in _SENT_ALONG and isinstance(value, Mapping):
                for sent in value:
                    if opens_doors(str(sent)):
                        yield _(
                            "“%(place)s” looks like what it signs in with and would stand here for all to read. Take "
                            "it out, set “auth” to “api_key” and “%(field)s” to its name, and type its value into the "
                            "field above."
                        ) % {"place": f"{path}{name}.{sent}", "field": _SENT_ALONG[name]}
            else:
                yield from _in_plain_text(value, f"{path}{name}.", deep=deep - 1)


def _in_a_body(value: Any, path: str, *, deep: int) -> Iterator[str]:
    if isinstance(value, list):
        value = {place: each for place, each in enumerate(value, 1)}
    if not deep or not isinstance(value, Mapping):
        return
    for name, each in value.items():
        if isinstance(each, str) and each and isinstance(name, str) and opens_doors(name):
            yield _(
                "“%(place)s” looks like what it signs in with and would stand here for all to read. Take it out, "
                "choose how it signs in, and type its value into the field above."
            ) % {"place": f"{path}{name}"}
        else:
            yield from _in_a_body(each, f"{path}{name}.", deep=deep - 1)


def opens_doors(name: str) -> bool:
    """Whether a header or parameter of this name usually carries a key or a password."""
    squeezed = "".join(letter for letter in name.lower() if letter.isalnum())
    words = _WORDS.findall(name)
    last = words[-1].lower() if words else ""
    is_one = squeezed in _KEYS or last in _KEYS - {"key"}  # user_pwd, appSign; a sort_key is none
    return is_one or any(part in squeezed for part in _PARTS_OF_KEYS)


def _in_words(error: ValidationError) -> str:
    """No value of the configuration is repeated: a secret may have been typed into the wrong place."""
    words = {"place": ".".join(str(step + 1 if isinstance(step, int) else step) for step in error.path) or "{}"}
    match error.validator:
        case "required" | "dependentRequired":
            missing = next((name for name in _demanded(error) if name not in error.instance), "")
            return _("“%(place)s” needs a “%(missing)s”.") % {**words, "missing": missing}
        case "additionalProperties":
            return _("“%(place)s” holds something that is not known here: check its spelling.") % words
        case "type":
            kinds = {
                "string": _("text"),
                "integer": _("a whole number"),
                "boolean": _("true or false"),
                "array": _("a list in [ ]"),
                "object": _("names and values in { }"),
            }
            return _("“%(place)s” must be %(kind)s.") % {**words, "kind": kinds.get(str(error.validator_value), "?")}
        case "enum":
            return _("“%(place)s” must be one of: %(values)s.") % {
                **words,
                "values": ", ".join(map(str, error.validator_value)),
            }
        case "minLength" | "minItems":
            return _("“%(place)s” must not be empty.") % words
        case "maxLength" | "maxItems" | "maxProperties" | "maximum" | "minimum":
            return _("“%(place)s” is beyond its limit of %(limit)s.") % {**words, "limit": error.validator_value}
        case _:
            return _("“%(place)s” is not written as it should be.") % words


def _demanded(error: ValidationError) -> Iterable[str]:
    value = error.validator_value
    return value if isinstance(value, list) else [name for names in value.values() for name in names]


def _loose_ends(stream: Stream) -> Iterator[str]:
    """Places that name a field which is not mapped, or one of another kind."""
    types = {field.name: field.type for field in stream.fields}
    yield from (
        _("“%(stream)s” maps two fields called “%(field)s”.") % {"stream": stream.name, "field": name}
        for name in _twice(field.name for field in stream.fields)
    )
    if stream.zone and stream.zone not in available_timezones():
        yield _("“%(stream)s” names a time zone that there is not: “%(zone)s”. For example: UTC, Asia/Shanghai.") % {
            "stream": stream.name,
            "zone": stream.zone,
        }
    places = [*stream.key, stream.title, stream.happened, stream.cursor, stream.fallback, stream.deleted]
    places += [name for each in stream.names for name in (each.field, each.when)]
    places += [name for each in stream.subjects for name in (each.field, each.name, each.email, each.unit)]
    for name in dict.fromkeys(filter(None, places)):
        if name not in types:
            yield _("“%(stream)s” speaks of a field “%(field)s” that is not mapped.") % {
                "stream": stream.name,
                "field": name,
            }
    if types.get(stream.happened, "time") not in _DATED:
        yield _("“%(field)s” says when something happened, so it must be of type time or day.") % {
            "field": stream.happened
        }
    if types.get(stream.deleted, "yes") != "yes":
        yield _("“%(field)s” says whether it was deleted, so it must be of type yes.") % {"field": stream.deleted}
    for each in stream.names:
        if each.type not in EvidenceType.values:
            yield _("“%(type)s” is no kind of evidence; there are: %(values)s.") % {
                "type": each.type,
                "values": ", ".join(EvidenceType.values),
            }
        if (each.type == EvidenceType.PROPOSAL) != bool(each.step):
            yield _(
                "“%(stream)s”: where it names a proposal, “step” says which one of its trail the record is: "
                "%(values)s. Nothing else has one."
            ) % {"stream": stream.name, "values": ", ".join(ProposalStep.values)}


def _twice(names: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return [name for name in names if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
