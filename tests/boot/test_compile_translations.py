import gettext
import io
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsys.boot import ROOT, catalogues

HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""
SAMPLE = f"""#, fuzzy
{HEADER}
#: goals/views.py:1
msgid "Hello"
msgstr "你好"

#, fuzzy, python-format
#~ msgid "gone"
#~ msgstr "旧"

#, python-format
msgid "%(n)s goal"
msgid_plural "%(n)s goals"
msgstr[0] "%(n)s 个目标"
msgstr[1] "%(n)s 个目标们"

#, fuzzy
msgid "Guessed"
msgstr "猜"
msgctxt "verb"
msgid ""
"Open \\"it\\"\\n"
"now"
msgstr "打开\\n现在"

msgid "Untranslated"
msgstr ""
"""


def read(text: str) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(catalogues.compiled(text)))


def test_every_form_of_entry_is_read_back_by_gettext() -> None:
    catalogue = read(SAMPLE)
    assert catalogue.gettext("Hello") == "你好"
    assert catalogue.ngettext("%(n)s goal", "%(n)s goals", 2) == "%(n)s 个目标们"
    assert catalogue.pgettext("verb", 'Open "it"\nnow') == "打开\n现在"
    assert catalogue.info()["content-type"] == "text/plain; charset=UTF-8"


@pytest.mark.parametrize("msgid", ["Guessed", "Untranslated", "gone"])
def test_what_nobody_confirmed_stays_in_english(msgid: str) -> None:
    assert read(SAMPLE).gettext(msgid) == msgid


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


@given(st.dictionaries(texts, texts, max_size=8))
def test_any_translation_comes_back_as_written(messages: dict[str, str]) -> None:
    entries = "\n".join(f"msgid {quoted(key)}\nmsgstr {quoted(value)}\n" for key, value in messages.items())
    catalogue = read(f"{HEADER}\n{entries}")
    assert {key: catalogue.gettext(key) for key in messages} == messages


def test_a_word_that_is_no_field_is_refused_with_its_line() -> None:
    with pytest.raises(SyntaxError, match=r"line 1: 'msgidd' is no field"):
        catalogues.compiled('msgidd "x"\n')


def test_only_what_changed_is_compiled_again(tmp_path: Path) -> None:
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(SAMPLE)
    catalogues.compile_stale(tmp_path)
    made = (folder / "django.mo").stat().st_mtime_ns
    catalogues.compile_stale(tmp_path)
    assert (folder / "django.mo").stat().st_mtime_ns == made
    later = time.time() + 10
    os.utime(folder / "django.po", (later, later))
    catalogues.compile_stale(tmp_path)
    assert (folder / "django.mo").stat().st_mtime_ns != made
    assert sorted(file.name for file in folder.iterdir()) == ["django.mo", "django.po"]


def test_the_projects_own_catalogues_compile() -> None:
    for source in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        assert read(source.read_text()).info()["content-type"].endswith("UTF-8")
