from typing import Any

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "perfsys.people"

    def ready(self) -> None:
        from allauth.mfa.signals import authenticator_added, authenticator_removed
        from django.contrib.auth.signals import user_logged_in

        user_logged_in.connect(_note_sign_in)
        authenticator_added.connect(_note_second_step)
        authenticator_removed.connect(_note_second_step)


# The package's own signals, not ours: every way of signing in ends in them.
def _note_sign_in(*, request: Any, user: Any, **_kwargs: Any) -> None:
    from .sessions import note_sign_in

    note_sign_in(request, user)


def _note_second_step(*, request: Any, user: Any, **_kwargs: Any) -> None:
    from .sessions import note_second_step

    note_second_step(request, user)
