"""Tokens to a tree of operators, nothing yet known of facts and units. Pure.

From loose to tight: or; and; not; one comparison; + −; × ÷; a sign; a value. A clause that cannot be read is
a fault, and reading goes on behind the next and/or, so that several are told at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.conditions.tokens import ConditionFault, Cutter, Token

#: Deeper than any condition needs; Python's own stack ends far behind it.
DEPTH_LIMIT = 25
#: + − × ÷ in one clause.
CHAIN_LIMIT = 25
#: 取低、取高: written like a call, no names of facts.
EXTREMES = ("min", "max")
COMPARISONS = (">=", "<=", ">", "<", "==", "!=")


@dataclass(frozen=True, slots=True)
class Syntax:
    """``op`` is a token's kind or an operator; ``at`` the character it begins at, counted from 1."""

    op: str
    at: int
    parts: tuple[Syntax, ...] = ()
    value: Any = None


class _Unreadable(Exception):
    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.fault = ConditionFault(at, message)


def read_syntax(text: str) -> tuple[Syntax, list[ConditionFault]]:
    tokens, faults = Cutter(text).cut()
    if len(tokens) == 1 and not faults:
        return Syntax("broken", 1), [ConditionFault(1, "条件是空的；没有条件请写 true")]
    grammar = _Grammar(tokens, faults)
    tree = grammar.read()
    return tree, faults


