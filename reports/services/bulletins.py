"""通报、简报、总结: what each paper says, put together from frozen months alone; nothing is counted here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from core.models import User
from core.templatetags.figures import count, points, ratio
from cultivation.models import MonthAnalysis, MonthlyIssue
from cultivation.services.analysis_figures import AnalysisFigures, analysis_figures
from cultivation.services.analysis_text import advice_lines, drafted_text, finding_lines, progress_lines
from cultivation.services.dispatch_pages import bulletin_of
from cultivation.services.workbooks import Sheet
from reports.models import Bulletin
from reports.services.periods import PeriodLine, period_lines, period_sheet
from reports.services.statutory import statutory_table


@dataclass(frozen=True, slots=True)
class PaperKind:
    """``ends``: months that the paper can be about; ``months``: how many it looks back upon."""

    name: str
    ends: tuple[int, ...]
    months: int


#: name in the address → kind: 一月一分析, 每季度调度, 每半年总结, 次年1月底前通报上一年度
PAPER_KINDS = {
    "brief": PaperKind("月度简报", tuple(range(1, 13)), 1),
    "quarter": PaperKind("季度调度通报", (3, 6, 9, 12), 3),
    "half_year": PaperKind("半年工作总结", (6, 12), 6),
    "year": PaperKind("年度完成情况通报", (12,), 12),
}
#: 主送, until somebody writes another
ADDRESSEE = "各县（市、区）、园区工业和信息化主管部门："
_QUARTERS = {3: "第一季度", 6: "第二季度", 9: "第三季度", 12: "第四季度"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper's words and tables. The tables are the sheets that Excel prints too."""

    kind: str
    issue: MonthlyIssue
    title: str
    addressee: str
    lines: list[str]
    sheets: list[Sheet]
    signed_by: str
    #: 成文日期: of signing; a draft has none
    day: date | None
    bulletin: Bulletin | None = None

    @property
    def number(self) -> str:
        return self.bulletin.number if self.bulletin else ""

    @property
    def copies(self) -> str:
        return self.bulletin.copies if self.bulletin else ""

    @property
    def is_issued(self) -> bool:
        return self.bulletin is not None and self.bulletin.is_issued

    @property
    def state_label(self) -> str:
        return self.bulletin.get_state_display() if self.bulletin else "未拟稿"


def kinds_of(issue: MonthlyIssue) -> list[tuple[str, str]]:
    """The papers that a month can be made into."""
    return [(kind, one.name) for kind, one in PAPER_KINDS.items() if issue.month.month in one.ends]


def paper_of(issue: MonthlyIssue, kind: str, user: User, bulletin: Bulletin | None = None) -> Paper:
    """For readers of the whole locality, of an issued version. ``KeyError`` for a paper the month does not make.

    ``bulletin``: what a person has made of it; without one the words are as the house drafts them.
    """
    if kind not in dict(kinds_of(issue)):
        raise KeyError(kind)
    figures = analysis_figures(issue, user)
    if figures is None:
        raise KeyError(kind)
    lines = period_lines(issue, figures.table.lines, PAPER_KINDS[kind].months, figures.statistics)
    sheets = [statutory_table(issue, user).sheet]
    if kind != "brief":
        sheets.append(period_sheet(issue, period_label(issue, kind), lines))
    drafted = {"brief": _brief, "quarter": _period, "half_year": _half_year, "year": _year}[kind]
    signed = bulletin.signed_at if bulletin else None
    return Paper(
        kind,
        issue,
        _title(issue, kind),
        bulletin.addressee if bulletin else ADDRESSEE,
        bulletin.text.split("\n") if bulletin else drafted(figures, lines),
        sheets,
        f"{issue.region.name}工业和信息化局",
        timezone.localdate(signed) if signed else None,
        bulletin,
    )


def period_label(issue: MonthlyIssue, kind: str) -> str:
    month = issue.month
    if kind == "quarter":
        return _QUARTERS[month.month]
    if kind == "half_year":
        return "上半年" if month.month == 6 else "下半年"
    return "全年" if kind == "year" else month.label


