"""Who reads which feedback, and who may do what with it (security.md §2, product.md §3.1, §9.2).

What is for everyone is read by everyone. Otherwise giver and receiver read it; what is shared with the manager also the
receiver's direct manager of today, the HR partner and, where the company has set it so, the chain above. An
administrator reads none. What was withdrawn is read by its giver alone. A stranger's feedback is not found.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from goals.access import people_partnered, readable_of
from goals.models import EvidenceItem, Goal, Status
from goals.queries.evidence import standing_evidence
from perfsys.lexicon.models import BehaviourTag
from perfsys.people.access import Viewer, colleagues, led_people, person_to_see, relation_to
from perfsys.people.features import Feature
from perfsys.people.models import Employee, ReportingClosure
from perfsys.people.queries import having, reports_of
from perfsys.people.spans import holds
from perfsys.people.visibility import Kind, may
from perfsys.tenancy.prepared import prepared
from perfsys.tenancy.roles import Role

from .models import (
    ActionItem,
    Feedback,
    FeedbackFact,
    FeedbackRequest,
    FeedbackSettings,
    RequestRecipient,
    RequestState,
    Retro,
    RetroResponse,
    Visibility,
)

CORRECTED_WITHIN = timedelta(hours=24)
FOLLOWED_UP_AFTER = timedelta(days=7)
DAYS_A_MONTH = 365 / 12


@dataclass(frozen=True)
class Rights:
    """What a viewer may do with one feedback that he reads."""

    is_giver: bool = False
    is_receiver: bool = False
    likes: bool = False
    corrects: bool = False  # withdraws too: the giver, within a day
    annotates: bool = False  # the giver, afterwards
    follows_up: bool = False  # the giver, after a week, of a receiver who is still here
    reacts: bool = False  # to a recognition, whoever has not written it


def visible_feedback(who: Viewer) -> QuerySet[Feedback]:
    """All that `who` may read; the list that `feedback_to_read` agrees with."""
    mine = Q(giver=who.employee_id) if who.employee_id else Q(pk__isnull=True)
    return Feedback.objects.filter(mine | Q(withdrawn_at=None) & _is_reader(who))


def wall() -> QuerySet[Feedback]:
    """Recognition, which everybody reads."""
    return Feedback.objects.filter(is_recognition())


def is_recognition(prefix: str = "") -> Q:
    """The same of rows that are reached over a relation."""
    return Q(**{f"{prefix}visibility": Visibility.EVERYONE, f"{prefix}withdrawn_at": None})


def received_by(me: Employee) -> QuerySet[Feedback]:
    return Feedback.objects.filter(receiver=me.pk, withdrawn_at=None)


def given_by(me: Employee) -> QuerySet[Feedback]:
    """What was withdrawn as well: the giver knows of it anyway."""
    return Feedback.objects.filter(giver=me.pk)


def feedback_about(who: Viewer, person: Employee) -> QuerySet[Feedback]:
    """What `person` was told and `who` may read: what a figure about `person` is counted from."""
    return feedback_about_each(who, [person.pk])


def feedback_about_each(who: Viewer, people: Collection[int]) -> QuerySet[Feedback]:
    """The same of several people (ids)."""
    return visible_feedback(who).filter(receiver__in=people, withdrawn_at=None)


def feedback_to_read(who: Viewer, public_id: UUID, *, now: datetime) -> tuple[Feedback, Rights]:
    found = visible_feedback(who).filter(public_id=public_id).select_related("giver", "receiver", "tag").first()
    if found is None:
        raise Http404
    return found, rights_to(who, found, now=now)


def feedback_to_like(who: Viewer, public_id: UUID, *, now: datetime) -> Feedback:
    found, rights = feedback_to_read(who, public_id, now=now)
    if not rights.likes:
        raise PermissionDenied
    return found


def feedback_to_take_up(who: Viewer, public_id: UUID, *, now: datetime) -> Feedback:
    """To answer, clarify or turn into an action: the receiver's."""
    found, rights = feedback_to_read(who, public_id, now=now)
    if not rights.is_receiver:
        raise PermissionDenied
    return found


