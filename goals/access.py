"""Who sees and who changes which goal (security.md §2, product.md §2).

A published goal is public within the company. A draft, a private goal and the obstacles of a goal are read by its
owner, the managers above, the HR partner and an executive from a unit above; changed by the owner and the direct
manager. Whoever was given an obstacle of a goal that he reads works on that one. A department's goals are kept by
whoever leads the unit, the company's by administrators and executives.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from integrations.models import MetricDefinition, Record
from integrations.queries.bound import is_named_beside, version_in_force
from perfsys.people.access import Viewer, anybody
from perfsys.people.closure import DEEPEST
from perfsys.people.models import (
    Assignment,
    Employee,
    HrbpAssignment,
    OrgUnit,
    OrgUnitClosure,
    ReportingClosure,
    RoleGrant,
)
from perfsys.people.spans import holds
from perfsys.tenancy.prepared import prepared
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest

from .models import (
    AdjustmentLine,
    AdjustmentRequest,
    Alignment,
    ApprovalStep,
    Blocker,
    CarryOver,
    Cascade,
    CheckIn,
    EvidenceItem,
    Goal,
    GoalAlert,
    GoalSet,
    GoalSettings,
    GoalTemplate,
    ImprovementProposal,
    Incentive,
    KeyResult,
    Kind,
    Layer,
    MetricBinding,
    Milestone,
    Obstacle,
    ObstacleCause,
    Outcome,
    Overlap,
    Period,
    PeriodState,
    PositionAction,
    Proposal,
    RequestState,
    Status,
    StepProof,
    SuggestionEntry,
    TemplateGoal,
    Workshop,
)
from .suggestions import COLUMNS, Suggestion, as_kept, ready_made

FEW_PRIVATE = 500
ROLES_RELATED = frozenset({Role.MANAGER, Role.HRBP, Role.EXECUTIVE})  # that `_relations` asks about
RELATIONS = {
    "depth",
    "leads",
    "leads_above",
    "partners_owner",
    "partners_unit",
    "reads_all",
    "reads_owner",
    "reads_unit",
}


@dataclass(frozen=True)
class Rights:
    """What a viewer may do with one goal that he may read."""

    is_owner: bool = False
    keeps: bool = False  # checks in, adds evidence, ticks milestones; while it is a draft also edits and publishes
    reads_obstacles: bool = False
    works_on_obstacles: bool = False
    answers_alerts: bool = False
    confirms_alignments: bool = False  # the manager above, never the one whose goal it is


def public_goals() -> QuerySet[Goal]:
    return Goal.objects.exclude(status=Status.DRAFT).filter(is_private=False)


def visible_goals(who: Viewer) -> QuerySet[Goal]:
    """Every goal `who` may open; the list that `goal_to_read` agrees with."""
    return Goal.objects.filter(_is_public() | _is_private_reader(who))


def readable_among(who: Viewer, goals: QuerySet[Goal]) -> QuerySet[Goal]:
    """Those of `goals` that `who` may open. Whether any of them are hidden at all is asked first: mostly there are
    none, and who may read those is the longer question."""
    hidden = Q(status=Status.DRAFT) | Q(is_private=True)
    return goals.filter(_is_public() | _is_private_reader(who)) if goals.filter(hidden).exists() else goals


@dataclass(frozen=True)
class Shown:
    """What stands on the board and in the tree of a period, and among it the private goals that the reader may see: by
    id, as a query where they are many; None where nobody has any."""

    period: Period | None
    goals: QuerySet[Goal]
    private: QuerySet[Goal, Any] | list[int] | None = None


def shown_goals(who: Viewer, period: Period | None) -> Shown:
    """Published and finished goals that `who` may read: the same as `visible_goals`, for pages that ask it many times:
    private ones are looked up once, here."""
    standing = Goal.objects.exclude(status=Status.DRAFT).exclude(outcome=Outcome.CANCELLED).filter(period=period)
    if period is None or not _any_private(period.pk):  # mostly so; who may read them is a longer question
        return Shown(period, standing)
    hidden = standing.filter(is_private=True).filter(_is_private_reader(who))
    private = list(hidden.values_list("pk", flat=True)[: FEW_PRIVATE + 1])
    if len(private) > FEW_PRIVATE:
        return Shown(period, standing.filter(_is_public() | _is_private_reader(who)), hidden.values("pk"))
    return Shown(period, standing.filter(Q(is_private=False) | Q(pk__in=private)), private)


@prepared
def _any_private(period: int) -> QuerySet[Goal, int]:
    standing = Goal.objects.exclude(status=Status.DRAFT).exclude(outcome=Outcome.CANCELLED)
    return standing.filter(period=period, is_private=True).values_list("pk", flat=True)[:1]


def readable_of(who: Viewer, goals: Iterable[Goal]) -> set[int]:
    """Those of `goals`, by id, that `who` may read; asks nothing where all of them are public or `who`'s own."""
    hidden: set[int] = set()
    seen: set[int] = set()
    for goal in goals:
        is_own = goal.layer == Layer.POSITION and goal.owner_id is not None and goal.owner_id == who.employee_id
        is_plain = is_own or not (goal.is_draft or goal.is_private)
        (seen if is_plain else hidden).add(goal.pk)
    return seen | set(visible_goals(who).filter(pk__in=hidden).values_list("pk", flat=True)) if hidden else seen


class Reach(models.TextChoices):
    """Whose goals leave as one file (security.md §2, "export")."""

    OWN = "own", _("My own goals")
    TEAM = "team", _("My direct reports, and the unit I lead")
    BELOW = "below", _("Everybody below me, and the units I lead")
    UNITS = "units", _("The units I look after")
    ALL = "all", _("The whole company")


def reaches(who: Viewer) -> list[Reach]:
    """Those that `who` may take out, the widest last."""
    may = {
        Reach.OWN: who.employee_id is not None,
        Reach.TEAM: who.has(Role.MANAGER),
        Reach.BELOW: who.has(Role.MANAGER),
        Reach.UNITS: who.has(Role.HRBP, Role.EXECUTIVE),
        Reach.ALL: who.has(Role.ADMIN),
    }
    return [reach for reach in Reach if may[reach]]


def goals_to_export(who: Viewer, reach: str) -> QuerySet[Goal]:
    """What `who` may read of these; but for an administrator's file, that is all of what stands on them, obstacles
    too."""
    if reach not in reaches(who):
        raise PermissionDenied
    if reach == Reach.ALL:
        return visible_goals(who)
    return visible_goals(who).filter(_reached(who, reach))