def _title(issue: MonthlyIssue, kind: str) -> str:
    where, year = issue.region.name, issue.month.year
    if kind == "brief":
        return f"{where}{issue.month.label}规上工业企业培育情况简报"
    if kind == "year":
        return f"关于{where}{year}年度规上工业企业培育目标完成情况的通报"
    what = "工作总结" if kind == "half_year" else "调度情况的通报"
    return f"{where}{year}年{period_label(issue, kind)}规上工业企业培育{what}"


def _numbered(parts: list[tuple[str, list[str]]]) -> list[str]:
    told = [(title, lines) for title, lines in parts if lines]
    numbered = zip("一二三四五六", told, strict=False)
    return [line for number, (title, lines) in numbered for line in (f"{number}、{title}", *lines)]


def _brief(figures: AnalysisFigures, lines: list[PeriodLine]) -> list[str]:
    """The month's analysis, in the words that were frozen with it."""
    written = MonthAnalysis.objects.filter(issue=figures.issue).values_list("text", flat=True).first()
    return (written or drafted_text(figures)).split("\n")


def _period(figures: AnalysisFigures, lines: list[PeriodLine]) -> list[str]:
    label = period_label(figures.issue, "quarter")
    return _numbered(
        [
            ("总体进展", [_within(lines, label), *progress_lines(figures)]),
            ("需要关注的情况", finding_lines(figures)),
            ("通报表扬", _praise(figures)),
            ("通报批评", _criticism(figures)),
            ("下一步工作要求", advice_lines(figures)),
        ]
    )


def _half_year(figures: AnalysisFigures, lines: list[PeriodLine]) -> list[str]:
    label = period_label(figures.issue, "half_year")
    return _numbered(
        [
            ("工作成效", [_within(lines, label), *progress_lines(figures), *_praise(figures)]),
            ("存在问题", [*_criticism(figures), *finding_lines(figures)]),
            ("下一步打算", advice_lines(figures)),
        ]
    )


def _year(figures: AnalysisFigures, lines: list[PeriodLine]) -> list[str]:
    total = figures.table.total
    reached = [line for line in figures.table.lines if line.target and line.counted_ytd >= line.target]
    missed = [line for line in figures.table.lines if line.target and line.counted_ytd < line.target]
    told = progress_lines(figures)
    if total.target:
        told.append(f"完成年度目标的地区{count(len(reached))}个，没有完成的{count(len(missed))}个。")
    return _numbered(
        [
            ("年度目标完成情况", told),
            ("通报表扬", _praise(figures)),
            ("通报批评和约谈", _criticism(figures, with_talk=True)),
            ("有关要求", advice_lines(figures)),
        ]
    )


def _within(lines: list[PeriodLine], label: str) -> str:
    whole = lines[-1]
    numbers = [whole.within(name) for name in ("newly_listed", "delisted", "net_added")]
    if any(number is None for number in numbers):
        return f"{label}的期初月份没有印发，期内新增、退规、净增不列。"
    listed, gone, net = (count(number) for number in numbers)
    return f"{label}新增规上工业企业{listed}家，退规{gone}家，净增{net}家（期末累计减期初累计，含调整）。"


def _praise(figures: AnalysisFigures) -> list[str]:
    named = bulletin_of(figures.table).praised
    if not named:
        return []
    words = "、".join(
        f"{line.region.name}（完成率{ratio(line.attainment_exact)}%，净增{count(line.net_added_ytd)}家）"
        for line in named
    )
    return [f"对完成率居前、进度不低于序时的{words}予以表扬。"]


def _criticism(figures: AnalysisFigures, *, with_talk: bool = False) -> list[str]:
    named = bulletin_of(figures.table).criticised
    if not named:
        return []
    words = "、".join(
        f"{line.region.name}（完成率{ratio(line.attainment_exact)}%，序时差{points(line.schedule_gap_exact)}个百分点）"
        for line in named
    )
    told = [f"对工作推进较慢的{words}予以通报批评。"]
    if with_talk:
        told.append("按规定提请市政府领导约谈上述地区，约谈名单由领导审定。")
    return told
