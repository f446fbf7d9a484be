"""Templates that come with the product, by business line: a new company takes what fits and changes it (product.md
§2.12). They are written down in the language of whoever takes them."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .extras import CHOICE, COMPUTED, DATE, LINK, NUMBER, PERSON, TEXT, ExtraField

Words = str | Promise
NO_TIME = _("No time is set aside for it")


@dataclass(frozen=True)
class GalleryGoal:
    """`stages`: (title, due after what percent of the way). Words of choices are those of goals.models. `supports` is
    the place of the goal above it where a whole tree is laid out, `obstacle` what gets in its way there."""

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
    supports: int = 0
    obstacle: Words = NO_TIME

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
    fields: tuple[ExtraField, ...] = field(default=())

    @property
    def asked(self) -> list[ExtraField]:
        """The extra fields in the reader's language; a formula names fields by what they are called there."""
        labels = {one.key: f"[{one.label}]" for one in self.fields}
        return [
            replace(
                one,
                label=str(one.label),
                says=str(one.says),
                equals=str(one.equals),
                choices=tuple(str(choice) for choice in one.choices),
                formula=one.formula.format(**labels),
            )
            for one in self.fields
        ]


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
                obstacle=_("Requirements change after the design has begun"),
            ),
            GalleryGoal(
                _("Release the planned design"),
                30,
                kind="milestone",
                evidence_type="document",
                evidence_plan=_("number of the released drawing"),
                stages=((_("Concept reviewed"), 30), (_("Sample approved"), 70), (_("Design released"), 100)),
                supports=2,
                obstacle=_("Test benches are booked out"),
            ),
            GalleryGoal(
                _("Sync design blockers to the cross-team board"),
                30,
                kind="behaviour",
                cadence=(2, "week"),
                delivers=_("every blocker stands on the board with an owner and a day"),
                evidence_type="system_log",
                evidence_plan=_("entries of the board"),
                supports=4,
            ),
        ),
        fields=(
            ExtraField(
                "stage",
                _("Where the requirement comes from"),
                CHOICE,
                choices=(_("A customer"), _("The market"), _("Improvement of our own")),
                listed=True,
            ),
            ExtraField("customer", _("Which customer"), TEXT, when="stage", equals=_("A customer")),
            ExtraField("plm", _("Requirement in PLM"), LINK),
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
                supports=1,
                obstacle=_("Incoming material varies"),
            ),
            GalleryGoal(
                _("Bring improvement proposals into use"),
                30,
                measure=_("Proposals adopted"),
                unit_of_measure=_("pieces"),
                evidence_type="proposal",
                evidence_plan=_("numbers of the adopted proposals"),
                stages=((_("Proposals collected with the team"), 30), (_("First one in use"), 60)),
                supports=1,
            ),
            GalleryGoal(
                _("Hold a short talk at the line about the day's losses"),
                30,
                kind="behaviour",
                cadence=(5, "week"),
                delivers=_("the biggest loss of the day has a cause and an owner"),
                evidence_type="report",
                evidence_plan=_("notes of the talks"),
                obstacle=_("Shifts do not overlap"),
            ),
        ),
        fields=(
            ExtraField("line", _("Line"), TEXT, listed=True),
            ExtraField("pieces", _("Pieces a day"), NUMBER),
            ExtraField("days", _("Work days of the period"), NUMBER),
            ExtraField("whole", _("Pieces of the period"), COMPUTED, formula="{pieces} * {days}", listed=True),
        ),
    ),
    GalleryTemplate(
        "quality-engineer",
        _("Quality engineer"),
        "quality",
        _("Fewer defects reach the customer, and each one that does is settled so that it does not come back."),
        goals=(
            GalleryGoal(
                _("Lower customer complaints about quality"),
                40,
                is_core=True,
                measure=_("Complaints per million pieces"),
                unit_of_measure="ppm",
                direction="lower",
                evidence_type="report",
                evidence_plan=_("monthly complaint report"),
                supports=1,
                obstacle=_("Returned parts arrive too late to be examined"),
            ),
            GalleryGoal(
                _("Close corrective actions on time"),
                30,
                measure=_("Share of 8D reports closed on the agreed day"),
                unit_of_measure="%",
                evidence_type="document",
                evidence_plan=_("numbers of the 8D reports"),
                supports=1,
            ),
            GalleryGoal(
                _("Bring the key processes under statistical control"),
                15,
                kind="milestone",
                evidence_type="report",
                evidence_plan=_("capability studies of the processes"),
                stages=(
                    (_("Key characteristics chosen"), 20),
                    (_("Measuring system approved"), 50),
                    (_("Capability shown"), 100),
                ),
                supports=2,
                obstacle=_("Measuring devices are missing"),
            ),
            GalleryGoal(
                _("Walk the process with the team and write down what differs"),
                15,
                kind="behaviour",
                cadence=(1, "week"),
                delivers=_("each difference has an owner and a day"),
                evidence_type="report",
                evidence_plan=_("notes of the process walks"),
                supports=1,
            ),
        ),
        fields=(
            ExtraField("product", _("Product family"), TEXT, listed=True),
            ExtraField("complaints", _("Complaints in the last period"), NUMBER),
            ExtraField("shipped", _("Million pieces shipped in the last period"), NUMBER),
            ExtraField(
                "ppm", _("Complaints per million in the last period"), COMPUTED, formula="{complaints} / {shipped}"
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
                supports=2,
                obstacle=_("Many people at the customer have to agree"),
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
                supports=4,
            ),
        ),
        fields=(
            ExtraField("region", _("Region"), TEXT, listed=True),
            ExtraField("customers", _("Customers planned"), NUMBER),
            ExtraField("order", _("Average order (10,000 yuan)"), NUMBER),
            ExtraField(
                "revenue", _("Revenue planned (10,000 yuan)"), COMPUTED, formula="{customers} * {order}", listed=True
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
                obstacle=_("The ticket does not show what was promised before"),
            ),
            GalleryGoal(
                _("Solve tickets at the first answer"),
                25,
                measure=_("Share of tickets solved at the first answer"),
                unit_of_measure="%",
                evidence_type="system_log",
                evidence_plan=_("log of the ticket system"),
            ),
            GalleryGoal(
                _("Get proposals of service adopted by product"),
                20,
                measure=_("Proposals adopted"),
                unit_of_measure=_("pieces"),
                evidence_type="proposal",
                evidence_plan=_("numbers of the adopted proposals"),
                stages=((_("Ten most frequent causes sorted"), 30), (_("First proposal adopted"), 70)),
                supports=4,
            ),
            GalleryGoal(
                _("Listen to a call together and agree on one thing to do better"),
                15,
                kind="behaviour",
                cadence=(1, "week"),
                delivers=_("one sentence for the team's wording list"),
                evidence_type="report",
                evidence_plan=_("notes of the calls"),
                supports=3,
            ),
        ),
        fields=(
            ExtraField(
                "channel",
                _("Channel"),
                CHOICE,
                choices=(_("Telephone"), _("Online"), _("On site")),
                listed=True,
            ),
            ExtraField("buddy", _("Contact in product development"), PERSON),
        ),
    ),
    GalleryTemplate(
        "purchaser",
        _("Purchaser"),
        "purchasing",
        _("Material on the day, at a fair price, from suppliers one can count on."),
        goals=(
            GalleryGoal(
                _("Raise on-time delivery of suppliers"),
                40,
                is_core=True,
                measure=_("Share of deliveries on the confirmed day"),
                unit_of_measure="%",
                evidence_type="report",
                evidence_plan=_("goods receipts of the period"),
                obstacle=_("Forecasts reach suppliers too late"),
            ),
            GalleryGoal(
                _("Lower the cost of purchased parts"),
                30,
                measure=_("Saving against last year's prices"),
                unit_of_measure="%",
                evidence_type="report",
                evidence_plan=_("monthly price comparison"),
                supports=1,
                obstacle=_("Only one supplier is approved"),
            ),
            GalleryGoal(
                _("Approve a second source for a critical part"),
                15,
                kind="milestone",
                evidence_type="document",
                evidence_plan=_("number of the approval"),
                stages=((_("Candidates audited"), 30), (_("Samples tested"), 65), (_("Source approved"), 100)),
                supports=2,
            ),
            GalleryGoal(
                _("Talk through open orders with the most important suppliers"),
                15,
                kind="behaviour",
                cadence=(1, "week"),
                delivers=_("every order at risk has a confirmed new day"),
                evidence_type="system_log",
                evidence_plan=_("order confirmations in ERP"),
            ),
        ),
        fields=(
            ExtraField("group", _("Material group"), TEXT, listed=True),
            ExtraField("volume", _("Purchase volume (10,000 yuan)"), NUMBER),
            ExtraField("saving", _("Saving planned, percent"), NUMBER),
            ExtraField(
                "amount", _("Saving planned (10,000 yuan)"), COMPUTED, formula="{volume} * {saving} / 100", listed=True
            ),
        ),
    ),
    GalleryTemplate(
        "hr-partner",
        _("HR partner"),
        "people",
        _("Posts filled with the right people, and managers who talk with theirs in time."),
        goals=(
            GalleryGoal(
                _("Shorten the time until a key post is filled"),
                35,
                is_core=True,
                measure=_("Days from the approved request to the signed offer"),
                unit_of_measure=_("days"),
                direction="lower",
                evidence_type="system_log",
                evidence_plan=_("log of the recruiting system"),
                supports=3,
                obstacle=_("Interviewers have no time"),
            ),
            GalleryGoal(
                _("Keep new employees beyond probation"),
                25,
                measure=_("Share of new employees still here after six months"),
                unit_of_measure="%",
                evidence_type="report",
                evidence_plan=_("monthly personnel report"),
                supports=3,
            ),
            GalleryGoal(
                _("Put the development plan of key posts into effect"),
                20,
                kind="milestone",
                evidence_type="document",
                evidence_plan=_("signed development plans"),
                stages=((_("Key posts named"), 20), (_("Plans agreed"), 50), (_("First half reviewed"), 100)),
                supports=3,
            ),
            GalleryGoal(
                _("Talk with each manager about one person's growth"),
                20,
                kind="behaviour",
                cadence=(2, "month"),
                delivers=_("one agreed next step for that person"),
                evidence_type="report",
                evidence_plan=_("notes of the talks"),
                supports=4,
            ),
        ),
        fields=(
            ExtraField("scope", _("Departments looked after"), TEXT, listed=True),
            ExtraField("posts", _("Key posts open"), NUMBER),
            ExtraField("until", _("First post filled by"), DATE),
        ),
    ),
    GalleryTemplate(
        "finance",
        _("Finance partner"),
        "finance",
        _("Figures early enough to act on, and money that comes in when it is due."),
        goals=(
            GalleryGoal(
                _("Shorten the monthly closing"),
                30,
                is_core=True,
                measure=_("Work days until the closed month"),
                unit_of_measure=_("days"),
                direction="lower",
                evidence_type="report",
                evidence_plan=_("dated monthly closings"),
                supports=0,
                obstacle=_("Receipts of the departments come late"),
            ),
            GalleryGoal(
                _("Lower overdue receivables"),
                30,
                measure=_("Receivables more than 30 days past due"),
                unit_of_measure=_("10,000 yuan"),
                direction="lower",
                evidence_type="customer",
                evidence_plan=_("list of open items by customer"),
                supports=1,
            ),
            GalleryGoal(
                _("Put the cost report by product into use"),
                20,
                kind="milestone",
                evidence_type="report",
                evidence_plan=_("number of the released report"),
                stages=((_("Cost keys agreed"), 30), (_("Trial month calculated"), 70), (_("Report in use"), 100)),
                supports=2,
                obstacle=_("Data does not flow between systems"),
            ),
            GalleryGoal(
                _("Go through the deviations with a department"),
                20,
                kind="behaviour",
                cadence=(2, "month"),
                delivers=_("each large deviation has a cause and a next step"),
                evidence_type="report",
                evidence_plan=_("notes of the talks"),
                supports=4,
            ),
        ),
        fields=(
            ExtraField("unit", _("Departments served"), TEXT, listed=True),
            ExtraField("sales", _("Sales of the period (10,000 yuan)"), NUMBER),
            ExtraField("open", _("Receivables (10,000 yuan)"), NUMBER),
            ExtraField("days", _("Days of sales outstanding"), COMPUTED, formula="{open} / {sales} * 90"),
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
                supports=1,
            ),
            GalleryGoal(
                _("Finish the project that matters most"),
                20,
                kind="milestone",
                evidence_type="project",
                evidence_plan=_("number of the project"),
                stages=((_("Plan agreed"), 20), (_("Half-way review"), 50), (_("Handed over"), 100)),
                supports=1,
            ),
            GalleryGoal(
                _("Fill the key abilities of the team"),
                15,
                measure=_("Key posts with a second person able to do them"),
                unit_of_measure="%",
                evidence_type="document",
                evidence_plan=_("list of the qualified people"),
                supports=2,
            ),
            GalleryGoal(
                _("Answer blockers of other teams quickly"),
                10,
                measure=_("Work days until the answer"),
                unit_of_measure=_("days"),
                direction="lower",
                evidence_type="system_log",
                evidence_plan=_("entries of the board"),
                supports=2,
            ),
        ),
    ),
    GalleryTemplate(
        "company",
        _("Goals of the company"),
        "other",
        _("Three goals that hold most companies together: customers, earnings, people."),
        layer="company",
        goals=(
            GalleryGoal(
                _("Customers get what they were promised"),
                40,
                is_core=True,
                measure=_("Orders delivered in full on the promised day"),
                unit_of_measure="%",
                evidence_type="system_log",
                evidence_plan=_("log of the order system"),
            ),
            GalleryGoal(
                _("Earn more with less waste"),
                35,
                is_core=True,
                measure=_("Operating margin"),
                unit_of_measure="%",
                evidence_type="report",
                evidence_plan=_("monthly result"),
            ),
            GalleryGoal(
                _("People and teams who can carry the next step"),
                25,
                measure=_("Key posts filled from within"),
                unit_of_measure="%",
                evidence_type="document",
                evidence_plan=_("list of the key posts"),
            ),
        ),
    ),
)


def gallery_template(key: str) -> GalleryTemplate | None:
    return next((one for one in GALLERY if one.key == key), None)
