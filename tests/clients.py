"""A plugin: all test clients of a process share one chain of middleware, as all requests to a server do. Each building
its own, scan of the static files included, took a fifth of the time of a request. And of an answer's templates only a
page's own is kept (`answer.context`), not what each part and each field of a form was drawn with: a hundred copies.
Loaded by tests/conftest.py."""

from typing import Any

from django.core.signals import setting_changed
from django.template import Context, RequestContext, Template
from django.test import utils
from django.test.client import ClientHandler
from django.test.signals import template_rendered
from django.utils.safestring import SafeString

PARTS = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")
_chain: dict[str, Any] = {}
_make = ClientHandler.load_middleware


def share_middleware(handler: ClientHandler, is_async: bool = False) -> None:
    assert not is_async, "an asynchronous client has a handler of another class"
    if not _chain:
        _make(handler)
        _chain.update({part: getattr(handler, part) for part in PARTS})
    vars(handler).update(_chain)


def forget_middleware(**_setting: Any) -> None:
    """Middleware may read any setting while it is made."""
    _chain.clear()


def render_told(template: Template, context: Context) -> SafeString:
    """What is drawn with a request and is no part of something else: that one's context belongs to another template."""
    if isinstance(context, RequestContext) and context.template is template:
        template_rendered.send(sender=template, template=template, context=context)
    return template.nodelist.render(context)


utils.instrumented_test_render = render_told  # type: ignore[assignment]  # before Django's test environment is set up
ClientHandler.load_middleware = share_middleware  # type: ignore[method-assign]
setting_changed.connect(forget_middleware)