def _reached(who: Viewer, reach: str) -> Q:
    person = {"layer": Layer.POSITION}
    if reach == Reach.OWN:
        return Q(**person, owner=who.employee_id)
    if reach == Reach.TEAM:
        direct = _below(who).filter(depth=1).values("employee")
        return Q(**person, owner__in=direct) | Q(layer=Layer.DEPARTMENT, unit__in=units_led(who).values("pk"))
    if reach == Reach.BELOW:
        led = _units_below_own(who).values("descendant")
        return Q(**person, owner__in=_below(who).values("employee")) | Q(layer=Layer.DEPARTMENT, unit__in=led)
    if _reads_all(who):
        return Q(pk__isnull=False)
    units = _units_read(who)
    owners = _posts(units, who.on).values("employee")
    return Q(**person, owner__in=owners) | Q(layer=Layer.DEPARTMENT, unit__in=units.values("descendant"))


def goal_to_read(who: Viewer, public_id: UUID) -> tuple[Goal, Rights]:
    """The goal with period, owner and unit, and what `who` may do with it. A stranger's is not found."""
    if who.employee_id is None:
        asked = list(_to_read(who, public_id))
    else:
        asked = _prepared_to_read(
            public_id, who.employee_id, who.seat.membership_id, who.on, roles=who.seat.roles & ROLES_RELATED
        )
    found = next(iter(asked), None)
    if found is None or not readable_of(who, [found]):
        raise Http404
    return found, _rights(who, found, {name: told for name, told in vars(found).items() if name in RELATIONS})


def _to_read(who: Viewer, public_id: UUID) -> QuerySet[Goal]:
    asked: QuerySet[Goal] = Goal.objects.filter(public_id=public_id).annotate(**_relations(who))
    return asked.select_related("period", "owner", "unit", "made_from__template")


@prepared
def _prepared_to_read(
    public_id: UUID, employee: int, membership: int, on: date, *, roles: frozenset[str]
) -> QuerySet[Goal]:
    return _to_read(anybody(employee, membership, on, roles), public_id)


def record_to_read(who: Viewer, public_id: UUID, piece_id: UUID) -> tuple[Goal, EvidenceItem, Record]:
    """Evidence with the record behind it, for whoever reads its goal. What is gone stays readable: feedback and
    interviews refer to it."""
    goal, _rights_to_it = goal_to_read(who, public_id)
    found = EvidenceItem.objects.filter(goal=goal, public_id=piece_id, record__isnull=False)
    piece = found.select_related("record__connection").first()
    if piece is None or piece.record is None:
        raise Http404
    return goal, piece, piece.record


def goal_to_keep(who: Viewer, public_id: UUID) -> tuple[Goal, Rights]:
    """A goal `who` may check in on, as `goal_to_read` gives it. Refused to those who may only read it."""
    goal, rights = goal_to_read(who, public_id)
    if not rights.keeps:
        refuse_if_closed(goal.period)
        raise PermissionDenied
    return goal, rights


def refuse_if_closed(period: Period) -> None:
    """For whoever would change something in it: in words, as nobody can."""
    if period.state == PeriodState.CLOSED:
        told = _("%(period)s is closed: its goals stay as they are. An administrator can open it again, with a reason.")
        raise PermissionDenied(told % {"period": period.title})


def goal_to_edit(who: Viewer, public_id: UUID) -> Goal:
    """A draft `who` may change: what is published changes through requests alone (product.md §2.9)."""
    goal = goal_to_keep(who, public_id)[0]
    if not goal.is_draft:
        raise PermissionDenied
    return goal


def goal_to_bind(who: Viewer, public_id: UUID, result: str = "") -> tuple[Goal, KeyResult | None]:
    """Whose figure, or that of a key result, `who` may have come from a metric: whoever keeps the goal, while it is not
    closed. 404 for a key result of another goal."""
    goal, rights = goal_to_keep(who, public_id)
    if not may_bind(goal, rights):
        raise PermissionDenied
    if not result:
        if goal.kind != Kind.KPI:
            raise Http404
        return goal, None
    try:
        wanted = UUID(result)
    except ValueError:
        raise Http404 from None
    found: KeyResult | None = KeyResult.objects.filter(goal=goal, public_id=wanted, retired_on=None).first()
    if found is None:
        raise Http404
    return goal, found


def may_bind(goal: Goal, rights: Rights) -> bool:
    return rights.keeps and goal.status != Status.CLOSED and goal.kind in (Kind.KPI, Kind.OBJECTIVE)


def may_bind_whole(who: Viewer, goal: Goal, definition: MetricDefinition) -> bool:
    """The figure of everybody together: for the company's goals, and for who reads the metric anyway."""
    if goal.layer == Layer.COMPANY or who.has(Role.ADMIN, Role.INTEGRATION_OWNER, Role.HRBP):
        return True
    return _answers_for(who, definition)


def may_bind_named(who: Viewer, goal: Goal, definition: MetricDefinition, key: str, on: date) -> bool:
    """The figure of what the goal's evidence names, a customer, a project, an order: anybody may type a number, so the
    source must name the goal's owner or unit beside it; else whoever answers for the metric binds it."""
    if goal.layer == Layer.COMPANY or _answers_for(who, definition):
        return True
    return _is_named_beside(goal, definition, key, on)


def _is_named_beside(goal: Goal, definition: MetricDefinition, key: str, on: date) -> bool:
    """That the source names somebody's unit opens nothing to each of its people."""
    version = version_in_force(definition, on)
    unit_id = None if is_of_a_person(goal) else goal.unit_id
    return version is not None and is_named_beside(version, key, employee_id=goal.owner_id, unit_id=unit_id, on=on)


def is_of_a_person(goal: Goal) -> bool:
    return goal.layer == Layer.POSITION


def may_unbind(goal: Goal, rights: Rights) -> bool:
    """Who is measured does not say when that ends: whoever leads them does, or HR. A draft's is undone by its writers,
    the company's by those who keep its goals."""
    if goal.status == Status.CLOSED or goal.period.state == PeriodState.CLOSED:
        return False
    if goal.is_draft or goal.layer == Layer.COMPANY:
        return rights.keeps
    return not rights.is_owner and (rights.answers_alerts or rights.confirms_alignments)


def binding_to_end(who: Viewer, public_id: UUID) -> MetricBinding:
    binding, rights, _reads_rows = binding_to_read(who, public_id)
    if binding.ended_at is not None or not may_unbind(binding.goal, rights):
        refuse_if_closed(binding.goal.period)
        raise PermissionDenied
    return binding


def binding_to_read(who: Viewer, public_id: UUID) -> tuple[MetricBinding, Rights, bool]:
    """With its goal: who reads that reads the figure and its caliber. The last says whether also the rows, which name
    customers and colleagues."""
    found = MetricBinding.objects.select_related("definition", "key_result", "goal")
    binding: MetricBinding | None = found.filter(public_id=public_id).first()
    if binding is None:
        raise Http404
    binding.goal, rights = goal_to_read(who, binding.goal.public_id)
    return binding, rights, _reads_rows_of(who, binding, rights)


