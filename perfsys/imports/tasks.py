"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from . import actions


def read(*, payload: dict[str, Any], now: datetime) -> None:
    actions.read(run_id=payload["run"], now=now)


def judge(*, payload: dict[str, Any], now: datetime) -> None:
    actions.judge(run_id=payload["run"], now=now)


def apply(*, payload: dict[str, Any], now: datetime) -> None:
    actions.write(run_id=payload["run"], actor_id=payload["actor"], now=now)


def undo(*, payload: dict[str, Any], now: datetime) -> None:
    actions.take_back(run_id=payload["run"], actor_id=payload["actor"], now=now)


def forget_old(*, payload: dict[str, Any], now: datetime) -> None:
    actions.forget_old(now=now)
