"""The tables of goals, one module a noun; everything is imported from here.

Keys have no index of their own: what is asked for often stands in a composite one that begins with the tenant, and
80,000 goals are written in one go.
"""

from .alert import AlertRule, AlertState, GoalAlert
from .goal import (
    Alignment,
    AlignmentEvent,
    Cadence,
    Direction,
    Goal,
    GoalEvent,
    GoalSet,
    Health,
    Kind,
    Layer,
    Outcome,
    Status,
)
from .match import AlignmentLabel, TextVector
from .obstacle import Obstacle, ObstacleCause, ObstacleState
from .period import GoalSettings, Period, PeriodState
from .resource import ResourceKind, ResourceLine
from .suggestion import SuggestionEntry
from .template import BusinessLine, GoalTemplate, TemplateGoal
from .trail import CheckIn, Comment, Confidence, EvidenceItem, Milestone, Source

__all__ = [
    "AlertRule",
    "AlertState",
    "Alignment",
    "AlignmentEvent",
    "AlignmentLabel",
    "BusinessLine",
    "Cadence",
    "CheckIn",
    "Comment",
    "Confidence",
    "Direction",
    "EvidenceItem",
    "Goal",
    "GoalAlert",
    "GoalEvent",
    "GoalSet",
    "GoalSettings",
    "GoalTemplate",
    "Health",
    "Kind",
    "Layer",
    "Milestone",
    "Obstacle",
    "ObstacleCause",
    "ObstacleState",
    "Outcome",
    "Period",
    "PeriodState",
    "ResourceKind",
    "ResourceLine",
    "Source",
    "Status",
    "SuggestionEntry",
    "TemplateGoal",
    "TextVector",
]
