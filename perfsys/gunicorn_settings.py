"""How gunicorn serves, here and in the container: `gunicorn -c python:perfsys.gunicorn_settings perfsys.wsgi`."""

import gc
import os

from perfsys.settings import LOGGING

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
preload_app = True  # imported once and shared by all; nothing that a fork may not share is open by then
threads = int(os.environ.get("WEB_THREADS", "4"))  # each keeps a database connection of its own
timeout = 60  # seconds without a sign of life from a worker
graceful_timeout = int(os.environ.get("WEB_GRACE", "30"))  # seconds for requests that run when it is asked to stop
max_requests, max_requests_jitter = 10_000, 1_000  # a leak never grows for weeks
forwarded_allow_ips = ""  # which proxy is believed is Django's setting, TRUSTED_SSL_HEADER
control_socket_disable = True  # it would lie in the home folder
if os.access("/dev/shm", os.W_OK):  # noqa: S108 the heartbeat file needs no disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108

_ours = {"handlers": ["stderr"], "level": "INFO", "propagate": False}
logconfig_dict = {**LOGGING, "loggers": {**LOGGING["loggers"], "gunicorn.error": _ours}}


def when_ready(_server: object) -> None:
    """Before the workers are forked: the pages are loaded once and shared by all, not by each at its first request."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018  it is the reading that loads them
    gc.freeze()