def _reads_rows_of(who: Viewer, binding: MetricBinding, rights: Rights) -> bool:
    """Whoever answers for the metric. Of a person's figure that person, the direct manager and the HR partner; of a
    unit's, who leads it and its HR partner, not everybody in it whose goal is measured by it; of the whole nobody else.
    Of a customer's, a project's, an order's those same people as long as the source names the owner or unit beside it.
    """
    if _answers_for(who, binding.definition):
        return True
    if not binding.key or not rights.answers_alerts:
        return False
    if binding.employee_id is not None:
        return binding.employee_id == binding.goal.owner_id
    if binding.unit_id is None:
        return _is_named_beside(binding.goal, binding.definition, binding.key, who.on)
    return not (is_of_a_person(binding.goal) and rights.is_owner)


def _answers_for(who: Viewer, definition: MetricDefinition) -> bool:
    return who.employee_id is not None and who.employee_id in (definition.owner_id, definition.interpreter_id)


def may_promise(goal: Goal, rights: Rights) -> bool:
    """On a published goal whoever keeps it, but nobody promises himself something for his own."""
    return goal.is_open and rights.keeps and not (goal.layer == Layer.POSITION and rights.is_owner)


def goal_to_promise_on(who: Viewer, public_id: UUID) -> Goal:
    goal, rights = goal_to_keep(who, public_id)
    if not may_promise(goal, rights):
        raise PermissionDenied
    return goal


def goal_to_end(who: Viewer, public_id: UUID) -> tuple[Goal, Rights, bool]:
    """A goal whose end `who` may speak of, and whether his word settles it. Who keeps it proposes; a person's goal is
    settled by the direct manager, by the owner only where no manager is above."""
    goal, rights = goal_to_keep(who, public_id)
    return goal, rights, settles_end(who, goal, rights)


def goal_to_settle(who: Viewer, public_id: UUID) -> Goal:
    """A goal that `who` may close, send back or open again."""
    goal, _rights_to_it, settles = goal_to_end(who, public_id)
    if not settles:
        raise PermissionDenied
    return goal


def incentive_to_end(who: Viewer, public_id: UUID) -> Incentive:
    """By those who may make one on its goal."""
    found = Incentive.objects.filter(public_id=public_id).select_related("goal").first()
    if found is None:
        raise Http404
    goal_to_promise_on(who, found.goal.public_id)
    return found


def settles_end(who: Viewer, goal: Goal, rights: Rights) -> bool:
    if not rights.keeps:
        return False
    if goal.layer != Layer.POSITION or not rights.is_owner:
        return True
    return not ReportingClosure.objects.filter(holds(who.on), employee=goal.owner_id, depth=1).exists()


def key_result_to_check(who: Viewer, public_id: UUID) -> KeyResult:
    found = KeyResult.objects.filter(public_id=public_id).select_related("goal").first()
    if found is None:
        raise Http404
    goal_to_keep(who, found.goal.public_id)
    return found


def check_in_to_acknowledge(who: Viewer, public_id: UUID) -> CheckIn:
    """Somebody else's, on a goal that `who` keeps without owning it: the direct manager of a person."""
    found = _check_in(public_id)
    _, rights = goal_to_read(who, found.goal.public_id)
    if not acknowledges(rights) or who.employee_id is None or found.author_id == who.employee_id:
        raise PermissionDenied
    return found


def acknowledges(rights: Rights) -> bool:
    return rights.keeps and not rights.is_owner


def tick_to_take_back(who: Viewer, public_id: UUID) -> CheckIn:
    """One's own tick of a commitment."""
    found = _check_in(public_id)
    goal_to_keep(who, found.goal.public_id)
    is_own = who.employee_id is not None and found.author_id == who.employee_id
    if found.goal.kind != Kind.BEHAVIOUR or not found.is_tick or not is_own:
        raise PermissionDenied
    return found


def _check_in(public_id: UUID) -> CheckIn:
    found: CheckIn | None = CheckIn.objects.filter(public_id=public_id).select_related("goal__owner").first()
    if found is None:
        raise Http404
    return found


def alignments_to_change(who: Viewer, public_id: UUID) -> Goal:
    """A goal of which `who` may say what else it supports, draft or published: whoever keeps it."""
    goal, _rights_to_it = goal_to_keep(who, public_id)
    return goal


def alignment_to_confirm(who: Viewer, public_id: UUID, parent_id: UUID) -> Alignment:
    """What a goal supports, for the manager above it. Refused to everybody else who reads the goal."""
    goal, rights = goal_to_read(who, public_id)
    found = Alignment.objects.filter(child=goal, parent__public_id=parent_id).select_related("child__owner", "parent")
    line = found.first()
    if line is None or not readable_of(who, [line.parent]):
        raise Http404
    if not rights.confirms_alignments:
        raise PermissionDenied
    return line


def alignment_to_remove(who: Viewer, public_id: UUID, parent_id: UUID) -> Alignment:
    """A further one; what a goal supports first is changed where the goal is written."""
    goal = alignments_to_change(who, public_id)
    found = Alignment.objects.filter(child=goal, parent__public_id=parent_id, is_primary=False)
    line = found.select_related("child__owner", "parent").first()
    if line is None:
        raise Http404
    return line


def own_alerts(who: Viewer) -> QuerySet[GoalAlert]:
    return _alerts().filter(owner=who.employee_id)


def team_alerts(who: Viewer) -> QuerySet[GoalAlert]:
    """About goals of direct reports, once the managers were told: the owner has the first days alone."""
    return _alerts().filter(owner__in=_below(who).filter(depth=1).values("employee"), told_lines_on__isnull=False)


def partnered_alerts(who: Viewer) -> QuerySet[GoalAlert]:
    """About goals of the people `who` is HR partner of, once the partners were told."""
    partnered = people_partnered(who).exclude(employee=who.employee_id)
    return _alerts().filter(owner__in=partnered.values("employee"), told_lines_on__isnull=False)


def partnered_obstacles(who: Viewer) -> QuerySet[Obstacle]:
    """Of published goals of the people `who` is HR partner of: those he may work on."""
    return Obstacle.objects.filter(owner__in=posts_of_partnered(who).values("employee"))


def posts_of_partnered(who: Viewer) -> QuerySet[Assignment]:
    """Whose obstacles `partnered_obstacles` are."""
    return people_partnered(who).exclude(employee=who.employee_id)


def posts_counted(who: Viewer) -> QuerySet[Assignment]:
    """Of the whole company, for an administrator: obstacles are counted only, never shown one by one."""
    if not who.has(Role.ADMIN):
        raise PermissionDenied
    return Assignment.objects.filter(holds(who.on), is_primary=True)


def visible_blockers(who: Viewer) -> QuerySet[Blocker]:
    """Of the cross-team board, like obstacles (security.md §2): the poster's own, those of the people below, what is
    asked of the own unit and those around it, an HR partner's and an executive's units on either side. An administrator
    reads none of them; figures alone."""
    if _reads_all(who):
        return Blocker.objects.all()
    read = _units_read(who)
    seen = Q(posted_by__in=_below(who).values("employee")) | Q(posted_by__in=_posts(read, who.on).values("employee"))
    seen |= Q(to_unit__in=read.values("descendant")) | _asked_of(who)
    if who.employee_id is not None:
        seen |= Q(posted_by=who.employee_id)
    return Blocker.objects.filter(seen)


