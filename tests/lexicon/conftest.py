"""acme with the ready-made words, on a Friday."""

from datetime import UTC, datetime

import pytest

from perfsys.lexicon import actions, standard
from perfsys.lexicon.models import BehaviourTag, Competency, LexiconEntry, VagueExpression

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)  # ten in the morning for them


EXPRESSIONS = 40  # of the ready-made ones: what all of them take is seen once, in test_ready_made_words.py


@pytest.fixture
def words(ada, monkeypatch):
    """The ready-made words are there; no scope is open, as pages find it."""
    monkeypatch.setattr(standard, "VAGUE_EXPRESSIONS", standard.VAGUE_EXPRESSIONS[:EXPRESSIONS])
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
    kinds |= {"vague": (VagueExpression, "text")}

    def found(kind, named):
        model, column = kinds[kind]
        with ada.scope:
            return model.objects.get(**{column: named})

    return found
