"""The project's settings and one app more: the walls are proved on models that no feature ever changes."""

from perfsys.settings import *  # noqa: F403  # all of them, by definition
from perfsys.settings import INSTALLED_APPS as OURS

INSTALLED_APPS = [*OURS, "tests.probe"]
ROOT_URLCONF = "tests.urls"
