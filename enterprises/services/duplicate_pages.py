"""Two records side by side, line by line, with what differs marked. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from core.models import User
from core.templatetags.figures import day, mask_phone
from enterprises.models import DuplicateDecision, Enterprise, MonthlyFigure

#: what is compared, in the order in which an officer looks
PHONE = "联系电话"
COMPARED = ("企业名称", "信用代码", "曾用名", "曾用代码", "地区", "乡镇(园区)", "地址", "法定代表人", "联系人", PHONE, "行业代码",
            "成立日期", "投产日期", "统计状态", "企业状态", "核实", "月度报表")  # fmt: skip
_DECIDED_SHOWN = 30
_NOTHING = "—"


@dataclass(frozen=True, slots=True)
class ComparedLine:
    label: str
    first: str
    second: str
    #: of what is compared, not of what is shown: two numbers may be alike once they are masked
    differs: bool

    @property
    def is_blank(self) -> bool:
        """Neither record says anything: no sign that they are one firm."""
        return self.first == self.second == _NOTHING


def side_by_side(first: Enterprise, second: Enterprise) -> list[ComparedLine]:
    """Two queries beside the firms themselves: how many months each has declared."""
    lines = zip(COMPARED, _told(first), _told(second), strict=True)
    return [
        ComparedLine(label, one, other, first.phone != second.phone if label == PHONE else one != other)
        for label, one, other in lines
    ]


def _told(firm: Enterprise) -> list[str]:
    months = MonthlyFigure.objects.filter(enterprise=firm).order_by("month").values_list("month", flat=True)
    spans = list(months)
    reported = f"{len(spans)} 个月（{spans[0]} 至 {spans[-1]}）" if spans else "没有"
    values = (
        firm.name, firm.uscc, firm.former_names, firm.former_codes, firm.region.name, firm.township, firm.address,
        firm.legal_person, firm.contact, mask_phone(firm.phone), firm.industry_code, day(firm.founded_on),
        day(firm.started_on), "规上" if firm.above_scale else "规下", firm.status, firm.get_verification_display(),
        reported,
    )  # fmt: skip
    return [value or _NOTHING for value in values]


def decided_pairs(user: User) -> list[DuplicateDecision]:
    """The newest decisions; of pairs of which the reader sees both or the kept one."""
    rows = DuplicateDecision.objects.visible_to(user).select_related("first", "second", "decided_by")
    return list(rows.order_by("-id")[:_DECIDED_SHOWN])
