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
    FeedbackReaction,
    Held,
    NoteKind,
    ReactionKind,
    Source,
    Visibility,
)
from .gripe import Gripe, GripeDay, GripeSettings, GripeState, GripeVote, GripeWaiting
from .request import FeedbackRequest, RequestRecipient, RequestState
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
    "FeedbackReaction",
    "FeedbackRequest",
    "FeedbackSettings",
    "Gripe",
    "GripeDay",
    "GripeSettings",
    "GripeState",
    "GripeVote",
    "GripeWaiting",
    "Held",
    "NoteKind",
    "ReactionKind",
    "RequestRecipient",
    "RequestState",
    "Retro",
    "RetroResponse",
    "RetroTeam",
    "RetroWeek",
    "Source",
    "Visibility",
]
