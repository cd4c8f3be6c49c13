"""What a condition can be about: how it is compared, with which values, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from segmentation.saved import operators
from segmentation.saved.comparisons import Compare
from segmentation.saved.operators import Needs, Operator
from segmentation.saved.scope import Scope
from segmentation.saved.tree import Condition

Labels = dict[str, str | Promise]


@dataclass(frozen=True, slots=True)
class Field:
    """``choices`` None: free words, of which ``offered`` are those most cards have."""

    key: str
    label: str | Promise
    operators: tuple[Operator, ...]
    compare: Compare
    choices: Callable[[Scope], Labels] | None = None
    offered: Callable[[Scope], list[str]] | None = None
    unit: str | Promise = ""
    most: int = 1_000_000
    # Entered in yuan, kept in fen.
    money: bool = False
    normalise: Callable[[str], str] = str

    @property
    def has_free_words(self) -> bool:
        return self.choices is None

    def operator(self, key: str) -> Operator | None:
        return next((operator for operator in self.operators if operator.key == key), None)

    def check(self, condition: Condition) -> None:
        """Raise ValidationError, its code the part that is wrong: operator, words, low or high."""
        operator = self.operator(condition.operator)
        if operator is None:
            raise ValidationError(_("Choose how to compare."), code="operator")
        operators.check(condition, operator, most=self.most)

    def refuse_strange_words(self, condition: Condition, scope: Scope) -> None:
        """For what is typed now. What is stored may name a tag or a band that is no more: then no car has it."""
        operator = self.operator(condition.operator)
        if self.choices is None or operator is None or operator.needs != Needs.WORDS:
            return
        if not set(condition.words) <= set(self.choices(scope)):
            raise ValidationError(_("Choose among what is offered."), code="words")