def feedback_to_correct(who: Viewer, public_id: UUID, *, now: datetime) -> Feedback:
    """To correct or withdraw: the giver's. That it is too late by now the action says, so that a form which was open
    over night comes back with its words and not as a refusal."""
    found, rights = feedback_to_read(who, public_id, now=now)
    if not rights.is_giver:
        raise PermissionDenied
    return found


def feedback_to_annotate(who: Viewer, public_id: UUID, *, now: datetime) -> Feedback:
    found, rights = feedback_to_read(who, public_id, now=now)
    if not rights.annotates:
        raise PermissionDenied
    return found


def feedback_to_follow_up(who: Viewer, public_id: UUID, *, now: datetime) -> Feedback:
    """The giver's, of one who still works here. That it is too early the action says."""
    found = feedback_to_correct(who, public_id, now=now)
    if found.receiver.status != Employee.Status.ACTIVE:
        raise PermissionDenied
    return found


def feedback_to_react_to(who: Viewer, public_id: UUID, *, now: datetime) -> Feedback:
    found, rights = feedback_to_read(who, public_id, now=now)
    if not rights.reacts:
        raise PermissionDenied
    return found


def fact_to_open(who: Viewer, public_id: UUID, *, of: UUID | None = None) -> FeedbackFact:
    """A screenshot or a recording: read like its feedback, asked anew at each download. What a scanner holds back is
    not there for anybody. `of`: only as one of that feedback."""
    files = FeedbackFact.objects.exclude(file="").filter(public_id=public_id, held="")
    if of is not None:
        files = files.filter(feedback__public_id=of)
    found = files.filter(feedback__in=visible_feedback(who))
    fact: FeedbackFact | None = found.select_related("feedback").first()
    if fact is None:
        raise Http404
    return fact


def action_to_finish(who: Viewer, public_id: UUID) -> ActionItem:
    """The owner's own. Who reads the feedback it came from is refused, to everybody else it does not exist."""
    found: ActionItem | None = ActionItem.objects.filter(public_id=public_id).select_related("feedback").first()
    if found is None:
        raise Http404
    if who.employee_id is None or found.owner_id != who.employee_id:
        if found.feedback_id and visible_feedback(who).filter(pk=found.feedback_id).exists():
            raise PermissionDenied
        raise Http404
    return found


def receivers() -> QuerySet[Employee]:
    """Colleagues who read what is written to them in the product."""
    return colleagues().filter(having(Feature.FEEDBACK))


def receiver_to_write_to(who: Viewer, public_id: UUID) -> Employee:
    """Any colleague but oneself, who must be able to read it in the product."""
    found = receivers().filter(public_id=public_id).first()
    if found is None or found.pk == who.employee_id:
        raise Http404
    return found


def receivers_among(who: Viewer, public_ids: Collection[str]) -> list[Employee]:
    """Those of `public_ids`, words of an address, that one may write to. At most one query."""
    wanted = []
    for one in public_ids:
        try:
            wanted.append(UUID(one))
        except ValueError:
            continue
    if not wanted or who.employee_id is None:
        return []
    return list(receivers().filter(public_id__in=wanted).exclude(pk=who.employee_id))


def tag_to_give(public_id: UUID) -> BehaviourTag:
    """One of the company's list."""
    found: BehaviourTag | None = BehaviourTag.objects.filter(public_id=public_id, is_listed=True).first()
    if found is None:
        raise Http404
    return found


def goals_to_name(who: Viewer, public_ids: Collection[UUID]) -> list[Goal]:
    """Goals that `who` may read, to stand as the fact of a feedback. One that he may not is not found."""
    found = list(Goal.objects.filter(public_id__in=public_ids).exclude(status=Status.DRAFT))
    if len(found) < len(set(public_ids)) or len(readable_of(who, found)) < len(found):
        raise Http404
    return found


def evidence_to_name(who: Viewer, public_ids: Collection[UUID]) -> list[EvidenceItem]:
    """Evidence of goals that `who` may read, to stand as the fact of a feedback: what stands, not what is gone."""
    found = list(standing_evidence().filter(public_id__in=public_ids).select_related("goal"))
    goals = {one.goal_id: one.goal for one in found}
    if len(found) < len(set(public_ids)) or len(readable_of(who, list(goals.values()))) < len(goals):
        raise Http404
    return found


