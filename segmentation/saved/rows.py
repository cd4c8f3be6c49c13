"""Conditions as somebody types them: texts, with what is wrong beside each, until they make sense."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from customers.values.money import parse_yuan
from segmentation.saved.fields import Field, Labels
from segmentation.saved.operators import Needs, Operator
from segmentation.saved.scope import Scope
from segmentation.saved.tree import DEEPEST, MOST_CONDITIONS, Bound, Condition, Group, Mode
from segmentation.saved.words import JOINTS, MODES

ROOT = "0"
_SEPARATORS = re.compile(r"[,，、;；\n]+")


@dataclass
class ConditionRow:
    path: str
    scope: Scope
    about: Field | None = None
    operator_key: str = ""
    words: list[str] = field(default_factory=list)
    # Free words and the text looked for.
    typed: str = ""
    low: str = ""
    high: str = ""
    # By part: field, operator, words, low, high.
    errors: dict[str, str] = field(default_factory=dict)
    is_group = False

    @property
    def operator(self) -> Operator | None:
        """The one chosen; of another field than the one shown before, that field's first."""
        if self.about is None:
            return None
        return self.about.operator(self.operator_key) or self.about.operators[0]

    @cached_property
    def options(self) -> list[tuple[str, str | Promise, bool]]:
        """The words to tick: value, label, whether ticked. What is no longer offered stays while it is ticked."""
        if self.about is None:
            return []
        labels: Labels = {}
        if self.about.choices:
            labels = self.about.choices(self.scope)
        elif self.about.offered:
            labels = {word: word for word in self.about.offered(self.scope)}
        kept: Labels = {word: word or _("not known") for word in self.words if word not in labels}
        return [(key, label, key in self.words) for key, label in {**labels, **kept}.items()]

    def read(self) -> Condition | None:
        """The condition; None, with ``errors`` set, when it makes no sense yet."""
        self.errors = {}
        operator = self.operator
        if self.about is None or operator is None:
            self.errors["field"] = _("Choose what the condition is about.")
            return None
        condition = self._as_typed(self.about, operator)
        if not self.errors:
            try:
                self.about.check(condition)
                self.about.refuse_strange_words(condition, self.scope)
            except ValidationError as error:
                self.errors[str(error.code)] = " ".join(error.messages)
        return None if self.errors else condition

    def _as_typed(self, asked: Field, operator: Operator) -> Condition:
        if operator.needs == Needs.NOTHING:
            return Condition(asked.key, operator.key)
        if operator.needs == Needs.TEXT:
            text = self.typed.strip()
            return Condition(asked.key, operator.key, (text,) if text else ())
        if operator.needs == Needs.WORDS:
            typed = [] if asked.choices else [asked.normalise(word) for word in _split(self.typed)]
            words = tuple(dict.fromkeys([*self.words, *(word for word in typed if word)]))
            return Condition(asked.key, operator.key, words)
        low = self._bound("low", operator, money=asked.money)
        high = self._bound("high", operator, money=asked.money) if operator.needs_two else None
        return Condition(asked.key, operator.key, (), low, high)

    def _bound(self, part: str, operator: Operator, *, money: bool) -> Bound:
        text = unicodedata.normalize("NFKC", getattr(self, part)).strip()
        try:
            if operator.needs_dates:
                return date.fromisoformat(text)
            return parse_yuan(text) if money else int(text.replace(",", ""))
        except ValueError:
            self.errors[part] = _bound_message(operator, money=money)
            return None


@dataclass
class GroupRow:
    path: str
    mode: Mode = Mode.ALL
    items: list[ConditionRow | GroupRow] = field(default_factory=list)
    error: str = ""
    is_group = True

    @property
    def is_root(self) -> bool:
        return self.path == ROOT

    @property
    def may_nest(self) -> bool:
        return self.path.count("-") < DEEPEST - 1

    @property
    def modes(self) -> list[tuple[str, str | Promise]]:
        return list(MODES.items())

    @property
    def joint(self) -> str | Promise:
        return JOINTS[self.mode]

    def rows(self) -> Iterator[ConditionRow | GroupRow]:
        """This one and all inside."""
        yield self
        for item in self.items:
            if isinstance(item, GroupRow):
                yield from item.rows()
            else:
                yield item

    def read(self) -> Group | None:
        """The whole group; None, with the errors at their places, when a part makes no sense yet."""
        self.error = "" if self.items else _("Add a condition, or remove the group.")
        found = [item.read() for item in self.items]
        if self.is_root and sum(1 for row in self.rows() if not row.is_group) > MOST_CONDITIONS:
            self.error = _("At most %(n)s conditions.") % {"n": MOST_CONDITIONS}
        items = tuple(item for item in found if item is not None)
        return Group(self.mode, items) if len(items) == len(found) and not self.error else None


def _split(text: str) -> list[str]:
    return [word.strip() for word in _SEPARATORS.split(text) if word.strip()]


def _bound_message(operator: Operator, *, money: bool) -> str:
    if operator.needs_dates:
        return _("Enter a day.")
    return _("Enter an amount in yuan, for example 1286.50.") if money else _("Enter a whole number.")
