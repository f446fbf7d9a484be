"""Templates that come with the product, by business line: a new company takes what fits and changes it (product.md
§2.12). They are written down in the language of whoever takes them."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class GalleryGoal:
    """`stages`: (title, due after what percent of the way). Words of choices are those of goals.models."""

    title: Words
    weight: int
    kind: str = "kpi"
    is_core: bool = False
    measure: Words = ""
    unit_of_measure: Words = ""
    direction: str = "raise"
    cadence: tuple[int, str] | None = None
    delivers: Words = ""
    evidence_type: str = ""
    evidence_plan: Words = ""
    stages: tuple[tuple[Words, int], ...] = ()

    @property
    def share(self) -> Decimal:
        return Decimal(self.weight)


@dataclass(frozen=True)
class GalleryTemplate:
    """`key` stays for good: a template that was taken remembers it."""

    key: str
    name: Words
    line: str
    summary: Words
    layer: str = "position"
    goals: tuple[GalleryGoal, ...] = field(default=())


GALLERY: tuple[GalleryTemplate, ...] = (
    GalleryTemplate(
        "research-engineer",
        _("Development engineer"),
        "research",
        _("From a requirement to a released design: how fast, how well, and what others learn of it in time."),
        goals=(
            GalleryGoal(
                _("Shorten the delivery cycle of requirements"),
                40,
                is_core=True,
                measure=_("Days from the accepted requirement to the released drawing"),
                unit_of_measure=_("days"),
                direction="lower",
                evidence_type="project",
                evidence_plan=_("project numbers of the requirements delivered"),
                stages=((_("Cycle of the last quarter measured"), 15), (_("Slowest step shortened"), 60)),
            ),
            GalleryGoal(
                _("Release the planned design"),
                30,
                kind="milestone",
                evidence_type="document",
                evidence_plan=_("number of the released drawing"),
                stages=((_("Concept reviewed"), 30), (_("Sample approved"), 70), (_("Design released"), 100)),
            ),
            GalleryGoal(
                _("Sync design blockers to the cross-team board"),
                30,
                kind="behaviour",
                cadence=(2, "week"),
                delivers=_("every blocker stands on the board with an owner and a day"),
                evidence_type="system_log",
                evidence_plan=_("entries of the board"),
            ),
        ),
    ),
    GalleryTemplate(
        "production-lead",
        _("Production team lead"),
        "production",
        _("A line that runs well and gets better by the proposals of those who work on it."),
        goals=(
            GalleryGoal(
                _("Raise the first-pass yield of the line"),
                40,
                is_core=True,
                measure=_("First-pass yield"),
                unit_of_measure="%",
                evidence_type="work_order",
                evidence_plan=_("work orders of the period"),
            ),
            GalleryGoal(
                _("Bring improvement proposals into use"),
                30,
                measure=_("Proposals adopted"),
                unit_of_measure=_("pieces"),
                evidence_type="proposal",
                evidence_plan=_("numbers of the adopted proposals"),
                stages=((_("Proposals collected with the team"), 30), (_("First one in use"), 60)),
            ),
            GalleryGoal(
                _("Hold a short talk at the line about the day's losses"),
                30,
                kind="behaviour",
                cadence=(5, "week"),
                delivers=_("the biggest loss of the day has a cause and an owner"),
                evidence_type="report",
                evidence_plan=_("notes of the talks"),
            ),
        ),
    ),
    GalleryTemplate(
        "sales",
        _("Sales"),
        "sales",
        _("New customers and customers who buy again, told apart: the two need different work."),
        goals=(
            GalleryGoal(
                _("Win new customers of the first tier"),
                40,
                is_core=True,
                measure=_("First orders of first-tier customers"),
                unit_of_measure=_("customers"),
                evidence_type="customer",
                evidence_plan=_("customer numbers of the first orders"),
                stages=((_("Standard of the customer tiers agreed"), 20), (_("Technical check passed"), 60)),
            ),
            GalleryGoal(
                _("Raise repeat purchases"),
                40,
                measure=_("Share of customers who bought again"),
                unit_of_measure="%",
                evidence_type="customer",
                evidence_plan=_("orders of the period"),
            ),
            GalleryGoal(
                _("Bring what customers say back to development"),
                20,
                kind="behaviour",
                cadence=(2, "month"),
                delivers=_("a written requirement that development has answered"),
                evidence_type="proposal",
                evidence_plan=_("numbers of the requirements"),
            ),
        ),
    ),
    GalleryTemplate(
        "customer-service",
        _("Customer service"),
        "service",
        _("Tickets solved so that the customer is content, and their causes taken back to product."),
        goals=(
            GalleryGoal(
                _("Turn the mood of customers in tickets"),
                40,
                is_core=True,
                measure=_("Tickets that end in a better mood than they began"),
                unit_of_measure="%",
                evidence_type="system_log",
                evidence_plan=_("log of the ticket system"),
            ),
            GalleryGoal(
                _("Solve tickets at the first answer"),
                30,
                measure=_("Share of tickets solved at the first answer"),
                unit_of_measure="%",
                evidence_type="system_log",
                evidence_plan=_("log of the ticket system"),
            ),
            GalleryGoal(
                _("Get proposals of service adopted by product"),
                30,
                measure=_("Proposals adopted"),
                unit_of_measure=_("pieces"),
                evidence_type="proposal",
                evidence_plan=_("numbers of the adopted proposals"),
            ),
        ),
    ),
    GalleryTemplate(
        "department",
        _("Goals of a department"),
        "other",
        _("Five goals that most departments have in one form or another; put in your own figures."),
        layer="dept",
        goals=(
            GalleryGoal(
                _("Deliver on time"),
                30,
                is_core=True,
                measure=_("Share delivered on the promised day"),
                unit_of_measure="%",
                evidence_type="system_log",
                evidence_plan=_("log of the order system"),
            ),
            GalleryGoal(
                _("Lower the cost of poor quality"),
                25,
                is_core=True,
                measure=_("Cost of poor quality"),
                unit_of_measure=_("10,000 yuan"),
                direction="lower",
                evidence_type="report",
                evidence_plan=_("monthly quality report"),
            ),
            GalleryGoal(
                _("Finish the project that matters most"),
                20,
                kind="milestone",
                evidence_type="project",
                evidence_plan=_("number of the project"),
                stages=((_("Plan agreed"), 20), (_("Half-way review"), 50), (_("Handed over"), 100)),
            ),
            GalleryGoal(
                _("Fill the key abilities of the team"),
                15,
                measure=_("Key posts with a second person able to do them"),
                unit_of_measure="%",
                evidence_type="document",
                evidence_plan=_("list of the qualified people"),
            ),
            GalleryGoal(
                _("Answer blockers of other teams quickly"),
                10,
                measure=_("Work days until the answer"),
                unit_of_measure=_("days"),
                direction="lower",
                evidence_type="system_log",
                evidence_plan=_("entries of the board"),
            ),
        ),
    ),
)


def gallery_template(key: str) -> GalleryTemplate | None:
    return next((one for one in GALLERY if one.key == key), None)
