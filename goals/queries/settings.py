"""What a tenant has set about goals."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from goals.models import GoalSettings, Layer
from goals.publishing import Bounds
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import current_tenant_id


def goal_settings() -> GoalSettings:
    """The tenant's settings, or the defaults where nobody has set any; one query."""
    found: GoalSettings | None = GoalSettings.objects.first()
    return found or GoalSettings()


def bounds(settings: GoalSettings) -> Mapping[str, Bounds]:
    return {
        Layer.COMPANY: Bounds(settings.company_least, settings.company_most),
        Layer.DEPARTMENT: Bounds(settings.department_least, settings.department_most),
        Layer.POSITION: Bounds(settings.position_least, settings.position_most),
    }


def tenant_zone() -> ZoneInfo:
    return ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id()))


def local_date(now: datetime) -> date:
    """The open tenant's date at `now`; one query. Views know the zone already: `request.seat.zone`."""
    return now.astimezone(tenant_zone()).date()
