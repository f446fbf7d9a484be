"""Compile the translations: `django.po` beside a missing or older `django.mo` becomes one.

Django reads only the compiled form, whose makers (gettext, Babel) a bare machine lacks. A compiled file in the
repository would be stale after every forgotten step and could not be merged; so it is made here, at each start.
"""

import ast
import struct
from collections.abc import Iterator
from pathlib import Path

MAGIC = 0x950412DE
FIELDS = ("msgctxt", "msgid", "msgid_plural", "msgstr")


def compile_stale(locale: Path) -> None:
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            unfinished = target.with_suffix(".new")
            unfinished.write_bytes(compiled(source.read_text(encoding="utf-8")))
            unfinished.rename(target)  # another process may be reading


def compiled(text: str) -> bytes:
    """GNU .mo of a .po file's text: sorted keys and values, no hash table. Fuzzy and untranslated entries are left
    out, so that the reader falls back to the msgid."""
    messages = {}
    for entry in _entries(text):
        values = [entry[name] for name in sorted(entry) if name.startswith("msgstr")]
        key = "\0".join(entry[name] for name in ("msgid", "msgid_plural") if name in entry)
        context = entry["msgctxt"] + "\4" if "msgctxt" in entry else ""
        if all(values):
            messages[(context + key).encode()] = "\0".join(values).encode()
    return _packed(sorted(messages.items()))


def _entries(text: str) -> Iterator[dict[str, str]]:
    """Each entry by field name (`msgstr[1]` included), its strings joined and unescaped."""
    entry: dict[str, str] = {}
    name, fuzzy = "", False
    for number, raw in enumerate([*text.splitlines(), "#"], start=1):
        line = raw.strip()
        if line.startswith('"') and name:
            entry[name] += ast.literal_eval(line)
        elif line:
            if name.startswith("msgstr") and not line.startswith("msgstr"):  # the entry before is complete
                if not fuzzy or not entry["msgid"]:  # the header counts even when it is marked
                    yield entry
                entry, name, fuzzy = {}, "", False
            if line.startswith("#"):
                fuzzy = not line.startswith("#~") and (fuzzy or (line.startswith("#,") and "fuzzy" in line))
                continue
            name, _, string = line.partition(" ")
            if name.partition("[")[0] not in FIELDS:
                raise SyntaxError(f"line {number}: {name!r} is no field of a translation")
            entry[name] = ast.literal_eval(string.strip())


def _packed(messages: list[tuple[bytes, bytes]]) -> bytes:
    count, start = len(messages), 7 * 4  # seven words of header, then two tables of (length, offset)
    keys, values = b"", b""
    key_table, value_table = [], []
    for key, value in messages:
        key_table.append((len(key), len(keys)))
        value_table.append((len(value), len(values)))
        keys, values = keys + key + b"\0", values + value + b"\0"
    first_key = start + 2 * 8 * count
    first_value = first_key + len(keys)
    table = [struct.pack("<2I", length, first_key + offset) for length, offset in key_table]
    table += [struct.pack("<2I", length, first_value + offset) for length, offset in value_table]
    header = struct.pack("<7I", MAGIC, 0, count, start, start + 8 * count, 0, first_key)
    return header + b"".join(table) + keys + values
