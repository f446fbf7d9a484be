"""Django's templates, drawn in less time: the same words in the same places.

A page resolves some eight hundred variables. Most are plain strings and whole numbers without a filter, which Django
leads past its checks for moments, numbers of a language and lazy values each time; and what a sentence of a template
is in a language stays the same while the process runs. Everything else goes Django's way, and so does whatever goes
wrong. `Loader` stands in the settings; what is compiled from a string by itself (`Template("...")`) is Django's own.
"""

from typing import Any

from django.conf import settings
from django.template import Origin, Template, TemplateDoesNotExist
from django.template.base import (
    DebugLexer,
    FilterExpression,
    Lexer,
    Node,
    NodeList,
    Parser,
    Variable,
    VariableNode,
    render_value_in_context,
)
from django.template.context import BaseContext
from django.template.loaders import base, cached
from django.templatetags.i18n import TranslateNode
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

_NEVER_CALLED = frozenset({str, SafeString, int, bool, type(None), list, dict, tuple})


class _Variable(Variable):
    __slots__ = ()

    def _resolve_lookup(self, context: Any) -> Any:
        try:
            return _looked_up(self.lookups, context)
        except Exception:  # from the start, as Django does it: what is silent there and what is not
            return super()._resolve_lookup(context)  # type: ignore[misc]  # private, unknown to the stubs


class _NotQuick(Exception):
    """Left to Django."""


def _looked_up(names: Any, context: Any) -> Any:
    """Of a name and those behind its dots an entry, else an attribute, else of a list by place; called where it can be.
    Raises whatever comes of looking, `_NotQuick` where there is a rule of its own."""
    if not isinstance(context, BaseContext):
        raise _NotQuick
    found: Any = context
    for place, name in enumerate(names):
        kind = type(found)
        if not place:
            found = _in_layers(found.dicts, name)
        elif kind is dict and name in found:
            found = found[name]
        elif kind is list or (isinstance(found, tuple) and kind.__getitem__ is tuple.__getitem__):
            found = found[int(name)] if name.isdecimal() else getattr(found, name)
        elif hasattr(kind, "__getitem__"):
            found = _entry_or_attribute(found, name)
        else:
            found = getattr(found, name)
        if type(found) not in _NEVER_CALLED and callable(found):
            if getattr(found, "do_not_call_in_templates", False):
                continue
            if getattr(found, "alters_data", False):
                raise _NotQuick
            found = found()
    return found


def _in_layers(layers: Any, name: str) -> Any:
    for layer in reversed(layers):
        if name in layer:
            return layer[name]
    raise _NotQuick


def _entry_or_attribute(holder: Any, name: str) -> Any:
    if isinstance(holder, BaseContext):
        raise _NotQuick
    try:
        return holder[name]
    except (TypeError, AttributeError, KeyError, ValueError, IndexError):
        return getattr(holder, name)


class _Expression(FilterExpression):
    __slots__ = ()

    def __init__(self, token: str, parser: Parser) -> None:
        super().__init__(token, parser)
        if type(self.var) is Variable and self.var.lookups is not None and not self.var.translate:
            self.var = _Variable(self.var.var)


class _VariableNode(VariableNode):
    def render(self, context: Any) -> Any:
        try:
            value = self.filter_expression.resolve(context)
        except UnicodeDecodeError:
            return ""
        kind = type(value)
        if kind is SafeString:
            return value
        if kind is str:
            return escape(value) if context.autoescape else value
        if kind is int and not settings.USE_THOUSAND_SEPARATOR:
            return SafeString(value)
        return render_value_in_context(value, context)


class _TranslateNode(TranslateNode):
    """Of a sentence that stands there itself, without a filter, the words in each language, once they are drawn."""

    def __init__(self, node: TranslateNode) -> None:
        super().__init__(node.filter_expression, node.noop, node.asvar, node.message_context)
        says: Any = node.filter_expression
        about: Any = node.message_context
        is_fixed = not says.filters and says.var.literal is not None and (about is None or not about.is_var)
        self._drawn: dict[Any, str] | None = {} if is_fixed and node.asvar is None else None

    def render(self, context: Any) -> Any:
        if self._drawn is None:
            return super().render(context)
        key = (get_language(), context.autoescape)
        if key not in self._drawn:
            self._drawn[key] = super().render(context)
        return self._drawn[key]


_QUICK: dict[type[Node], Any] = {
    VariableNode: lambda node: _VariableNode(node.filter_expression),
    TranslateNode: _TranslateNode,
}


class _Parser(Parser):
    def compile_filter(self, token: str) -> FilterExpression:
        return _Expression(token, self)

    def extend_nodelist(self, nodelist: NodeList, node: Node, token: Any) -> None:
        """Every node comes through here, on its way into the list it is drawn from."""
        quick = _QUICK.get(type(node))
        super().extend_nodelist(nodelist, quick(node) if quick else node, token)


class _Template(Template):
    def compile_nodelist(self) -> NodeList:
        """As Django's, by a parser of ours."""
        lexer = (DebugLexer if self.engine.debug else Lexer)(self.source)
        libraries, builtins = self.engine.template_libraries, self.engine.template_builtins
        parser: Any = _Parser(lexer.tokenize(), libraries, builtins, self.origin)
        try:
            found: NodeList = parser.parse()
        except Exception as error:
            if self.engine.debug:
                error.template_debug = self.get_exception_info(error, error.token)  # type: ignore[attr-defined]
            raise
        self.extra_data = parser.extra_data
        return found


class _Compiling(base.Loader):
    get_contents: Any  # of the loader that is made of this one

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        tried = []
        for origin in self.get_template_sources(template_name):
            if skip is not None and origin in skip:
                tried.append((origin, "Skipped to avoid recursion"))
                continue
            try:
                contents = self.get_contents(origin)
            except TemplateDoesNotExist:
                tried.append((origin, "Source does not exist"))
                continue
            return _Template(contents, origin, template_name, self.engine)
        raise TemplateDoesNotExist(template_name, tried=tried)


class Loader(cached.Loader, _Compiling):
    """Keeps what it compiled, as Django's does, and compiles it as above."""
