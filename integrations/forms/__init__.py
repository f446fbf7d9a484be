"""What is typed into the pages of integrations, one module a noun."""

from .connection import (
    ASKED,
    FILE_BYTES,
    FILES_BYTES,
    SAID,
    CloseGapForm,
    ConnectionForm,
    FilesForm,
    RowsForm,
    SettingsForm,
    as_text,
)
from .dispute import AnswerForm, DecisionForm, DisputeForm, DisputeSettingsForm, QuestionForm
from .reconciliation import PairForm, ReleaseForm

__all__ = [
    "ASKED",
    "FILES_BYTES",
    "FILE_BYTES",
    "SAID",
    "AnswerForm",
    "CloseGapForm",
    "ConnectionForm",
    "DecisionForm",
    "DisputeForm",
    "DisputeSettingsForm",
    "FilesForm",
    "PairForm",
    "QuestionForm",
    "ReleaseForm",
    "RowsForm",
    "SettingsForm",
    "as_text",
]
