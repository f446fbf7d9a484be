"""What a person wants of the screen."""

from django.db import transaction

from perfsys.tenancy.models import Membership

from ..models import Preferences


@transaction.atomic
def set_preferences(*, membership_id: int, theme: str | None = None, locale: str | None = None) -> Preferences:
    """Remember theme or language for this seat; None leaves it. Nobody else's business: it is not recorded."""
    wanted = {name: value for name, value in (("theme", theme), ("locale", locale)) if value is not None}
    seat = Membership.objects.get(pk=membership_id)
    preferences, _made = Preferences.objects.update_or_create(membership=seat, defaults=wanted)
    return preferences
