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

__all__ = [
    "ASKED",
    "FILES_BYTES",
    "FILE_BYTES",
    "SAID",
    "CloseGapForm",
    "ConnectionForm",
    "FilesForm",
    "RowsForm",
    "SettingsForm",
    "as_text",
]
