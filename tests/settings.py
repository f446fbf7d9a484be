"""The project's settings, quicker passwords, and one app more: the proofs of the walls have models of their own."""

from perfsys.settings import *  # noqa: F403  # all of them, by definition
from perfsys.settings import ALLOWED_HOSTS as HOSTS
from perfsys.settings import INSTALLED_APPS as OURS

INSTALLED_APPS = [*OURS, "tests.probe"]
ROOT_URLCONF = "tests.urls"
ALLOWED_HOSTS = [*HOSTS, "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # 0.4 s a person otherwise
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
