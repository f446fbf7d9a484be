from typing import Any

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "perfsys.people"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        user_logged_in.connect(_note_sign_in)  # Django's own: every way of signing in ends in it


def _note_sign_in(*, request: Any, user: Any, **_kwargs: Any) -> None:
    from .sessions import note_sign_in

    note_sign_in(request, user)
