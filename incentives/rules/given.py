"""What a worked case of the ``awards`` part gives: recipients, their facts and events, what they had before. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from core.conditions import FactKey, FactType
from core.periods import Month
from core.policies import Fields, Mapping, Node, PolicyDocument, PolicyFault, Scalar, Sequence, Unknown
from core.policies.fields import add_fault, as_mapping, is_unknown
from core.policies.given import Facts, read_facts
from incentives.policy.amounts_reader import UPPER_LEVELS
from incentives.policy.awards import EVENTS, RECIPIENTS, Awards, Rule
from incentives.policy.figures import read_yuan
from incentives.policy.names import Names
from incentives.rules.occasions import days_of

_GIVEN_KEYS = {
    "year": "奖补年度",
    "as_of": "看到哪一年",
    "rule": "规则",
    "rules": "哪些规则",
    "recipients": "各对象",
    "kind": "对象类别",
    "region": "地区",
    "facts": "事实",
    "event": "事项",
    "events": "各事项",
    "earlier": "以前已得",
    "upper": "上级奖补",
    "budgets": "预算",
    "publicity_from": "公示首日",
    "holidays": "节假日",
    "workdays": "调休上班日",
    "note": "说明",
}
_RECIPIENT_KEYS = {name: _GIVEN_KEYS[name] for name in ("kind", "region", "facts", "event", "events")} | {
    "earlier": "以前已得",
    "upper": "上级奖补",
    "note": "说明",
}
_EVENT_KEYS = {
    "event": "事项",
    "date": "日期",
    "key": "事项内容",
    "first_time": "是否首次",
    "entry_type": "入库类型",
    "library_year": "审批库年度",
    "project": "项目",
    "invoice": "发票",
    "decided": "核定金额",
    "upper": "上级奖补",
    "facts": "事实",
    "note": "说明",
}
_EARLIER_KEYS = {
    "rule": "规则",
    "fund": "资金名称",
    "year": "年度",
    "yuan": "金额(元)",
    "key": "事项内容",
    "project": "项目",
    "invoice": "发票",
    "note": "说明",
}
_WHEN = re.compile(r"[12]\d{3}(Q[1-4]|-\d{2}(-\d{2})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """One occasion; ``first`` is ``None`` when only the history can say. Texts are empty when not given."""

    event: str
    first_day: int
    last_day: int
    key: str
    first: bool | None
    first_is_told: bool
    entry_type: str
    library_year: int
    project: str
    invoice: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class GivenAward:
    """What a recipient has had: of a rule of this document or of another fund, by its name."""

    name: str
    year: int
    fen: int
    key: str
    project: str
    invoice: str


@dataclass(slots=True)
class GivenRecipient:
    name: str
    kind: str
    region: str
    facts: Facts
    events: list[GivenEvent] = field(default_factory=list)
    earlier: list[GivenAward] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Given:
    year: int
    as_of: int
    rules: tuple[Rule, ...]
    recipients: tuple[GivenRecipient, ...]
    budgets: MappingType[str, int]
    publicity_from: date | None
    holidays: tuple[date, ...]
    workdays: tuple[date, ...]


class GivenReader:
    """Reads one case's ``given``; every fault goes to ``faults``."""

    def __init__(self, document: PolicyDocument, awards: Awards) -> None:
        self.document = document
        self.awards = awards
        self.faults: list[PolicyFault] = []
        self.types: MappingType[str, FactType] = Names.of(document).facts
        self.rules: tuple[Rule, ...] = ()
        self.year = 0

    def read(self, node: Mapping) -> Given | None:
        fields = Fields(node, self.faults, _GIVEN_KEYS)
        fields.text_or_none("note")
        self.rules = self._rules(fields)
        self.year = self._year(fields)
        as_of = fields.get("as_of")
        last_year = self.year if as_of is None else _leading_year(as_of, self.faults)
        recipients = self._recipients(fields)
        budgets = self._budgets(fields)
        first_day = self._days(fields, "publicity_from")
        given = Given(
            year=self.year,
            as_of=last_year,
            rules=self.rules,
            recipients=recipients,
            budgets=budgets,
            publicity_from=first_day[0] if first_day else None,
            holidays=self._days(fields, "holidays"),
            workdays=self._days(fields, "workdays"),
        )
        return None if self.faults else given

    def _rules(self, fields: Fields) -> tuple[Rule, ...]:
        named = fields.texts("rules")
        one = fields.text_or_none("rule")
        named = (one, *named) if one else named
        known = {rule.id: rule for rule in self.awards.rules}
        for word in named:
            if word not in known:
                node = fields.get("rule") or fields.get("rules") or fields.node
                add_fault(self.faults, node, f"没有代号为 {word} 的规则，有：{'、'.join(known)}")
        return tuple(known[word] for word in named if word in known) if named else self.awards.rules

    def _year(self, fields: Fields) -> int:
        node = fields.get("year")
        if node is not None:
            return _leading_year(node, self.faults)
        dates = [found for found in _dates_in(fields.node) if found]
        periods = [rule.occasion.period for rule in self.rules if rule.occasion and rule.occasion.period]
        found = dates or periods
        if not found:
            add_fault(self.faults, fields.node, "写明 year（奖补年度），或给出事项的日期")
            return 2000
        return int(found[0][:4])

    def _recipients(self, fields: Fields) -> tuple[GivenRecipient, ...]:
        several = fields.get("recipients")
        if several is None:
            only = {name: node for name, node in fields.node.entries.items() if name in _RECIPIENT_KEYS}
            own = Mapping(fields.node.key, fields.node.line, only)
            return (self._recipient("", own),)
        mapping = as_mapping(several, self.faults)
        single = [name for name in ("region", "facts", "event", "events", "upper") if fields.get(name)]
        if single:
            add_fault(self.faults, fields.node, f"写了 recipients，{'、'.join(single)} 请写到各对象里")
        found = []
        for name, node in (mapping.entries if mapping else {}).items():
            inner = as_mapping(node, self.faults)
            if inner is not None:
                found.append(self._recipient(name, inner))
        return tuple(found)

    def _recipient(self, name: str, node: Mapping) -> GivenRecipient:
        fields = Fields(node, self.faults, _RECIPIENT_KEYS)
        fields.text_or_none("note")
        kinds = [kind for rule in self.rules for kind in rule.recipients]
        kind = fields.choice("kind", RECIPIENTS, default=kinds[0] if kinds else "enterprise")
        found = GivenRecipient(name, kind, self._region(fields), self._facts(fields))
        upper = self._upper(fields)
        for event in self._events(fields):
            event.facts.update({key: value for key, value in upper.items() if key not in event.facts})
            found.events.append(event)
        found.earlier += self._earlier(fields)
        return found

    def _region(self, fields: Fields) -> str:
        """The region's code where the document has a tree, else its name."""
        word = fields.text_or_none("region") or ""
        tree = self.document.regions
        if not word or tree is None:
            return word
        entry = tree.find(word)
        if entry is None:
            add_fault(self.faults, fields.node.entries["region"], f"“{word}”不在文件的地区清单里")
        return entry.code if entry else ""

    def _facts(self, fields: Fields) -> Facts:
        node = fields.get("facts")
        mapping = None if node is None else as_mapping(node, self.faults)
        return {} if mapping is None else read_facts(mapping, self.types, self.faults)

    def _events(self, fields: Fields) -> list[GivenEvent]:
        one, several = fields.get("event"), fields.sequence("events", required=False)
        nodes: list[Node] = [one] if one is not None else []
        nodes += list(several.items) if several else []
        if not nodes:
            return [self._default_event(rule) for rule in _one_an_event(self.rules)]
        found: list[GivenEvent] = []
        for node in nodes:
            if isinstance(node, Scalar) and node.text in EVENTS:
                node = Mapping(node.key, node.line, {"event": node})
            mapping = as_mapping(node, self.faults)
            if mapping is not None:
                found.append(self._event(mapping, found))
        return found

    def _default_event(self, rule: Rule) -> GivenEvent:
        """What opens the rule, in the award's year: for cases in which the event itself is no question."""
        occasion = rule.occasion
        period = occasion.period if occasion and occasion.period else str(self.year)
        first, last = days_of(period)
        event = occasion.event if occasion else "application"
        return GivenEvent(event, first, last, "", True, False, "", self.year, "", "", {})

    def _event(self, node: Mapping, before: list[GivenEvent]) -> GivenEvent:
        fields = Fields(node, self.faults, _EVENT_KEYS)
        fields.text_or_none("note")
        own = {rule.occasion.event for rule in self.rules if rule.occasion}
        event = fields.choice("event", EVENTS, default=next(iter(own)) if len(own) == 1 else None)
        first_day, last_day = self._when(fields)
        key = fields.text_or_none("key") or ""
        told = fields.get("first_time")
        first: bool | None = not any(one.event == event for one in before)
        if told is not None:
            first = None if is_unknown(told) else fields.choice("first_time", ("true", "false")) == "true"
        library = fields.get("library_year")
        year = first_day // 10_000 if library is None else _leading_year(library, self.faults)
        facts = self._facts(fields)
        facts.update(self._upper(fields))
        decided = fields.get("decided")
        if decided is not None and (fen := read_yuan(decided, self.faults)) is not None:
            facts[FactKey("decided")] = None if isinstance(fen, Unknown) else _yuan(fen)
        return GivenEvent(
            event=event,
            first_day=first_day,
            last_day=last_day,
            key=key,
            first=first,
            first_is_told=told is not None,
            entry_type=fields.text_or_none("entry_type") or "",
            library_year=year,
            project=fields.text_or_none("project") or "",
            invoice=fields.text_or_none("invoice") or "",
            facts=facts,
        )

    def _when(self, fields: Fields) -> tuple[int, int]:
        node = fields.get("date")
        if node is None:
            periods = {rule.occasion.period for rule in self.rules if rule.occasion and rule.occasion.period}
            return days_of(periods.pop() if len(periods) == 1 else str(self.year))
        text = node.text if isinstance(node, Scalar) else ""
        try:
            if not _WHEN.fullmatch(text):
                raise ValueError
            if len(text) == 10:
                date.fromisoformat(text)
            elif len(text) == 7:
                Month.parse(text)
            return days_of(text)
        except ValueError:
            add_fault(self.faults, node, "日期写成 2022-06-15、2022-06、2022Q1 或 2022 的样子")
            return days_of(str(self.year))

    def _upper(self, fields: Fields) -> Facts:
        """Upper awards by level; a level that is not named has none."""
        node = fields.get("upper")
        if node is None:
            return {}
        mapping = as_mapping(node, self.faults)
        facts: Facts = {}
        for level, item in (mapping.entries if mapping else {}).items():
            if level not in UPPER_LEVELS:
                add_fault(self.faults, item, f"上级奖补按级写：{'、'.join(UPPER_LEVELS)}")
                continue
            is_none = isinstance(item, Scalar) and item.text in ("0", "0元", "0万元")
            fen = 0 if is_none else read_yuan(item, self.faults)
            facts[FactKey(f"upper_{level}")] = _yuan(fen) if isinstance(fen, int) else None
        return facts

    def _earlier(self, fields: Fields) -> list[GivenAward]:
        listed = fields.sequence("earlier", required=False)
        found = []
        for item in listed.items if listed else ():
            mapping = as_mapping(item, self.faults)
            if mapping is None:
                continue
            one = Fields(mapping, self.faults, _EARLIER_KEYS)
            one.text_or_none("note")
            only = self.rules[0].id if len(self.rules) == 1 else None
            name = one.text_or_none("rule") or one.text_or_none("fund") or only
            if name is None:
                add_fault(self.faults, item, "写明是哪条 rule（规则），或文件外的 fund（资金名称）")
            if one.get("rule") is not None and name not in {rule.id for rule in self.awards.rules}:
                add_fault(self.faults, item, f"没有代号为 {name} 的规则；文件外的资金写 fund")
            yuan = one.require("yuan")
            fen = None if yuan is None else read_yuan(yuan, self.faults)
            year = one.get("year")
            found.append(
                GivenAward(
                    name or "",
                    self.year - 1 if year is None else _leading_year(year, self.faults),
                    fen if isinstance(fen, int) else 0,
                    one.text_or_none("key") or "",
                    one.text_or_none("project") or "",
                    one.text_or_none("invoice") or "",
                )
            )
        return found

    def _budgets(self, fields: Fields) -> dict[str, int]:
        node = fields.get("budgets")
        mapping = None if node is None else as_mapping(node, self.faults)
        known = {budget.id for budget in self.awards.budgets}
        found: dict[str, int] = {}
        for name, item in (mapping.entries if mapping else {}).items():
            if name not in known:
                add_fault(self.faults, item, f"文件没有代号为 {name} 的预算，有：{'、'.join(known) or '无'}")
            fen = read_yuan(item, self.faults)
            if isinstance(fen, int):
                found[name] = fen
        return found

    def _days(self, fields: Fields, name: str) -> tuple[date, ...]:
        node = fields.get(name)
        nodes = node.items if isinstance(node, Sequence) else ((node,) if node is not None else ())
        found = []
        for item in nodes:
            try:
                found.append(date.fromisoformat(item.text if isinstance(item, Scalar) else ""))
            except ValueError:
                add_fault(self.faults, item, "日期应写成 2022-06-04 的样子")
        return tuple(found)