def blockers_to_answer(who: Viewer) -> QuerySet[Blocker]:
    """What the people of a unit, and whoever leads it or a unit above, are asked for."""
    return Blocker.objects.filter(_asked_of(who)).exclude(posted_by=who.employee_id)


def units_to_ask() -> QuerySet[OrgUnit]:
    """The tree of units is known to everybody; that the own line is left out is the action's rule."""
    return OrgUnit.objects.filter(ends_on=None)


def blocker_to_read(who: Viewer, public_id: UUID) -> tuple[Blocker, bool]:
    """With poster, units and goal, and whether `who` is one of those asked."""
    found = visible_blockers(who).filter(public_id=public_id)
    blocker = found.select_related("posted_by", "from_unit", "to_unit", "goal").first()
    if blocker is None:
        raise Http404
    return blocker, blockers_to_answer(who).filter(pk=blocker.pk).exists()


def blocker_to_reply_to(who: Viewer, public_id: UUID) -> tuple[Blocker, bool]:
    """The poster's and that of those asked. Refused to those who may only read it."""
    blocker, is_asked = blocker_to_read(who, public_id)
    if not (is_asked or blocker.posted_by_id == who.employee_id):
        raise PermissionDenied
    return blocker, is_asked


def blocker_to_solve(who: Viewer, public_id: UUID) -> Blocker:
    """Only whoever posted it says that it is solved."""
    blocker = blocker_to_read(who, public_id)[0]
    if who.employee_id is None or blocker.posted_by_id != who.employee_id:
        raise PermissionDenied
    return blocker


def alert_to_answer(who: Viewer, public_id: UUID) -> GoalAlert:
    """One of the three lists above. Refused to those who may only read the goal."""
    alert = GoalAlert.objects.filter(public_id=public_id).select_related("goal__owner").first()
    if alert is None:
        raise Http404
    _, rights = goal_to_read(who, alert.goal.public_id)
    if not rights.answers_alerts or not (rights.is_owner or alert.told_lines_on):
        raise PermissionDenied
    return alert


def alert_to_reopen(who: Viewer, public_id: UUID) -> GoalAlert:
    """One that `who` may answer and has answered: nobody takes another's word back."""
    alert = alert_to_answer(who, public_id)
    if who.employee_id is None or alert.confirmed_by_id != who.employee_id:
        raise PermissionDenied
    return alert


def obstacle_to_work_on(who: Viewer, public_id: UUID) -> Obstacle:
    """For the owner, the direct manager, the HR partner, and whoever it was given to, as long as he reads the goal."""
    obstacle = Obstacle.objects.filter(public_id=public_id).select_related("goal", "cause", "helper").first()
    if obstacle is None:
        raise Http404
    _, rights = goal_to_read(who, obstacle.goal.public_id)
    if not (rights.works_on_obstacles or helps_with(who, obstacle)):
        if not rights.reads_obstacles:
            raise Http404  # that there is an obstacle is private as well
        raise PermissionDenied
    return obstacle


def helps_with(who: Viewer, obstacle: Obstacle) -> bool:
    return who.employee_id is not None and obstacle.helper_id == who.employee_id


def milestone_to_tick(who: Viewer, public_id: UUID) -> Milestone:
    milestone = Milestone.objects.filter(public_id=public_id).select_related("goal").first()
    if milestone is None:
        raise Http404
    goal_to_keep(who, milestone.goal.public_id)
    return milestone


def sent_proposal_to_read(who: Viewer, public_id: UUID) -> tuple[ImprovementProposal, Rights]:
    """A proposal that was sent on a goal, and what `who` may do with that goal. Who may not read it finds neither."""
    found = ImprovementProposal.objects.filter(public_id=public_id).select_related("goal", "sent_by").first()
    if found is None:
        raise Http404
    found.goal, rights = goal_to_read(who, found.goal.public_id)
    return found, rights


def proof_file_to_open(who: Viewer, file_id: UUID) -> StepProof:
    """Of a proposal on a goal that `who` may read, once nothing holds it back."""
    found = StepProof.objects.filter(file_id=file_id, held="").select_related("proposal__goal").order_by("pk").first()
    if found is None:
        raise Http404
    goal_to_read(who, found.proposal.goal.public_id)
    return found


def sent_proposal_to_keep(who: Viewer, public_id: UUID) -> ImprovementProposal:
    """One that `who` proves, corrects or withdraws: whoever checks in on its goal."""
    found, rights = sent_proposal_to_read(who, public_id)
    if not rights.keeps:
        refuse_if_closed(found.goal.period)
        raise PermissionDenied
    return found


def set_to_answer(who: Viewer, public_id: UUID) -> GoalSet:
    """A published set that waits for its owner's agreement, and nobody else's."""
    found = GoalSet.objects.filter(public_id=public_id, owner=who.employee_id).select_related("owner").first()
    if who.employee_id is None or found is None:
        raise Http404
    return found


def set_to_read(who: Viewer, public_id: UUID) -> GoalSet:
    """A published set with its owner's answer: to the owner, and to the manager and the HR partner, who are told of a
    refusal."""
    named = GoalSet.objects.filter(public_id=public_id, owner__isnull=False)
    found = named.select_related("owner", "period", "published_by").first()
    if found is None or found.owner is None or who.employee_id is None:
        raise Http404
    if found.owner_id != who.employee_id and not (
        reports_directly(who, found.owner) or people_partnered(who).filter(employee=found.owner_id).exists()
    ):
        raise Http404
    return found


def owner_to_write_for(who: Viewer, public_id: UUID | None) -> Employee:
    """Whose goals `who` writes and publishes: one's own, or a direct report's."""
    if public_id is None or (who.employee and who.employee.public_id == public_id):
        if who.employee is None:
            raise Http404
        return who.employee
    found = Employee.objects.filter(public_id=public_id, status=Employee.Status.ACTIVE).first()
    if found is None:
        raise Http404
    if not reports_directly(who, found):
        raise PermissionDenied
    return found


def reports_directly(who: Viewer, owner: Employee) -> bool:
    return _below(who).filter(employee=owner, depth=1).exists()


def unit_to_write_for(who: Viewer, public_id: UUID) -> OrgUnit:
    found = OrgUnit.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    if not may_write_for_unit(who, found):
        raise PermissionDenied
    return found


def may_write_for_unit(who: Viewer, unit: OrgUnit) -> bool:
    return who.has(Role.ADMIN) or units_led(who).filter(pk=unit.pk).exists()


def may_write_for_company(who: Viewer) -> bool:
    return who.has(Role.ADMIN, Role.EXECUTIVE)


