"""The tables of goals, one module a noun; everything is imported from here.

Keys have no index of their own: what is asked for often stands in a composite one that begins with the tenant, and
80,000 goals are written in one go.
"""

from .adjustment import (
    RESULT_FIGURES,
    AdjustmentLine,
    AdjustmentLineEvent,
    AdjustmentRequest,
    AdjustmentRequestEvent,
    AdjustmentSettings,
    ApprovalStep,
    ApprovalStepEvent,
    Asks,
    Decision,
    Field,
    Part,
    RequestState,
)
from .alert import AlertRule, AlertState, GoalAlert
from .binding import BoundFigure, Making, MetricBinding
from .blocker import Blocker, BlockerReply, BlockerState
from .carrying import CarryOver
from .cascade import Cascade, Share
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
from .incentive import For, Incentive, IncentivePlace
from .key_result import KeyResult, KeyResultEvent
from .match import AlignmentLabel, TextVector
from .obstacle import Obstacle, ObstacleCause, ObstacleState
from .period import GoalSettings, Period, PeriodState
from .proposal import ImprovementProposal, StepProof
from .resource import ResourceKind, ResourceLine
from .suggestion import SuggestionEntry
from .support import SupportCount
from .template import BusinessLine, GoalTemplate, TemplateGoal
from .template_version import TemplateVersion
from .trail import IN_WORDS, CheckIn, Comment, Confidence, EvidenceItem, Milestone, Source
from .workshop import (
    Overlap,
    OverlapEvent,
    PositionAction,
    PositionActionEvent,
    Proposal,
    ProposalEvent,
    Workshop,
    WorkshopState,
)

__all__ = [
    "IN_WORDS",
    "RESULT_FIGURES",
    "AdjustmentLine",
    "AdjustmentLineEvent",
    "AdjustmentRequest",
    "AdjustmentRequestEvent",
    "AdjustmentSettings",
    "AlertRule",
    "AlertState",
    "Alignment",
    "AlignmentEvent",
    "AlignmentLabel",
    "ApprovalStep",
    "ApprovalStepEvent",
    "Asks",
    "Blocker",
    "BlockerReply",
    "BlockerState",
    "BoundFigure",
    "BusinessLine",
    "Cadence",
    "CarryOver",
    "Cascade",
    "CheckIn",
    "Closing",
    "Comment",
    "Confidence",
    "Decision",
    "Direction",
    "EvidenceItem",
    "Field",
    "For",
    "Goal",
    "GoalAlert",
    "GoalEvent",
    "GoalSet",
    "GoalSettings",
    "GoalTemplate",
    "Health",
    "ImprovementProposal",
    "Incentive",
    "IncentivePlace",
    "KeyResult",
    "KeyResultEvent",
    "Kind",
    "Layer",
    "Making",
    "MetricBinding",
    "Milestone",
    "Obstacle",
    "ObstacleCause",
    "ObstacleState",
    "Outcome",
    "Overlap",
    "OverlapEvent",
    "Part",
    "Period",
    "PeriodState",
    "PositionAction",
    "PositionActionEvent",
    "Proposal",
    "ProposalEvent",
    "RequestState",
    "ResourceKind",
    "ResourceLine",
    "Scoring",
    "Share",
    "Source",
    "Status",
    "StepProof",
    "SuggestionEntry",
    "SupportCount",
    "TemplateGoal",
    "TemplateVersion",
    "TextVector",
    "Workshop",
    "WorkshopState",
]
