"""One setting of an evaluation document: what it says, and whether a clause prints it or the demo chose it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from core.policies import UNKNOWN, Fields, Mapping, Node, PolicyFault, Scalar, Unknown
from core.policies.fields import CLAUSE_LIMIT, add_fault, is_unknown, read_number, read_whole

T = TypeVar("T")

#: the only ``src`` that may be written: a figure that no document prints, chosen so that the demo can run
DEMO = "demo"
ORIGIN_KEYS = {"clause": "条款", "src": "来源", "note": "说明", "wording": "原文"}
SETTING_KEYS = {"value": "数值"} | ORIGIN_KEYS


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a setting comes from. Printed ones name their ``clause``; chosen ones (``is_demo``) say why in ``note``."""

    clause: str | None = None
    is_demo: bool = False
    note: str | None = None

    @property
    def label(self) -> str:
        return "未载明·演示取值" if self.is_demo else self.clause or ""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """``value`` as the document has it; ``UNKNOWN`` where it prints nothing, which forbids publishing."""

    value: T | Unknown
    origin: Origin
    wording: str | None = None

    @property
    def known(self) -> T:
        """The value of a setting without which nothing is computed; raises ``ValueError`` when it is unknown."""
        if isinstance(self.value, Unknown):
            raise ValueError("an unknown setting cannot be computed with")
        return self.value

    def known_or(self, provisional: T) -> T:
        """The value, or what a draft uses for the time being."""
        return provisional if isinstance(self.value, Unknown) else self.value


def is_missing(setting: Setting[Any]) -> bool:
    """Whether the source prints nothing."""
    return isinstance(setting.value, Unknown)


ReadValue = Callable[[Node, list[PolicyFault]], object]


class SettingFields(Fields):
    """A mapping whose settings inherit the ``clause``, or the ``src: demo`` with its ``note``, of the block."""

    def __init__(
        self,
        node: Mapping,
        faults: list[PolicyFault],
        keys: MappingType[str, str],
        inherited: Origin | None = None,
    ) -> None:
        super().__init__(node, faults, {**keys, **ORIGIN_KEYS})
        self.origin = self._own_origin() or inherited

    def _own_origin(self) -> Origin | None:
        clause = self.text_or_none("clause", CLAUSE_LIMIT)
        note = self.text_or_none("note")
        if self.get("src") is None:
            return Origin(clause, False, note) if clause else None
        self.choice("src", {DEMO})
        if clause:
            add_fault(
                self.faults, self.node, "条款和演示取值只写一个：文件载明的写 clause，自定的写 src: demo"
            )
        if not note:
            add_fault(self.faults, self.node, "演示取值要在 note（说明）写明理由")
        return Origin(None, True, note)

    def own_or_inherited(self) -> Origin:
        """The origin of this mapping as a whole; a fault when there is none."""
        if self.origin is None:
            add_fault(
                self.faults, self.node, "没有出处，请写 clause（条款），或 src: demo 并在 note 说明理由"
            )
        return self.origin or Origin()

    def number(self, name: str, *, least: int | None = None, places: int = 6) -> Setting[Decimal]:
        def read(node: Node, faults: list[PolicyFault]) -> object:
            number = read_number(node, faults)
            if isinstance(number, Decimal):
                if least is not None and number < least:
                    add_fault(faults, node, f"{self.keys[name]}不能小于 {least}（{number}）")
                if number != round(number, places):
                    add_fault(faults, node, f"{self.keys[name]}最多 {places} 位小数（{number}）")
            return number

        return self._setting(name, read)

    def whole_number(self, name: str) -> Setting[int]:
        return self._setting(name, read_whole)

    def one_of(self, name: str, choices: Collection[str]) -> Setting[str]:
        def read(node: Node, faults: list[PolicyFault]) -> object:
            text = node.text if isinstance(node, Scalar) else None
            if text in choices:
                return text
            add_fault(faults, node, f"{self.keys[name]}只能是：{'、'.join(choices)}")
            return None

        return self._setting(name, read)

    def optional_number(self, name: str, *, least: int | None = None) -> Setting[Decimal] | None:
        """The number, or ``None`` where the document does not bring the key; ``none`` says so in a word."""
        node = self.get(name)
        if node is None or (isinstance(node, Scalar) and node.text == "none"):
            return None
        return self.number(name, least=least)

    def flag(self, name: str, *, default: bool) -> bool:
        """``true`` or ``false``; ``default`` where the key is absent."""
        return default if self.get(name) is None else self.choice(name, ("true", "false")) == "true"

    def custom(self, name: str, read: Callable[[Node, list[PolicyFault]], T | None]) -> Setting[T]:
        return self._setting(name, read)

    def _setting(self, name: str, read: ReadValue) -> Setting[Any]:
        """``name: value`` under the block's origin, or ``name: {value, clause | src, note, wording}``."""
        node = self.require(name, unknown_ok=True)
        if node is None:
            return Setting(UNKNOWN, Origin())
        wording = None
        origin = self.origin
        if isinstance(node, Mapping) and "value" in node.entries:
            own = SettingFields(node, self.faults, SETTING_KEYS, self.origin)
            origin, wording = own.origin, own.text_or_none("wording")
            value_node = own.require("value", unknown_ok=True)
            if value_node is None:
                return Setting(UNKNOWN, Origin())
        else:
            value_node = node
        if is_unknown(value_node):
            return Setting(UNKNOWN, origin or Origin(), wording)
        if origin is None:
            add_fault(self.faults, node, "没有出处，请写 clause（条款），或 src: demo 并在 note 说明理由")
        value = read(value_node, self.faults)
        return Setting(UNKNOWN if value is None else value, origin or Origin(), wording)