def units_led(who: Viewer) -> QuerySet[OrgUnit]:
    """Units whose goals `who` keeps: there he has his primary post and reports, and his own manager has his elsewhere.

    The organisation names no heads of units; this is what makes somebody one. Whoever has reports is a manager.
    """
    if not who.has(Role.MANAGER):
        return OrgUnit.objects.none()
    manager = ReportingClosure.objects.filter(holds(who.on), employee=who.employee_id, depth=1).values("manager")
    managers_unit = Assignment.objects.filter(holds(who.on), employee__in=manager, is_primary=True)
    own = Assignment.objects.filter(holds(who.on), employee=who.employee_id, is_primary=True)
    led = own.filter(Exists(_below(who).filter(depth=1))).exclude(unit__in=managers_unit.values("unit"))
    return OrgUnit.objects.filter(pk__in=led.values("unit"))


def people_led(who: Viewer) -> QuerySet[Employee]:
    """Whose goals `who` reads as a manager: as many levels down as the company has set."""
    return Employee.objects.filter(pk__in=_below(who).values("employee"))


def people_partnered(who: Viewer) -> QuerySet[Assignment]:
    """Primary posts in the units `who` is HR partner of, or reads as an executive."""
    return _posts(_units_partnered(who), who.on)


def people_to_start(who: Viewer) -> QuerySet[Employee]:
    """For whom `who` lays out drafts from a template: an administrator for everybody, an HR partner for the people of
    his units, a manager for direct reports; each for oneself."""
    here = Employee.objects.filter(status=Employee.Status.ACTIVE)
    if who.has(Role.ADMIN):
        return here
    own = Q(pk=who.employee_id) | Q(pk__in=_below(who).filter(depth=1).values("employee"))
    return here.filter(own | Q(pk__in=people_partnered(who).values("employee")))


def goals_to_carry(who: Viewer) -> QuerySet[Goal]:
    """Published and finished goals that `who` may lay out anew in another period: those of whom he lays out drafts for,
    of units whose goals he keeps (an administrator of all), and the company's where he writes them."""
    ours = Q(layer=Layer.POSITION, owner__in=people_to_start(who).values("pk"))
    if who.has(Role.ADMIN):
        ours = Q(layer__in=[Layer.POSITION, Layer.DEPARTMENT])
    else:
        ours |= Q(layer=Layer.DEPARTMENT, unit__in=units_led(who).values("pk"))
    if may_write_for_company(who):
        ours |= Q(layer=Layer.COMPANY)
    return readable_among(who, Goal.objects.exclude(status=Status.DRAFT).filter(ours))


def own_goals_to_carry(who: Viewer) -> QuerySet[Goal]:
    return goals_to_carry(who).filter(layer=Layer.POSITION, owner=who.employee_id)


def team_goals_to_carry(who: Viewer) -> QuerySet[Goal]:
    """Of direct reports."""
    return goals_to_carry(who).filter(layer=Layer.POSITION, owner__in=_below(who).filter(depth=1).values("employee"))


def drafts_to_write(who: Viewer, *, team: bool) -> QuerySet[Goal]:
    """Drafts of people that `goal_to_edit` lets `who` change: one's own, or with `team` those of direct reports."""
    drafts = Goal.objects.filter(layer=Layer.POSITION, status=Status.DRAFT).exclude(period__state=PeriodState.CLOSED)
    if team:
        return drafts.filter(owner__in=_below(who).filter(depth=1).values("employee"))
    return drafts.filter(owner=who.employee_id) if who.employee_id is not None else drafts.none()


def carry_over_to_read(who: Viewer, public_id: UUID) -> CarryOver:
    """By whoever asked for it; administrators see each other's."""
    found = CarryOver.objects.filter(public_id=public_id).select_related("into_period").first()
    if found is None:
        raise Http404
    if not (who.has(Role.ADMIN) or (who.employee_id is not None and found.by_id == who.employee_id)):
        raise Http404
    return found


def hands_down(who: Viewer, goal: Goal) -> bool:
    """Whether `who`, who may read it, has drafts of others made of it: a published goal of a department, which the
    goals of people support (product.md §2.3). For whom says `people_to_start`."""
    is_open = goal.layer == Layer.DEPARTMENT and goal.is_open and not goal.is_private
    is_open = is_open and goal.period.state != PeriodState.CLOSED
    return is_open and who.has(Role.ADMIN, Role.HRBP, Role.MANAGER)


def goal_to_hand_down(who: Viewer, public_id: UUID) -> Goal:
    goal = goal_to_read(who, public_id)[0]
    if not hands_down(who, goal):
        raise PermissionDenied
    return goal


def cascade_to_read(who: Viewer, public_id: UUID) -> Cascade:
    """By whoever asked for it; administrators see each other's."""
    found = Cascade.objects.filter(public_id=public_id).select_related("goal", "period").first()
    if found is None:
        raise Http404
    if not (who.has(Role.ADMIN) or (who.employee_id is not None and found.by_id == who.employee_id)):
        raise Http404
    return found


def visible_templates(who: Viewer) -> QuerySet[GoalTemplate]:
    """The company's templates, and those of units `who` belongs to, leads, partners or administers."""
    if who.has(Role.ADMIN):
        return GoalTemplate.objects.all()
    posts = Assignment.objects.filter(holds(who.on), employee=who.employee_id).values("unit")
    above = OrgUnitClosure.objects.filter(holds(who.on), descendant__in=posts).values("ancestor")
    seen = Q(unit=None) | Q(unit__in=above) | Q(unit__in=_units_below_own(who).values("descendant"))
    return GoalTemplate.objects.filter(seen | Q(unit__in=_units_partnered(who).values("descendant")))


def template_to_read(who: Viewer, public_id: UUID) -> GoalTemplate:
    found = visible_templates(who).filter(public_id=public_id).select_related("unit").first()
    if found is None:
        raise Http404
    return found


def template_to_edit(who: Viewer, public_id: UUID) -> GoalTemplate:
    """Administrators keep all of them, HR partners those of their own units (product.md §9.4)."""
    found = template_to_read(who, public_id)
    if not may_keep_template(who, found):
        raise PermissionDenied
    return found


def template_goal_to_use(who: Viewer, public_id: UUID) -> TemplateGoal:
    found = (
        TemplateGoal.objects.filter(public_id=public_id, template__in=visible_templates(who))
        .select_related("template")
        .first()
    )
    if found is None:
        raise Http404
    return found


def may_keep_template(who: Viewer, template: GoalTemplate) -> bool:
    if who.has(Role.ADMIN):
        return True
    return template.unit_id is not None and template_units(who).filter(pk=template.unit_id).exists()


def template_units(who: Viewer) -> QuerySet[OrgUnit]:
    """The open units whose templates `who` keeps."""
    here = OrgUnit.objects.filter(ends_on=None)
    return here if who.has(Role.ADMIN) else here.filter(pk__in=_units_partnered(who).values("descendant"))


