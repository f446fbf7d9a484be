"""How often a connection is read, in words. The rules are those of `perfsys.jobs.schedules`."""

import re

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perfsys.jobs.schedules import WEEKDAYS as DAYS

OFFERED = (
    "every 15 minutes",
    "every 60 minutes",
    "every 240 minutes",
    "daily 02:00",
    "daily 06:30",
    "daily 12:30",
    "daily 22:00",
    "work days 07:00",
)


def in_words(rule: str) -> str:
    """`every 60 minutes` is "hourly". A rule none of these says is shown as it is written."""
    if match := re.fullmatch(r"every (\d+) minutes?", rule):
        return _every(int(match[1]))
    if match := re.fullmatch(r"daily (\d\d:\d\d)", rule):
        return _("every day at %(time)s") % {"time": match[1]}
    if match := re.fullmatch(r"work days (\d\d:\d\d)", rule):
        return _("every work day at %(time)s") % {"time": match[1]}
    if match := re.fullmatch(rf"weekly ({'|'.join(DAYS)}) (\d\d:\d\d)", rule):
        return _("%(day)s at %(time)s, every week") % {"day": WEEKDAYS[DAYS.index(match[1])], "time": match[2]}
    return rule


def _every(minutes: int) -> str:
    if minutes == 60:
        return _("hourly")
    if minutes % 60:
        return ngettext("every %(number)d minute", "every %(number)d minutes", minutes) % {"number": minutes}
    return _("every %(number)d hours") % {"number": minutes // 60}
