"""Parts of the product that a company may switch on for a few people first (product.md §1.4).

Where a part is not switched on for somebody, its pages are not in the navigation and new entries are refused. What was
written stays where its readers find it: nothing about a person becomes unreadable to that person.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Feature(TextChoices):
    FEEDBACK = "feedback", _("Instant feedback")
    RETRO = "retro", _("Weekly retro")
    INTERVIEWS = "interviews", _("Interviews")
    BLOCKERS = "blockers", _("Cross-team board")


class Reach(TextChoices):
    EVERYONE = "everyone", _("Everybody")
    SOME = "some", _("Only those named below")
    NOBODY = "nobody", _("Nobody")


SAYS = {
    Feature.FEEDBACK: _(
        "Writing a feedback, the wall and the radar. Whoever has it not can neither write one nor be written to."
    ),
    Feature.RETRO: _("Three questions on Friday, and the report of one's own week."),
    Feature.INTERVIEWS: _("Talks with a prep pack. A manager plans them with those reports who have it as well."),
    Feature.BLOCKERS: _("Asking another team for help, and its answer in everybody's sight."),
}
