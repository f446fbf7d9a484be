"""security.md §4.2: what each of these cost before it was set is told there."""

import pytest
from celery import current_app
from django.conf import settings
from django.utils.module_loading import import_string

from perfsys.jobs import tasks  # noqa: F401  # registers them
from perfsys.jobs.rhythm import schedules_by_kind
from perfsys.jobs.worker import BUDGET, LEASE, RENEW_EVERY

EXPECTED = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_acks_on_failure_or_timeout": True,
    "task_track_started": False,
    "task_ignore_result": True,
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 200,
    "worker_max_memory_per_child": 400_000,
    "task_soft_time_limit": 240,
    "task_time_limit": 300,
    "worker_cancel_long_running_tasks_on_connection_loss": True,
    "worker_soft_shutdown_timeout": 30,
    "broker_connection_retry_on_startup": True,
    "broker_pool_limit": 10,
    "task_serializer": "json",
    "accept_content": ["json"],
}
TRANSPORT = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 2,
    "socket_keepalive": True,
    "health_check_interval": 25,
    "socket_timeout": 30,
    "retry_on_timeout": True,
    "queue_order_strategy": "round_robin",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_celery_has_understood_the_setting(name):
    assert getattr(current_app.conf, name) == EXPECTED[name]


@pytest.mark.parametrize("name", TRANSPORT)
def test_the_transport_has_its_option(name):
    assert current_app.conf.broker_transport_options[name] == TRANSPORT[name]


def test_a_running_task_is_never_taken_for_a_lost_one():
    limits = [current_app.conf.task_time_limit] + [task.time_limit or 0 for task in current_app.tasks.values()]
    assert max(limits) * 2 < current_app.conf.broker_transport_options["visibility_timeout"]


def test_a_job_begun_at_the_end_of_the_budget_has_time_left():
    assert BUDGET.total_seconds() + 120 <= current_app.conf.task_soft_time_limit
    assert LEASE.total_seconds() > RENEW_EVERY * 2


def test_connections_outlive_a_task():
    """Celery's own Django part reads it by this name."""
    assert current_app.conf.get("CELERY_DB_REUSE_MAX") == settings.CELERY_DB_REUSE_MAX > 0


def test_beat_only_ticks_and_reaps():
    assert {entry["task"] for entry in current_app.conf.beat_schedule.values()} == {
        "perfsys.jobs.tasks.tick",
        "perfsys.jobs.tasks.reap",
    }
    assert {entry["task"] for entry in current_app.conf.beat_schedule.values()} <= set(current_app.tasks)


def test_every_schedule_reads_and_has_a_handler():
    assert set(schedules_by_kind()) <= set(settings.JOB_HANDLERS)


@pytest.mark.parametrize("path", sorted(set(settings.JOB_HANDLERS.values())))
def test_every_handler_is_there(path):
    assert callable(import_string(path))
