"""The month's numbers as the paragraphs of an analysis; every figure is written as the page writes it."""

from __future__ import annotations

from collections.abc import Iterable

from core.templatetags.figures import amount, count, points, ratio, yoy_words
from cultivation.rules.measures import LAGGING
from cultivation.rules.statistic_lines import Rate
from cultivation.services.analysis_figures import AnalysisFigures, FindingCount
from cultivation.services.months import ranking

_NAMED = 3


def drafted_text(figures: AnalysisFigures) -> str:
    """Five parts: 总体, 列规, 关注, 贡献, 建议. A line beginning with 一、 is a heading, every other a paragraph."""
    parts = [
        ("总体情况", _overall(figures)),
        ("列规进展", progress_lines(figures)),
        ("需要关注的情况", finding_lines(figures)),
        ("各地区贡献", _contributions(figures)),
        ("下一步工作建议", advice_lines(figures)),
    ]
    told = [(title, lines) for title, lines in parts if lines]
    numbered = zip("一二三四五", told, strict=False)
    return "\n".join(line for number, (title, lines) in numbered for line in (f"{number}、{title}", *lines))


def _overall(figures: AnalysisFigures) -> list[str]:
    total, line, month = figures.table.total, figures.statistics.total, figures.issue.month
    numbers = line.numbers
    share = f"，报送率{ratio(total.reporting_exact)}%" if total.firms else ""
    returns = (
        f"{month.label}，应报企业{count(total.firms)}家，已报{count(total.reporting)}家"
        f"（其中零报告{count(total.zero_reports)}家）{share}，未报{count(total.silent)}家。"
    )
    told = [returns]
    # what the statistics call the month is 1—2月 where the programme tells the two together
    joint = "1—2月" if total.is_two_months else ""
    for measure, word in (("revenue", "营业收入"), ("tax", "实缴税金")):
        if joint:
            told.append(
                f"{joint}{word}{amount(numbers[measure])}万元，{_growth(line.rate(measure, 'yoy'))}。"
            )
            continue
        told.append(
            f"{word}{amount(numbers[measure])}万元，{_growth(line.rate(measure, 'yoy'))}；"
            f"{month.ytd_label}累计{amount(numbers[f'{measure}_ytd'])}万元，{_growth(line.rate(measure, 'ytd_yoy'))}。"
        )
    told.append(
        f"{joint}用电量{amount(numbers['power'])}万千瓦时，{_growth(line.rate('power', 'yoy'))}。同比按两年同月都报数的企业计算。"
    )
    return told


def _growth(rate: Rate) -> str:
    return yoy_words(rate.exact) if rate.exact is not None else f"同比不可比（{rate.reason}）"


def progress_lines(figures: AnalysisFigures) -> list[str]:
    """Entries, exits and the year's target; who leads and who is behind."""
    total, month = figures.table.total, figures.issue.month
    changes = (
        f"本月新增规上工业企业{count(total.newly_listed)}家，退规{count(total.delisted)}家，净增{count(total.net_added)}家；"
        f"{month.ytd_label}累计新增{count(total.newly_listed_ytd)}家，退规{count(total.delisted_ytd)}家，"
        f"净增{count(total.net_added_ytd)}家。月末规上工业企业{count(total.above_scale_total)}家。"
    )
    told = [changes]
    if total.target:
        gap = total.schedule_gap_exact
        behind = "" if gap is None else f"，{'高于' if gap >= 0 else '低于'}序时进度{ratio(abs(gap))}个百分点"
        told.append(f"年度目标{count(total.target)}家，完成率{ratio(total.attainment_exact)}%{behind}。")
    ranked = ranking(figures.table.lines)
    if len(ranked) > _NAMED:
        best = "、".join(f"{line.region.name}（{ratio(line.attainment_exact)}%）" for line in ranked[:_NAMED])
        told.append(f"完成率居前的是{best}。")
    if figures.behind:
        told.append(
            "落后序时进度的有"
            + _named(f"{r.region.name}（{points(r.schedule_gap_exact)}个百分点）" for r in figures.behind)
        )
    return told


def _named(words: Iterable[str]) -> str:
    return "、".join(words) + "。"


def finding_lines(figures: AnalysisFigures) -> list[str]:
    """What the month makes one look at, with the number from which on it is told."""
    told = []
    for found in figures.findings:
        if found.total:
            told.append(f"{found.label}的企业{count(found.total)}家{_most(found)}。判断界限：{found.rule}。")
    numbers = figures.statistics.total.numbers
    lists = [("达规未入库", "eligible"), ("临规", "near"), ("退规风险", "risk")]
    known = [f"{word}企业{count(numbers[name])}家" for word, name in lists if numbers[name] is not None]
    if known:
        told.append("另有" + "、".join(known) + "。")
    return told


def _most(found: FindingCount) -> str:
    """Where most of them are, when there is more than one region to name."""
    most = sorted((pair for pair in found.by_region if pair[1]), key=lambda pair: -pair[1])[:_NAMED]
    if len(found.by_region) < 2:
        return ""
    return "，较多的是" + "、".join(f"{region.name}{count(number)}家" for region, number in most)


def _contributions(figures: AnalysisFigures) -> list[str]:
    known = [one for one in figures.contributions() if one.points is not None]
    if len(known) < 2:
        return []
    pulling = sorted((one for one in known if one.points > 0), key=lambda one: -one.points)[:_NAMED]
    dragging = sorted((one for one in known if one.points < 0), key=lambda one: one.points)[:_NAMED]
    told = []
    if pulling:
        told.append(
            "对全部可比企业营业收入同比，拉动较大的是"
            + _named(f"{one.name}（{points(one.points)}个百分点）" for one in pulling)
        )
    if dragging:
        told.append(
            "拉低较多的是" + _named(f"{one.name}（{points(one.points)}个百分点）" for one in dragging)
        )
    return told


def advice_lines(figures: AnalysisFigures) -> list[str]:
    """What is asked for next, where there is somebody to ask it of."""
    total, found = figures.table.total, {one.kind: one.total for one in figures.findings}
    told = []
    if total.silent:
        told.append(f"催报本月未报的{count(total.silent)}家企业，连续未报的上门核实。")
    if found.get("fall") or found.get("power_gap"):
        told.append(
            "对营业收入大幅下降、用电与营业收入背离的企业逐户核查原因，属实的“一企一策”帮扶，填报有误的更正。"
        )
    if found.get("crossing"):
        told.append(
            f"对预计全年达到规上标准的{count(found['crossing'])}家企业，提前辅导申报，成熟一家、申报一家。"
        )
    if found.get("missing"):
        told.append(f"对预计全年达不到标准的{count(found['missing'])}家规上企业，落实责任人帮扶，防止退规。")
    lagging = [line.region.name for line in figures.behind if line.light == LAGGING]
    if lagging:
        told.append("请" + "、".join(lagging) + "分析原因、倒排进度，报送追赶措施。")
    return told