def period_to_close(who: Viewer, public_id: UUID) -> Period:
    """To look at what is still open in it, to close it and to open it again: the administrator's."""
    if not who.has(Role.ADMIN):
        raise PermissionDenied
    found: Period | None = Period.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def cause_to_edit(who: Viewer, public_id: UUID) -> ObstacleCause:
    """A line of the list of obstacles: the administrator's to keep."""
    if not who.has(Role.ADMIN):
        raise PermissionDenied
    found = ObstacleCause.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


# --- requests ---------------------------------------------------------------------------------------------------------


def visible_requests(who: Viewer) -> QuerySet[AdjustmentRequest]:
    """What `who` asked for, as long as the goals are his to ask about; and once it is no draft, what he is asked about
    or has decided, what concerns his own goals, and those of people below, partnered, or read as an executive. All by
    the line of today: whoever led somebody once reads what he decided then, and nothing else."""
    line = _line_of_today(who)
    others = Q(pk__in=AdjustmentLine.objects.filter(_line_read(who, line)).values("request"))
    if who.employee_id is not None:
        is_told = ~Q(decision="") | Q(request__state=RequestState.SENT)
        steps = ApprovalStep.objects.filter(is_told, approver=who.employee_id)
        others |= Q(pk__in=steps.values("request"))
    return AdjustmentRequest.objects.filter(_asked_by(who, line) | (others & ~Q(state=RequestState.DRAFT)))


def own_requests(who: Viewer) -> QuerySet[AdjustmentRequest]:
    """Asked for by `who`, or about his goals."""
    if who.employee_id is None:
        return AdjustmentRequest.objects.none()
    about = AdjustmentLine.objects.filter(goal__layer=Layer.POSITION, goal__owner=who.employee_id).values("request")
    return visible_requests(who).filter(Q(asked_by=who.employee_id) | Q(pk__in=about))


def requests_to_answer(who: Viewer) -> QuerySet[AdjustmentRequest]:
    """Where `who` is asked next."""
    if who.employee_id is None:
        return AdjustmentRequest.objects.none()
    mine = ApprovalStep.objects.filter(approver=who.employee_id, decision="")
    earlier = ApprovalStep.objects.filter(request=OuterRef("request"), position__lt=OuterRef("position"), decision="")
    return AdjustmentRequest.objects.filter(
        state=RequestState.SENT, pk__in=mine.exclude(Exists(earlier)).values("request")
    )


def team_requests(who: Viewer) -> QuerySet[AdjustmentRequest]:
    """About goals of those below `who`."""
    below = Q(goal__layer=Layer.POSITION, goal__owner__in=_below(who).values("employee"))
    return _not_drafts(AdjustmentLine.objects.filter(below))


def partnered_requests(who: Viewer) -> QuerySet[AdjustmentRequest]:
    """About goals of the people and units `who` is HR partner of."""
    units = _units_partnered(who)
    people = Q(goal__layer=Layer.POSITION, goal__owner__in=_posts(units, who.on).values("employee"))
    ours = Q(goal__layer=Layer.DEPARTMENT, goal__unit__in=units.values("descendant"))
    return _not_drafts(AdjustmentLine.objects.filter(people | ours))


def request_to_read(who: Viewer, public_id: UUID) -> AdjustmentRequest:
    """With asker, owner, unit and period. A stranger's is not found."""
    found = visible_requests(who).filter(public_id=public_id)
    request = found.select_related("asked_by", "owner", "unit", "period").first()
    if request is None:
        raise Http404
    return request


def lines_to_read(who: Viewer, request: AdjustmentRequest) -> QuerySet[AdjustmentLine]:
    """All of them; of a manager's team, to those who are not asked, what they read of each one's goals today."""
    lines = AdjustmentLine.objects.filter(request=request)
    if not request.is_team:
        return lines
    if who.employee_id is not None and ApprovalStep.objects.filter(request=request, approver=who.employee_id).exists():
        return lines
    return lines.filter(_line_read(who, _line_of_today(who)))


def request_to_answer(who: Viewer, public_id: UUID) -> AdjustmentRequest:
    """One that `who` is asked about, now or later. Refused to those who may only read it."""
    request = request_to_read(who, public_id)
    if not ApprovalStep.objects.filter(request=request, approver=who.employee_id).exists():
        raise PermissionDenied
    return request


def request_to_withdraw(who: Viewer, public_id: UUID) -> AdjustmentRequest:
    """One's own: nobody takes another's request back."""
    request = request_to_read(who, public_id)
    if request.asked_by_id != who.employee_id:
        raise PermissionDenied
    return request


@dataclass(frozen=True)
class _LineOfToday:
    """Whom and what `who` stands above or looks after, in a form that a rule may name several times: to put the same
    query together again at each place, within others, took longer than the database took to answer. `read` are units
    read as HR partner or executive, `led` those led and all below, by id."""

    below: QuerySet[ReportingClosure, Any]
    read: list[int]
    led: list[int]


def _line_of_today(who: Viewer) -> _LineOfToday:
    """One query, two for a manager."""
    led = _units_below_own(who).values_list("descendant_id", flat=True) if who.has(Role.MANAGER) else []
    read = _units_read(who).values_list("descendant_id", flat=True)
    return _LineOfToday(_below(who).values("employee"), list(read), list(led))


def _asked_by(who: Viewer, line: _LineOfToday) -> Q:
    """Of these the goals are still `who`'s to ask about. A team's are read by its lines once it is no draft."""
    if who.employee_id is None:
        return Q(pk__in=[])
    ours = Q(layer=Layer.COMPANY) | Q(is_team=True, state=RequestState.DRAFT)
    ours |= Q(owner=who.employee_id) | Q(owner__in=line.below) | Q(unit__in=line.led)
    ours |= Q(unit__in=Goal.objects.filter(layer=Layer.DEPARTMENT, owner=who.employee_id).values("unit"))
    if who.has(Role.ADMIN):
        ours |= Q(layer=Layer.DEPARTMENT)
    return Q(asked_by=who.employee_id) & ours


def _line_read(who: Viewer, line: _LineOfToday) -> Q:
    if _reads_all(who):
        return Q(pk__isnull=False)
    person = Q(goal__owner__in=line.below)
    if line.read:
        posts = Assignment.objects.filter(holds(who.on), is_primary=True, unit__in=line.read)
        person |= Q(goal__owner__in=posts.values("employee"))
    if who.employee_id is not None:
        person |= Q(goal__owner=who.employee_id)
    unit = Q(goal__unit__in=[*line.read, *line.led])
    return (Q(goal__layer=Layer.POSITION) & person) | (Q(goal__layer=Layer.DEPARTMENT) & unit)


def _not_drafts(lines: QuerySet[AdjustmentLine]) -> QuerySet[AdjustmentRequest]:
    return AdjustmentRequest.objects.filter(pk__in=lines.values("request")).exclude(state=RequestState.DRAFT)


