"""Columns that carry months and amounts, so that no model invents its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property

from core.amounts import LIMIT, AmountOutOfRange, from_hundredths, to_hundredths
from core.periods import Month


class AmountField(models.BigIntegerField):
    """Whole hundredths in a BIGINT (万元 or 元, the name says which); ``int`` in Python as in the database.

    Rules sum it as it is; ``core.amounts.from_hundredths`` turns it into the Decimal that people see.
    """

    description = "amount in whole hundredths"

    def to_python(self, value: Any) -> int | None:
        return super().to_python(self._hundredths(value))

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value is not None and abs(value) >= LIMIT:
            raise ValidationError("金额超出范围")

    def get_prep_value(self, value: Any) -> int | None:
        value = super().get_prep_value(self._hundredths(value))
        if isinstance(value, int) and abs(value) >= LIMIT:
            raise AmountOutOfRange(str(from_hundredths(value)))
        return value

    def _hundredths(self, value: Any) -> Any:
        """A Decimal is an amount as people write it; an int is hundredths already."""
        if isinstance(value, float):
            raise TypeError(f"{self.name}: amounts are never float")
        return to_hundredths(value) if isinstance(value, Decimal) else value


class MonthField(models.PositiveIntegerField):
    """A ``core.periods.Month``, kept as 202206: readable in the database, ordered, portable."""

    description = "calendar month"

    @cached_property
    def validators(self) -> list[Any]:
        """Without the integer range of the database: a ``Month`` is no integer, and has its own bounds."""
        return [*self.default_validators, *self._validators]

    def from_db_value(self, value: int | None, expression: object, connection: object) -> Month | None:
        return None if value is None else Month.from_number(value)

    def to_python(self, value: Any) -> Month | None:
        if value is None or isinstance(value, Month):
            return value
        try:
            return Month.from_number(value) if isinstance(value, int) else Month.parse(str(value))
        except ValueError as error:
            raise ValidationError("月份应写作 2022-06") from error

    def get_prep_value(self, value: Any) -> int | None:
        """Whatever is no month is refused here: one 202213 in the table would break every later read."""
        if isinstance(value, str):
            value = Month.parse(value)
        elif isinstance(value, int):
            value = Month.from_number(value)
        return value.number if isinstance(value, Month) else super().get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))
