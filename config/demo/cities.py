"""Cities as data: regions, office codes, targets and how many firms to invent. Pure.

The targets only shape how many firms are listed; the portal reads its own from the policy document.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from config.demo.industries import COAST_WEIGHTS, INLAND_WEIGHTS
from core.periods import Month


@dataclass(frozen=True, slots=True)
class DemoRegion:
    """An assessment region (考核地区): ``weight`` is its share of firms, ``target`` its 2022 target in 家.

    ``administrative`` is the code of the 行政区划 it lies in (a zone has none of its own in GB/T 2260).
    ``listed`` is how many firms of library year 2022 are listed by the last month in a city of full size.
    """

    code: str
    name: str
    administrative: str
    place: str
    offices: tuple[str, ...]
    towns: tuple[str, ...]
    weight: int
    target: int
    listed: int


@dataclass(frozen=True, slots=True)
class City:
    """What is needed to invent a city. ``first_month`` is the month of the stock list (在库)."""

    key: str
    code: str
    name: str
    regions: tuple[DemoRegion, ...]
    firms: int
    first_month: Month
    last_month: Month
    sheets: tuple[str, ...]
    industries: tuple[tuple[str, int], ...]
    seed: int = 20220630
    stock_share: float = 0.28
    #: 主营业务收入 (hundredths of 万元) of the newly listed firm that just misses a line of the awards; 0: none
    just_misses: int = 0

    @property
    def registry_day(self) -> date:
        """The day on which the districts hand over their registries; nothing in them may be later."""
        return date(self.first_month.year, self.first_month.month, 4)

    @property
    def annual_year(self) -> int:
        """The year of tax list, delisted list and annual figures: the one before the last month's."""
        return self.last_month.year - 1


def _region(
    code: str,
    name: str,
    place: str,
    offices: str,
    towns: str,
    figures: tuple[int, int, int],
    administrative: str = "",
) -> DemoRegion:
    weight, target, listed = figures
    return DemoRegion(
        code=code,
        name=name,
        administrative=administrative or code,
        place=place,
        offices=tuple(offices.split()),
        towns=tuple(towns.split()),
        weight=weight,
        target=target,
        listed=listed,
    )


# Office codes are those under which the districts have registered firms over the years: 320602 and 320611 were
# merged into 320613, 320683 became 320612, 320684 (before 320625) became 320614, 320621 became 320685.
# 开发区 and 苏锡通 reach exactly the same attainment (24/60 = 10/25), so that equal ranks are seen.
NANTONG = City(
    key="nantong",
    code="320600",
    name="南通市",
    regions=(
        _region("320685", "海安市", "海安", "320621 320621 320685", "城东镇 曲塘镇 李堡镇 大公镇 角斜镇 雅周镇 白甸镇 南莫镇 墩头镇", (540, 130, 71)),
        _region("320682", "如皋市", "如皋", "320682 320682 320622", "如城街道 长江镇 白蒲镇 丁堰镇 东陈镇 搬经镇 石庄镇 下原镇 磨头镇 吴窑镇 江安镇 九华镇", (560, 140, 62)),
        _region("320623", "如东县", "如东", "320623", "掘港街道 洋口镇 岔河镇 栟茶镇 马塘镇 双甸镇 曹埠镇 丰利镇 大豫镇 新店镇 袁庄镇 河口镇", (520, 140, 58)),
        _region("320681", "启东市", "启东", "320681 320681 320626", "汇龙镇 南阳镇 北新镇 王鲍镇 合作镇 海复镇 近海镇 寅阳镇 惠萍镇 东海镇 吕四港镇", (580, 150, 84)),
        _region("320613", "崇川区", "南通", "320602 320611 320613 320600", "观音山街道 幸福街道 永兴街道 唐闸镇街道 天生港镇街道 秦灶街道 陈桥街道 钟秀街道", (260, 50, 19)),
        _region("320612", "通州区", "南通", "320683 320683 320612", "金沙街道 西亭镇 二甲镇 东社镇 十总镇 石港镇 刘桥镇 平潮镇 五接镇 兴仁镇 川姜镇 先锋街道", (560, 140, 73)),
        _region("320614", "海门区", "海门", "320684 320684 320625 320614", "海门街道 三厂街道 常乐镇 悦来镇 四甲镇 余东镇 正余镇 包场镇 三星镇 临江镇", (540, 140, 66)),
        _region("320671", "开发区", "南通", "320691 320691 320600", "竹行街道 小海街道 中兴街道 新开街道", (240, 60, 24), "320613"),
        _region("3206SX", "苏锡通", "南通", "320692 320691", "江海街道 张芝山镇", (100, 25, 10), "320612"),
        _region("3206TW", "通州湾", "南通", "320683 320612 320600", "三余镇 第一办事处", (100, 25, 13), "320612"),
    ),
    firms=4000,
    first_month=Month(2021, 1),
    last_month=Month(2022, 6),
    sheets=("registry", "listed", "monthly", "tax_list", "delisted", "annual"),
    industries=COAST_WEIGHTS,
)  # fmt: skip

PINGDINGSHAN = City(
    key="pingdingshan",
    code="410400",
    name="平顶山市",
    regions=(
        _region("410482", "汝州市", "汝州", "410482", "煤山街道 临汝镇 寄料镇 温泉镇 小屯镇 庙下镇", (40, 19, 9)),
        _region("410481", "舞钢市", "舞钢", "410481", "尚店镇 八台镇 尹集镇 枣林镇", (22, 10, 4)),
        _region("410421", "宝丰县", "宝丰", "410421", "城关镇 周庄镇 闹店镇 石桥镇 商酒务镇 大营镇", (38, 17, 8)),
        _region("410425", "郏县", "郏县", "410425", "冢头镇 安良镇 堂街镇 薛店镇 长桥镇", (52, 24, 11)),
        _region("410423", "鲁山县", "鲁山", "410423", "露峰街道 梁洼镇 张良镇 下汤镇 尧山镇", (46, 22, 12)),
        _region("410422", "叶县", "叶县", "410422", "昆阳街道 任店镇 保安镇 仙台镇 常村镇", (40, 18, 7)),
        _region("410402", "新华区", "平顶山", "410402 410400", "焦店镇 滍阳镇", (12, 5, 2)),
        _region("410403", "卫东区", "平顶山", "410403 410400", "东高皇街道 鸿鹰街道", (10, 4, 2)),
        _region("410411", "湛河区", "平顶山", "410411 410400", "北渡街道 轻工路街道", (11, 5, 2)),
        _region("410404", "石龙区", "平顶山", "410404", "龙河街道 高庄街道", (8, 4, 2)),
        _region("410472", "城乡一体化示范区", "平顶山", "410400", "湖滨路街道 应滨街道", (4, 1, 0), "410402"),
        _region("410471", "高新区", "平顶山", "410400", "遵化店镇 皇台街道", (17, 9, 4), "410411"),
    ),
    firms=300,
    first_month=Month(2022, 1),
    last_month=Month(2022, 6),
    sheets=("registry", "listed", "annual"),
    industries=INLAND_WEIGHTS,
    just_misses=4986_00,
)  # fmt: skip

CITIES = {city.key: city for city in (NANTONG, PINGDINGSHAN)}