def suggestion_to_edit(who: Viewer, code: str) -> tuple[Suggestion, SuggestionEntry | None]:
    """A line of the company's suggestion library, and its row where the company has changed it: administrators and HR
    partners keep it."""
    if not who.has(Role.ADMIN, Role.HRBP):
        raise PermissionDenied
    kept = SuggestionEntry.objects.filter(code=code).first()
    if kept is not None:
        return as_kept({name: getattr(kept, name) for name in COLUMNS}), kept
    found = next((one for one in ready_made() if one.code == code), None)
    if found is None:
        raise Http404
    return found, None


def alert_to_act_on(who: Viewer, public_id: UUID) -> GoalAlert:
    """One of which `who` may take up a suggestion: the owner and the direct manager, who keep the goal."""
    alert = alert_to_answer(who, public_id)
    goal_to_keep(who, alert.goal.public_id)
    return alert


def owners_kept(who: Viewer, owner_ids: Iterable[int]) -> set[int]:
    """Those of the owners whose goals `who` keeps: oneself and direct reports. One query, none for one's own alone."""
    own = {who.employee_id} - {None}
    others = set(owner_ids) - own
    if not others:
        return {pk for pk in own if pk is not None}
    reports = _below(who).filter(depth=1, employee__in=others).values_list("employee_id", flat=True)
    return set(reports) | {pk for pk in own if pk is not None}


def _alerts() -> QuerySet[GoalAlert]:
    """Of published goals of people."""
    return GoalAlert.objects.filter(owner__isnull=False)


# --- the decoding workshop --------------------------------------------------------------------------------------------


def takes_part(who: Viewer) -> bool:
    """Executives, HR, and whoever leads a unit. All of them read everything in it."""
    return who.has(Role.ADMIN, Role.HRBP, Role.EXECUTIVE) or units_led(who).exists()


def keeps_workshops(who: Viewer) -> bool:
    return who.has(Role.ADMIN, Role.HRBP)


def posts_of_heads(on: date) -> QuerySet[Assignment]:
    """The primary posts, on `on`, of everybody who leads the unit of his post."""
    leads = ReportingClosure.objects.filter(holds(on), manager=OuterRef("employee"), depth=1)
    managed_beside = ReportingClosure.objects.filter(  # the own manager has his post in the same unit
        holds(on),
        holds(on, "manager__assignments__"),
        employee=OuterRef("employee"),
        depth=1,
        manager__assignments__is_primary=True,
        manager__assignments__unit=OuterRef("unit"),
    )
    return (
        Assignment.objects.filter(holds(on), is_primary=True, employee__status=Employee.Status.ACTIVE)
        .filter(Exists(leads), ~Exists(managed_beside))
        .order_by("employee_id")
    )


def departments(on: date) -> QuerySet[OrgUnit]:
    """The units that a company divides into: those led ones right below a root, and a root with nothing led below."""
    led = posts_of_heads(on).values("unit")
    lines = OrgUnitClosure.objects.filter(holds(on))
    is_deeper = Exists(lines.filter(descendant=OuterRef("pk"), depth=2))
    has_parent = Exists(lines.filter(descendant=OuterRef("pk"), depth=1))
    is_over_others = Exists(lines.filter(ancestor=OuterRef("pk"), depth=1, descendant__in=led))
    units = OrgUnit.objects.filter(pk__in=led, ends_on=None).filter(~is_deeper)
    return units.filter(has_parent | ~is_over_others).order_by("path")


def workshops_to_read(who: Viewer) -> QuerySet[Workshop]:
    if not takes_part(who):
        raise Http404
    return Workshop.objects.select_related("period")


def workshop_to_read(who: Viewer, public_id: UUID) -> Workshop:
    found: Workshop | None = workshops_to_read(who).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def workshop_to_publish(who: Viewer, public_id: UUID) -> Workshop:
    """Turning it into goals is HR's."""
    found = workshop_to_read(who, public_id)
    if not keeps_workshops(who):
        raise PermissionDenied
    refuse_if_closed(found.period)
    return found


def units_to_propose_for(who: Viewer) -> QuerySet[OrgUnit]:
    """The unit that `who` leads; an HR partner's departments among his units, an administrator's all of them."""
    units = departments(who.on)
    led = Q(pk__in=units_led(who).values("pk"))
    if who.has(Role.ADMIN):
        return OrgUnit.objects.filter(led | Q(pk__in=units.values("pk"))).order_by("path")
    if who.has(Role.HRBP):
        led |= Q(pk__in=units.filter(pk__in=_units_partnered(who).values("descendant")).values("pk"))
    return OrgUnit.objects.filter(led).order_by("path")


def writes_proposals_of(who: Viewer, *units: int) -> bool:
    """Of any of `units` (ids): administrators, who leads it, its HR partner."""
    if who.has(Role.ADMIN) or units_led(who).filter(pk__in=units).exists():
        return True
    return who.has(Role.HRBP) and _units_partnered(who).filter(descendant__in=units).exists()


def proposal_to_read(who: Viewer, public_id: UUID) -> tuple[Proposal, bool]:
    """With workshop, period, objective and unit, and whether `who` writes it as long as the workshop is open."""
    found = Proposal.objects.filter(public_id=public_id, workshop__in=workshops_to_read(who).values("pk"))
    proposal = found.select_related("workshop__period", "objective", "unit", "written_by", "goal").first()
    if proposal is None:
        raise Http404
    return proposal, writes_proposals_of(who, proposal.unit_id)


def proposal_to_write(who: Viewer, public_id: UUID) -> Proposal:
    proposal, writes = proposal_to_read(who, public_id)
    if not writes:
        raise PermissionDenied
    return proposal


def position_action_to_write(who: Viewer, public_id: UUID) -> PositionAction:
    found = PositionAction.objects.filter(public_id=public_id).select_related("proposal", "owner").first()
    if found is None:
        raise Http404
    found.proposal = proposal_to_write(who, found.proposal.public_id)
    return found


def overlap_to_read(who: Viewer, public_id: UUID) -> tuple[Overlap, bool]:
    """With both proposals, and whether `who` says how the two split it: whoever writes for one of them."""
    found = Overlap.objects.filter(public_id=public_id, workshop__in=workshops_to_read(who).values("pk"))
    pair = ("one__unit", "one__objective", "other__unit", "other__objective", "said_by", "workshop__period")
    overlap = found.select_related(*pair).first()
    if overlap is None:
        raise Http404
    return overlap, writes_proposals_of(who, overlap.one.unit_id, overlap.other.unit_id)


def overlap_to_settle(who: Viewer, public_id: UUID) -> Overlap:
    overlap, settles = overlap_to_read(who, public_id)
    if not settles:
        raise PermissionDenied
    return overlap


# --- the rules as queries ---------------------------------------------------------------------------------------------


def _is_public() -> Q:
    return ~Q(status=Status.DRAFT) & Q(is_private=False)