def _yuan(fen: int) -> Fraction:
    return Fraction(fen, 100)


def _leading_year(node: Node, faults: list[PolicyFault]) -> int:
    text = node.text if isinstance(node, Scalar) else ""
    if re.match(r"[12]\d{3}(-|$)", text, re.ASCII):
        return int(text[:4])
    add_fault(faults, node, "年度写成 2022 的样子")
    return 2000


def _dates_in(node: Mapping) -> Iterable[str]:
    """The dates of the events, library years before them, in the order of the text."""
    for name, item in node.entries.items():
        if name in ("event", "events", "recipients") or isinstance(item, Sequence) or name not in _GIVEN_KEYS:
            inner = item.items if isinstance(item, Sequence) else (item,)
            for one in inner:
                if isinstance(one, Mapping):
                    for word in ("library_year", "date"):
                        found = one.entries.get(word)
                        if isinstance(found, Scalar) and _WHEN.fullmatch(found.text):
                            yield found.text
                    yield from _dates_in(one)


def _one_an_event(rules: tuple[Rule, ...]) -> list[Rule]:
    """The first rule of each event, so that an event is given once."""
    found: dict[str, Rule] = {}
    for rule in rules:
        if rule.occasion is not None:
            found.setdefault(rule.occasion.event, rule)
    return list(found.values())
