"""Addresses that are given to people outside a page of theirs."""

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse


def invitation_link(slug: str, token: str) -> str:
    """From a setting, not from the request: a Host header must not choose where a secret is sent."""
    return urljoin(settings.PUBLIC_URL, reverse("door:invitation", kwargs={"slug": slug, "token": token}))
