"""The tables of goals, one module a noun; everything is imported from here.

Keys have no index of their own: what is asked for often stands in a composite one that begins with the tenant, and
80,000 goals are written in one go.
"""

from .alert import AlertRule, AlertState, GoalAlert
from .closing import Closing
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
    Scoring,
    Status,
)
from .key_result import KeyResult
from .obstacle import Obstacle, ObstacleCause, ObstacleState
from .period import GoalSettings, Period, PeriodState
from .resource import ResourceKind, ResourceLine
from .template import BusinessLine, GoalTemplate, TemplateGoal
from .trail import CheckIn, Comment, Confidence, EvidenceItem, Milestone, Source

__all__ = [
    "AlertRule",
    "AlertState",
    "Alignment",
    "AlignmentEvent",
    "BusinessLine",
    "Cadence",
    "CheckIn",
    "Closing",
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
    "KeyResult",
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
    "Scoring",
    "Source",
    "Status",
    "TemplateGoal",
]