def _is_private_reader(who: Viewer) -> Q:
    """Uncorrelated subqueries: PostgreSQL runs each once and hashes it, however many goals are looked at."""
    units = _units_read(who)
    position = Q(owner__in=_below(who).values("employee")) | Q(owner__in=_posts(units, who.on).values("employee"))
    department = Q(unit__in=units.values("descendant")) | Q(unit__in=_units_below_own(who).values("descendant"))
    if who.employee_id is not None:
        position |= Q(owner=who.employee_id)
    if who.has(Role.ADMIN):
        department |= Q(is_private=False)  # a draft an administrator may help to write
    if _reads_all(who):
        return Q(pk__isnull=False)
    above = Q(layer=Layer.DEPARTMENT) & department
    if may_write_for_company(who):
        above |= Q(layer=Layer.COMPANY)
    return (Q(layer=Layer.POSITION) & position) | above


def _relations(who: Viewer) -> dict[str, Any]:
    """How `who` stands to a goal, as columns of the goal that is read. Units are asked about only for whom the
    organisation made a manager or a partner, and for executives."""
    unit, owner = OuterRef("unit"), OuterRef("owner")
    found: dict[str, Any] = {"depth": Subquery(_below(who).filter(employee=owner).values("depth")[:1])}
    if who.has(Role.MANAGER):
        found["leads"] = Exists(units_led(who).filter(pk=unit))
        found["leads_above"] = Exists(_units_below_own(who).filter(descendant=unit))
    if who.has(Role.HRBP):
        found["partners_owner"] = Exists(_posts(_units_partnered(who), who.on).filter(employee=owner))
        found["partners_unit"] = Exists(_units_partnered(who).filter(descendant=unit))
    if who.has(Role.EXECUTIVE):
        found["reads_all"] = Exists(_grants(who).filter(unit=None))
        found["reads_owner"] = Exists(_posts(_units_read(who), who.on).filter(employee=owner))
        found["reads_unit"] = Exists(_units_read(who).filter(descendant=unit))
    return found


def _rights(who: Viewer, goal: Goal, relations: Mapping[str, Any]) -> Rights:
    """`relations` are those of `_relations`; what was not asked is not so. In a period that was closed goals are read
    and kept by nobody (product.md §1.5); what stands in somebody's way is worked on all the same."""
    found = _rights_while_open(who, goal, relations)
    if goal.period.state == PeriodState.CLOSED:
        return replace(found, keeps=False, confirms_alignments=False)
    return found


def _rights_while_open(who: Viewer, goal: Goal, relations: Mapping[str, Any]) -> Rights:
    is_so = defaultdict[str, Any](bool, relations)
    if goal.layer == Layer.POSITION:
        return _rights_to_a_persons(who, goal, is_so)
    if goal.layer == Layer.DEPARTMENT:
        return _rights_to_a_units(who, goal, is_so)
    keeps = may_write_for_company(who)
    return Rights(keeps=keeps, reads_obstacles=keeps, works_on_obstacles=keeps, answers_alerts=keeps)


def _rights_to_a_persons(who: Viewer, goal: Goal, is_so: Mapping[str, Any]) -> Rights:
    if who.employee_id is not None and goal.owner_id == who.employee_id:
        return Rights(is_owner=True, keeps=True, reads_obstacles=True, works_on_obstacles=True, answers_alerts=True)
    depth, partners = is_so["depth"], is_so["partners_owner"]
    return Rights(
        keeps=depth == 1,
        reads_obstacles=bool(depth) or partners or is_so["reads_all"] or is_so["reads_owner"],
        works_on_obstacles=depth == 1 or partners,
        answers_alerts=depth == 1 or partners,
        confirms_alignments=depth == 1,
    )


def _rights_to_a_units(who: Viewer, goal: Goal, is_so: Mapping[str, Any]) -> Rights:
    is_owner = is_so["leads"] or (who.employee_id is not None and goal.owner_id == who.employee_id)
    keeps = is_owner or who.has(Role.ADMIN)
    partners = is_so["partners_unit"] or is_so["partners_owner"]
    leads_above = not is_owner and is_so["leads_above"]
    reads = is_so["reads_all"] or is_so["reads_unit"] or is_so["reads_owner"]
    return Rights(
        is_owner,
        keeps,
        reads_obstacles=keeps or partners or leads_above or reads,
        works_on_obstacles=is_owner or partners,
        answers_alerts=is_owner or partners,
        confirms_alignments=leads_above or (not is_owner and who.has(Role.EXECUTIVE)),
    )


def _below(who: Viewer) -> QuerySet[ReportingClosure]:
    """Whom `who` leads, as many levels down as the company has set."""
    found = ReportingClosure.objects.filter(holds(who.on), manager=who.employee_id)
    levels = GoalSettings.objects.values_list(NullIf("manager_levels", Value(0)))[:1]  # 0: all of them
    return found.filter(depth__lte=Coalesce(Subquery(levels), Value(DEEPEST)))


def _units_below_own(who: Viewer) -> QuerySet[OrgUnitClosure]:
    return OrgUnitClosure.objects.filter(holds(who.on), ancestor__in=units_led(who).values("pk"))


def _units_read(who: Viewer) -> QuerySet[OrgUnitClosure]:
    """Units read as HR partner, or as an executive from a unit down."""
    given = Q(ancestor__in=HrbpAssignment.objects.filter(holds(who.on), hrbp=who.employee_id).values("unit"))
    if who.has(Role.EXECUTIVE):
        given |= Q(ancestor__in=_grants(who).values("unit"))
    return OrgUnitClosure.objects.filter(holds(who.on)).filter(given)


def _units_partnered(who: Viewer) -> QuerySet[OrgUnitClosure]:
    given = HrbpAssignment.objects.filter(holds(who.on), hrbp=who.employee_id).values("unit")
    return OrgUnitClosure.objects.filter(holds(who.on), ancestor__in=given)


def _posts(units: QuerySet[OrgUnitClosure], on: date) -> QuerySet[Assignment]:
    return Assignment.objects.filter(holds(on), is_primary=True, unit__in=units.values("descendant"))


def _asked_of(who: Viewer) -> Q:
    """Asked of a unit where `who` has a post, or of one above it; of one `who` leads, or of one below it."""
    posts = Assignment.objects.filter(holds(who.on), employee=who.employee_id).values("unit")
    above = OrgUnitClosure.objects.filter(holds(who.on), descendant__in=posts).values("ancestor")
    return Q(to_unit__in=above) | Q(to_unit__in=_units_below_own(who).values("descendant"))


def _grants(who: Viewer) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(holds(who.on), membership=who.seat.membership_id, role=Role.EXECUTIVE)


def _reads_all(who: Viewer) -> bool:
    """An executive whose grant names no unit reads the whole company."""
    return who.has(Role.EXECUTIVE) and _grants(who).filter(unit=None).exists()


def begins_anew(request: TenantRequest) -> bool:
    """Whether an administrator comes into a company where nobody is known yet. Asks nothing for anybody else."""
    return Role.ADMIN in request.seat.roles and not Employee.objects.exists()
