"""Workbooks made part by part, for what no spreadsheet program writes on purpose, and for big ones in a hurry."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def worksheet(rows: str, *, after: str = "", before: str = "") -> str:
    """A sheet's XML around the XML of its rows."""
    return f"<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def text_row(number: int, texts: Iterable[str | int | None]) -> str:
    cells = "".join(
        f'<c r="{column_name(index)}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        if isinstance(text, str)
        else f'<c r="{column_name(index)}{number}"><v>{text}</v></c>'
        for index, text in enumerate(texts)
        if text is not None
    )
    return f'<row r="{number}">{cells}</row>'


def column_name(index: int) -> str:
    """0 -> A, 26 -> AA."""
    return ("" if index < 26 else column_name(index // 26 - 1)) + chr(ord("A") + index % 26)


def write_book(
    path: Path,
    sheets: Mapping[str, str],
    *,
    strings: str | None = None,
    styles: str | None = None,
    properties: str = "",
    hidden: Iterable[str] = (),
    extra: Mapping[str, bytes | str] | None = None,
    stored: bool = False,
) -> Path:
    """A workbook of `sheets`: name -> whole XML of the part. `extra` adds parts or replaces ours."""
    listed, related, parts = [], [], {}
    for number, (name, xml) in enumerate(sheets.items(), start=1):
        state = ' state="hidden"' if name in set(hidden) else ""
        listed.append(f'<sheet name={quoteattr(name)} sheetId="{number}"{state} r:id="s{number}"/>')
        related.append(f'<Relationship Id="s{number}" Type="{RELATIONS}/worksheet" Target="worksheets/s{number}.xml"/>')
        parts[f"xl/worksheets/s{number}.xml"] = xml
    for kind, xml_or_none in (("sharedStrings", strings), ("styles", styles)):
        if xml_or_none is not None:
            related.append(f'<Relationship Id="{kind}" Type="{RELATIONS}/{kind}" Target="{kind}.xml"/>')
            parts[f"xl/{kind}.xml"] = xml_or_none
    workbook = f'<workbook {MAIN} xmlns:r="{RELATIONS}">{properties}<sheets>{"".join(listed)}</sheets></workbook>'
    document = f'<Relationship Id="d" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    all_parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">{document}</Relationships>',
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{"".join(related)}</Relationships>',
        **parts,
        **(extra or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in all_parts.items():
            archive.writestr(name, content)
    return path


def cell_styles(*formats: str) -> str:
    """styles.xml with cell style 1, 2, ... showing numbers as `formats`; style 0 is General."""
    codes = "".join(f'<numFmt numFmtId="{164 + at}" formatCode={quoteattr(code)}/>' for at, code in enumerate(formats))
    used = "".join(f'<xf numFmtId="{164 + at}"/>' for at in range(len(formats)))
    return (
        f"<styleSheet {MAIN}><numFmts>{codes}</numFmts><cellStyleXfs><xf numFmtId='9'/></cellStyleXfs>"
        f'<cellXfs><xf numFmtId="0"/>{used}</cellXfs></styleSheet>'
    )
