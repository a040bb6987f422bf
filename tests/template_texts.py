"""Finds words in a template that a translator would never see."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

READ_ALOUD = {"alt", "title", "placeholder", "aria-label", "aria-description", "aria-valuetext", "label"}
NOT_TEXT = {"script", "style", "code", "kbd", "svg"}
_JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def loose_texts(template: str) -> list[str]:
    """Return the texts and read-aloud attributes of a template that do not go through gettext.

    What `_()` or `{% trans %}` prints has been taken out; a string that an expression prints as it is,
    such as both ends of `{{ 'yes' if x else 'no' }}`, is left in.
    """
    finder = _Finder()
    finder.feed("".join(_untranslated(template)))
    finder.close()
    return finder.found


def _untranslated(template: str) -> Iterator[str]:
    """Yield the template's own markup with what each expression prints untranslated in its place."""
    expression: list[str] | None = None
    block: list[str] = []
    in_trans = False
    for _line, kind, value in _JINJA.lex(template):
        if kind == "variable_begin":
            expression = []
        elif kind == "variable_end":
            yield _printed("".join(expression or []))
            expression = None
        elif expression is not None:
            expression.append(value)
        elif kind == "block_begin":
            block = []
        elif kind == "block_end":
            words = "".join(block).split()
            in_trans = words[0] == "trans" or (in_trans and words[0] != "endtrans")
        elif kind == "data" and not in_trans:
            yield value
        elif kind != "data":
            block.append(value)


def _printed(expression: str) -> str:
    tree = _JINJA.parse("{{" + expression + "}}")
    return "".join(part for output in tree.find_all(nodes.Output) for part in _literals(output))


def _literals(node: nodes.Node) -> Iterator[str]:
    """Yield the strings that an expression can print as they stand."""
    match node:
        case nodes.Const(value=str() as value) | nodes.TemplateData(data=value):
            yield value
        case nodes.CondExpr():
            yield from _literals(node.expr1)
            if node.expr2 is not None:
                yield from _literals(node.expr2)
        case nodes.Output() | nodes.Concat() | nodes.Or() | nodes.And() | nodes.Add():
            for child in node.iter_child_nodes():
                yield from _literals(child)
        case nodes.Filter(name="default" | "d"):
            for child in node.iter_child_nodes():
                yield from _literals(child)


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in NOT_TEXT
        for name, value in attrs:
            is_button = tag == "input" and name == "value" and ("type", "submit") in attrs
            if name in READ_ALOUD or is_button:
                self._keep(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in NOT_TEXT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._keep(data)

    def _keep(self, text: str) -> None:
        if any(letter.isalpha() for letter in text):
            self.found.append(" ".join(text.split()))
