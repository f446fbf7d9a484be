"""acme with the ready-made words, on a Friday."""

from datetime import UTC, datetime

import pytest

from perfsys.lexicon import actions
from perfsys.lexicon.models import BehaviourTag, Competency, LexiconEntry

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)  # ten in the morning for them


@pytest.fixture
def words(ada):
    """The ready-made words are there; no scope is open, as pages find it."""
    with ada.scope:
        actions.add_standard_terms(now=NOW)


@pytest.fixture
def inside(words, ada):
    """The same from inside, as actions find it."""
    with ada.scope:
        yield


@pytest.fixture
def one(ada):
    """`one("tag", "主动补位")`: the row, asked for anew."""
    kinds = {"competency": (Competency, "name"), "tag": (BehaviourTag, "name"), "entry": (LexiconEntry, "key")}

    def found(kind, named):
        model, column = kinds[kind]
        with ada.scope:
            return model.objects.get(**{column: named})

    return found
