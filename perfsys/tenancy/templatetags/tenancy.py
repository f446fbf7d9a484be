"""`{% load tenancy %}`: addresses within the tenant a page belongs to."""

from typing import Any

from django import template
from django.template import Context

from perfsys.tenancy import routes

register = template.Library()


@register.simple_tag(takes_context=True)
def here(context: Context, name: str, *args: Any, **kwargs: Any) -> str:
    """`{% here 'goals:goal' goal.public_id %}`: like `url`, with the tenant of the page filled in."""
    return routes.here(context["request"], name, *args, **kwargs)