def is_party(who: Viewer, feedback: Feedback) -> bool:
    """Whether `who` reads it as giver or receiver; asks no query."""
    if who.employee_id is None or feedback.withdrawn_at is not None:
        return who.employee_id is not None and feedback.giver_id == who.employee_id
    return who.employee_id in (feedback.giver_id, feedback.receiver_id)


def own_actions(me: Employee) -> QuerySet[ActionItem]:
    return ActionItem.objects.filter(owner=me.pk)


def rights_to(who: Viewer, feedback: Feedback, *, now: datetime) -> Rights:
    """Asks no query of one fetched with its receiver: whoever holds the feedback may read it already."""
    if who.employee_id is None or feedback.withdrawn_at is not None:
        return Rights(is_giver=who.employee_id is not None and feedback.giver_id == who.employee_id)
    is_giver, is_receiver = feedback.giver_id == who.employee_id, feedback.receiver_id == who.employee_id
    is_fresh = now - feedback.at < CORRECTED_WITHIN
    return Rights(
        is_giver=is_giver,
        is_receiver=is_receiver,
        likes=is_receiver or (feedback.visibility == Visibility.EVERYONE and not is_giver),
        corrects=is_giver and is_fresh,
        annotates=is_giver and not is_fresh,
        follows_up=is_giver
        and now - feedback.at >= FOLLOWED_UP_AFTER
        and feedback.receiver.status == Employee.Status.ACTIVE,
        reacts=feedback.visibility == Visibility.EVERYONE and not is_giver,
    )


# A request is read by whoever asks and by those asked, each of whom reads the own line alone; by no manager, partner or
# administrator: it is not a feedback yet.


def own_requests(me: Employee) -> QuerySet[FeedbackRequest]:
    return FeedbackRequest.objects.filter(asker=me)


def requests_of(me: Employee) -> QuerySet[RequestRecipient]:
    """What `me` was asked; what was taken back is gone, and what was asked by somebody who has left."""
    return RequestRecipient.objects.filter(
        person=me.pk, request__withdrawn_at=None, request__asker__status=Employee.Status.ACTIVE
    )


def request_to_decline(who: Viewer, public_id: UUID) -> RequestRecipient:
    """The own line. Refused to the asker, who reads it; nobody else finds it."""
    lines = RequestRecipient.objects.select_related("request__asker", "request__goal", "person")
    found: RequestRecipient | None = lines.filter(public_id=public_id).first() if who.employee_id else None
    if found is None or who.employee_id not in {found.person_id, found.request.asker_id}:
        raise Http404
    if found.request.asker_id == who.employee_id:
        raise PermissionDenied
    if found.request.withdrawn_at is not None:
        raise Http404
    return found


def request_to_answer(who: Viewer, public_id: UUID) -> RequestRecipient | None:
    """The own line while it waits; None where it is somebody else's, settled or taken back."""
    if who.employee is None:
        return None
    lines = requests_of(who.employee).filter(state=RequestState.OPEN, public_id=public_id)
    found: RequestRecipient | None = lines.select_related("request__asker", "request__goal", "person").first()
    return found


def request_to_withdraw(who: Viewer, public_id: UUID) -> FeedbackRequest:
    """The asker's. Refused to those asked."""
    found: FeedbackRequest | None = FeedbackRequest.objects.filter(public_id=public_id).first()
    if found is None or who.employee is None:
        raise Http404
    if found.asker_id != who.employee_id:
        if requests_of(who.employee).filter(request=found).exists():
            raise PermissionDenied
        raise Http404
    return found


def feedback_settings() -> FeedbackSettings:
    """The tenant's, or the defaults where nobody has set any."""
    return next(iter(_set()), None) or FeedbackSettings()


@prepared
def _set() -> QuerySet[FeedbackSettings]:
    return FeedbackSettings.objects.order_by("pk")[:1]


def settings_to_keep(who: Viewer) -> FeedbackSettings:
    """The administrator's."""
    if not who.has(Role.ADMIN):
        raise PermissionDenied
    return feedback_settings()


# --- the rules as queries ---------------------------------------------------------------------------------------------


