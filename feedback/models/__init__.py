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
    Held,
    NoteKind,
    Source,
    Visibility,
)
from .retro import Retro, RetroResponse, RetroTeam, RetroWeek
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
    "Held",
    "NoteKind",
    "Retro",
    "RetroResponse",
    "RetroTeam",
    "RetroWeek",
    "Source",
    "Visibility",
]