class _Grammar:
    def __init__(self, tokens: list[Token], faults: list[ConditionFault]) -> None:
        self.tokens = tokens
        self.faults = faults
        self.place = 0
        self.depth = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    def read(self) -> Syntax:
        tree = self._any()
        while self.now.kind != "end":  # a bracket too many: told, and the rest is read all the same
            self.faults.append(ConditionFault(self.now.at, f"多出“{self.now.text}”"))
            self.place += 1
            if self.now.kind != "end":
                self._any()
        return tree

    def _next(self) -> Token:
        token = self.now
        if token.kind != "end":
            self.place += 1
        return token

    def _accept(self, *kinds: str) -> Token | None:
        return self._next() if self.now.kind in kinds else None

    def _expect(self, kind: str, message: str) -> Token:
        if self.now.kind != kind:
            raise _Unreadable(self.now.at, message)
        return self._next()

    def _any(self) -> Syntax:
        return self._junction("or", self._all)

    def _all(self) -> Syntax:
        return self._junction("and", self._clause_or_skip)

    def _junction(self, op: str, read: Any) -> Syntax:
        first = read()
        items = [first]
        while self._accept(op):
            items.append(read())
        return first if len(items) == 1 else Syntax(op, first.at, tuple(items))

    def _clause_or_skip(self) -> Syntax:
        at, depth = self.now.at, self.depth
        try:
            clause = self._not()
            if self.now.kind not in ("and", "or", ")", "end"):
                raise _Unreadable(self.now.at, self._stray())
            return clause
        except _Unreadable as error:
            self.faults.append(error.fault)
            self.depth = depth
            self._skip_clause()
            return Syntax("broken", at)

    def _stray(self) -> str:
        if self.now.kind in COMPARISONS:
            return "一个判断只能有一个比较号；两头都有界限请写 between … and …"
        return f"“{self.now.text}”前面缺少 and、or 或比较号"

    def _skip_clause(self) -> None:
        opened = 0
        while self.now.kind != "end":
            if opened == 0 and self.now.kind in ("and", "or", ")"):
                return
            opened += (self.now.kind in ("(", "[")) - (self.now.kind in (")", "]"))
            opened = max(opened, 0)
            self.place += 1

    def _not(self) -> Syntax:
        if token := self._accept("not"):
            self._deeper()
            clause = Syntax("not", token.at, (self._not(),))
            self.depth -= 1
            return clause
        return self._comparison()

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise _Unreadable(self.now.at, f"括号超过 {DEPTH_LIMIT} 层")

    def _comparison(self) -> Syntax:
        left = self._sum()
        if token := self._accept(*COMPARISONS):
            return Syntax(token.kind, token.at, (left, self._sum()))
        if token := self._accept("is"):
            negated = self._accept("not") is not None
            state = self._accept("known", "unknown")
            if state is None:
                raise _Unreadable(self.now.at, "is 后面写 known（已知）或 unknown（未知）")
            known = (state.kind == "known") != negated
            return Syntax("known" if known else "unknown", token.at, (left,))
        return self._listed(left)

    def _listed(self, left: Syntax) -> Syntax:
        negation = self._accept("not")
        token = self._accept("between", "in", "has")
        if token is None:
            if negation:
                raise _Unreadable(negation.at, "not 写在判断前面，如 not a >= 1")
            return left
        if token.kind == "between":
            low = self._sum()
            self._expect("and", "between 后面写两个界限：between 下限 and 上限")
            clause = Syntax("between", token.at, (left, low, self._sum()))
        elif token.kind == "has":
            clause = Syntax("has", token.at, (left, self._value()))
        else:
            self._expect("(", "in 后面的各项写在括号里：in (甲, 乙)")
            items = [self._sum()]
            while self._accept(","):
                items.append(self._sum())
            self._expect(")", "in 的括号没有闭合，各项之间用逗号")
            clause = Syntax("in", token.at, (left, *items))
        return Syntax("not", token.at, (clause,)) if negation else clause

    def _sum(self) -> Syntax:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/"), self._signed))

    def _chain(self, ops: tuple[str, ...], read: Any) -> Syntax:
        left: Syntax = read()
        length = 0
        while token := self._accept(*ops):
            length += 1
            if length > CHAIN_LIMIT:
                raise _Unreadable(token.at, f"一个算式最多 {CHAIN_LIMIT} 步")
            left = Syntax(token.kind, token.at, (left, read()))
        return left

    def _signed(self) -> Syntax:
        if token := self._accept("-"):
            self._deeper()
            value = Syntax("negative", token.at, (self._signed(),))
            self.depth -= 1
            return value
        return self._value()

    def _value(self) -> Syntax:
        token = self._next()
        if token.kind in ("number", "calendar", "text", "truth"):
            return Syntax(token.kind, token.at, value=token.value)
        if token.kind == "name" and token.value in EXTREMES and self.now.kind == "(":
            return self._extreme(token)
        if token.kind == "name" and self.now.kind == "(":
            usable = "只有 min（取低）、max（取高）、sum（逐期合计）、avg（逐期平均）；分情形、取整写在规则的别的键里"
            raise _Unreadable(token.at, f"没有 {token.text}(…) 这种写法，{usable}")
        if token.kind == "name":
            return Syntax("name", token.at, self._index(), token.value)
        if token.kind in ("sum", "avg"):
            return self._window(token)
        if token.kind == "(":
            self._deeper()
            inner = self._any()
            self._expect(")", "括号没有闭合")
            self.depth -= 1
            return inner
        shown = "到这里就结束了" if token.kind == "end" else f"遇到“{token.text}”"
        self.place -= token.kind in ("and", "or", ")")
        raise _Unreadable(token.at, f"这里应是一个事实或数，{shown}")

    def _extreme(self, token: Token) -> Syntax:
        self._deeper()
        self._next()
        items = [self._sum()]
        while self._accept(","):
            items.append(self._sum())
        self._expect(")", f"{token.value} 的括号没有闭合，各项之间用逗号")
        if not 2 <= len(items) <= CHAIN_LIMIT:
            raise _Unreadable(token.at, f"{token.value} 里写两项以上，如 {token.value}(甲, 乙)")
        self.depth -= 1
        return Syntax(token.value, token.at, tuple(items))

    def _window(self, token: Token) -> Syntax:
        """``sum(revenue[month-11 to month])``: one fact over periods that follow each other."""
        example = f"写成 {token.kind}(sales[month-11 to month]) 的样子"
        begins = self.place
        try:
            return self._window_parts(token, example)
        except _Unreadable:
            self.place = begins  # one fault is told, not one for every bracket behind it
            raise

    def _window_parts(self, token: Token, example: str) -> Syntax:
        self._expect("(", example)
        name = self._expect("name", example)
        self._expect("[", example)
        first = self._sum()
        self._expect("to", example)
        last = self._sum()
        self._expect("]", example)
        self._expect(")", example)
        return Syntax(token.kind, token.at, (first, last), name.value)

    def _index(self) -> tuple[Syntax, ...]:
        if not self._accept("["):
            return ()
        index = self._sum()
        self._expect("]", "方括号没有闭合，如 revenue[2021] 或 revenue[year-1]")
        return (index,)