def _is_reader(who: Viewer) -> Q:
    """Everybody of the company reads recognition; the rest follows from how `who` stands to the receiver today."""
    read = Q(visibility=Visibility.EVERYONE)
    if who.employee_id is None:
        return read
    read |= Q(receiver=who.employee_id)
    shared = Q(visibility=Visibility.MANAGER)
    if who.has(Role.HRBP):
        partnered = people_partnered(who).exclude(employee=who.employee_id).values("employee")
        read |= shared & Q(receiver__in=partnered)
    if who.has(Role.MANAGER, Role.EXECUTIVE):
        read |= shared & _is_above(who, feedback_settings())
    return read


def _is_above(who: Viewer, settings: FeedbackSettings) -> Q:
    """The direct manager reads some months back, or all since the line began; those further up where it is set so, of
    what was sent since then: nobody else reads a feedback later than its giver was told."""
    since = who.on - timedelta(days=round(settings.history_months * DAYS_A_MONTH))

    def below(lines: QuerySet[ReportingClosure]) -> Q:
        was_manager_then = lines.filter(employee=OuterRef("receiver"), starts_on__lte=OuterRef("local_on"))
        return Q(receiver__in=lines.values("employee")) & Q(Q(local_on__gte=since) | Q(Exists(was_manager_then)))

    lines = ReportingClosure.objects.filter(holds(who.on), manager=who.employee_id)
    read = below(lines.filter(depth=1))
    if settings.chain_reads_since is not None:
        chain = below(lines.filter(depth__gt=1)) | Q(receiver__in=led_people(who).values("pk"))
        read |= Q(at__gte=settings.chain_reads_since) & chain
    return read


# --- a person's radar -------------------------------------------------------------------------------------------------


def radar_to_read(who: Viewer, public_id: UUID) -> Employee:
    """Whose radar `who` may open: one's own, a direct report's, a partnered colleague's. Those further up and the
    administrator get figures of groups alone, so here they are refused."""
    found = person_to_see(who, public_id)
    if found.pk != who.employee_id and not may(Kind.RADAR, relation_to(who, found)):
        raise PermissionDenied
    return found


def people_side_by_side(who: Viewer) -> QuerySet[Employee]:
    """Whose figures stand in the matrix of `who`: the direct reports, by name. Each of their radars opens, and of those
    further down none does."""
    if who.employee is None:
        return Employee.objects.none()
    return reports_of(who.employee, who.on, direct=True).filter(status=Employee.Status.ACTIVE)


# --- the weekly micro-retro -------------------------------------------------------------------------------------------
# The person reads and writes the own weeks; the direct manager reads what was shown to him, while he is the manager.
# Nobody else reads any: HR partners and administrators get counts of groups (product.md §6.1, §9.2).


def own_retros(me: Employee) -> QuerySet[Retro]:
    """Of weeks that have been opened: one that is still being made is nobody's yet."""
    return Retro.objects.filter(person=me.pk, week__opened_at__isnull=False)


def shared_retros(who: Viewer) -> QuerySet[Retro]:
    """What direct reports of today chose to show to `who`."""
    if who.employee_id is None:
        return Retro.objects.none()
    reports = ReportingClosure.objects.filter(holds(who.on), manager=who.employee_id, depth=1).values("employee")
    return Retro.objects.filter(shared_with=who.employee_id, shared_with_manager_at__isnull=False, person__in=reports)


def retro_to_read(who: Viewer, public_id: UUID) -> Retro:
    """One's own, or one that was shown to `who`; nobody else's is found."""
    mine = own_retros(who.employee).filter(public_id=public_id) if who.employee else Retro.objects.none()
    for readable in (mine, shared_retros(who).filter(public_id=public_id)):
        if (found := readable.select_related("week", "person", "shared_with").first()) is not None:
            return found
    raise Http404


def retro_to_answer(who: Viewer, public_id: UUID) -> Retro:
    """One's own. Refused to a manager who may read it."""
    found = retro_to_read(who, public_id)
    if found.person_id != who.employee_id:
        raise PermissionDenied
    return found


def retro_responses(who: Viewer) -> QuerySet[RetroResponse]:
    """How many answered: of the company for an administrator, of the people a partner looked after that week."""
    mine = Q(partner=None) if who.has(Role.ADMIN) else Q(pk__isnull=True)
    if who.has(Role.HRBP) and who.employee_id is not None:
        mine |= Q(partner=who.employee_id)
    return RetroResponse.objects.filter(mine)
