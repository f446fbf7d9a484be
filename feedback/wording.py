"""Who reads a feedback, in words and by name, for the page that asks and for the page that tells."""

from django.utils.translation import gettext as _

from feedback.models import Visibility
from feedback.queries.exchange import Readers
from perfsys.people.models import Employee


def readers(visibility: str, receiver: Employee | None, found: Readers, *, giver: Employee, company: str) -> str:
    """The giver reads it anyway and is not named. Without a receiver yet: what the choice will mean."""
    if visibility == Visibility.EVERYONE:
        return _("Everyone at %(company)s") % {"company": company}
    if receiver is None:
        if visibility == Visibility.RECEIVER:
            return _("The receiver alone")
        return _("The receiver, the direct manager and the HR partner")
    if visibility == Visibility.RECEIVER:
        return _("%(name)s alone") % {"name": receiver.name}
    named = [receiver.name]
    if found.manager is not None and found.manager.pk != giver.pk:
        named.append(_("%(name)s (direct manager)") % {"name": found.manager.name})
    others = [one for one in found.partners if one.pk != giver.pk and one != found.manager]
    named += [_("%(name)s (HR partner)") % {"name": one.name} for one in others]
    if found.chain_reads:
        named.append(_("the managers above"))
    return _(", ").join(named)
