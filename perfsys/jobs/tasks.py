"""What Celery runs: hints to look at the tables, no more. Losing one loses nothing, having two does nothing twice."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from . import mail, rhythm, wake, worker


@shared_task(name=wake.WAKE)
def wake_up() -> None:
    mail.send_due(now=timezone.now())
    if worker.work():
        wake.poke()


@shared_task(name="perfsys.jobs.tasks.tick")
def tick() -> None:
    rhythm.tick(now=timezone.now())
    wake.poke(settings.CELERY_WORKER_CONCURRENCY)


@shared_task(name="perfsys.jobs.tasks.reap")
def reap() -> None:
    rhythm.reap(now=timezone.now())
