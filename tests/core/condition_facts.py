"""The facts that the cases of the condition language speak of."""

from core.conditions import YEAR, Column, FactType, Frame, Kind, parse

FACTS = {
    fact.name: fact
    for fact in (
        FactType("taxable_sales", "应税销售", Kind.AMOUNT, per=Kind.YEAR),
        FactType("main_revenue", "主营业务收入", Kind.AMOUNT, per=Kind.YEAR),
        FactType("quarter_revenue", "主营业务收入", Kind.AMOUNT, per=Kind.QUARTER),
        FactType("month_revenue", "营业收入", Kind.AMOUNT, per=Kind.MONTH),
        FactType("tax", "税收", Kind.AMOUNT, per=Kind.YEAR),
        FactType("equipment", "设备投资额", Kind.MONEY),
        FactType("land", "用地", Kind.AREA),
        FactType("floor_area", "建筑面积", Kind.QUANTITY, unit="㎡"),
        FactType("power", "用电量", Kind.QUANTITY, unit="万千瓦时"),
        FactType("energy", "综合能耗", Kind.QUANTITY, unit="吨标煤"),
        FactType("tax_per_mu", "亩均税收", Kind.QUANTITY, unit="万元/亩", places=4),
        FactType("years_in_production", "投产年限", Kind.COUNT, unit="年"),
        FactType("local_use", "本地使用比例", Kind.RATIO),
        FactType("staff", "从业人员", Kind.COUNT, unit="人"),
        FactType("index", "景气指数", Kind.NUMBER),
        FactType("score", "得分", Kind.QUANTITY, unit="分", places=4),
        FactType("started_on", "投产日期", Kind.DATE),
        FactType("listed_in", "入库月份", Kind.MONTH),
        FactType("entry_year", "入库年度", Kind.YEAR),
        FactType("region_kind", "地区类别", Kind.TEXT, words=("县(市)", "区")),
        FactType("industry", "行业代码", Kind.TEXT),
        FactType("honours", "荣誉", Kind.TAGS),
        FactType("above_scale", "规上", Kind.FLAG),
    )
}
PARAMETERS = (
    YEAR,
    FactType("month", "月份", Kind.MONTH),
    FactType("cutoff", "基准日", Kind.DATE),
    FactType("line", "门槛", Kind.AMOUNT),
    FactType("group", "类别", Kind.TEXT),
)


def read(text):
    return parse(text, FACTS, PARAMETERS)


def frame(**columns):
    """``taxable_sales_2021=[…]`` is ``taxable_sales[2021]``; values as people write them, ``None`` unknown."""
    made = {}
    for name, values in columns.items():
        fact, _, period = name.rpartition("_")
        key = f"{fact}[{period}]" if fact in FACTS and FACTS[fact].per else name
        made[key] = Column.of(FACTS[fact if key != name else name], values)
    return Frame(len(next(iter(columns.values()))), made)


def outcomes(text, parameters=None, **columns):
    return read(text).judge(frame(**columns), parameters).outcome.tolist()
