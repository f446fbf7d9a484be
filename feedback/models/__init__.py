"""Tables of feedback, by what they are about; import them from here."""

from .action import ActionItem, ActionState
from .feedback import (
    Closing,
    FactKind,
    Feedback,
    FeedbackEvent,
    FeedbackFact,
    FeedbackLike,
    FeedbackNote,
    NoteKind,
    Source,
    Visibility,
)
from .settings import FeedbackSettings

__all__ = [
    "ActionItem",
    "ActionState",
    "Closing",
    "FactKind",
    "Feedback",
    "FeedbackEvent",
    "FeedbackFact",
    "FeedbackLike",
    "FeedbackNote",
    "FeedbackSettings",
    "NoteKind",
    "Source",
    "Visibility",
]
