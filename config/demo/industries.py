"""Industries of the demo firms: four-digit codes of GB/T 4754-2017 within 06–46, and how they are called. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Industry:
    """``power`` scales electricity against the average of industry (1.0)."""

    code: str
    trades: tuple[str, ...]
    power: float


_TABLE = """
0610 煤业,煤炭洗选 1.6
1011 矿业,石料 1.5
1019 矿业,砂石 1.4
1311 米业,粮油 0.8
1361 水产,海产食品 1.1
1371 果蔬,食品 0.9
1439 食品,方便食品 0.8
1711 纺织,棉纺 1.8
1713 印染,染整 1.9
1751 化纤织造,织造 1.6
1771 家纺,床品 0.6
1781 无纺布,非织造材料 1.2
1819 服饰,制衣 0.4
1830 服饰,针织 0.4
2011 木业,板材 0.9
2110 家具,木艺家居 0.6
2231 包装,纸业 0.9
2319 印务,包装印刷 0.8
2442 体育用品,健身器材 0.6
2614 化工,精细化工 1.7
2641 涂料,新材料 0.9
2661 助剂,化学科技 1.1
2770 医用材料,卫生用品 0.7
2822 化纤,纤维科技 1.8
2913 橡塑,密封件 1.2
2921 薄膜,塑业 1.3
2929 塑料制品,塑胶 1.3
3021 建材,水泥制品 1.0
3031 建材,新型墙材 1.2
3061 玻璃纤维,复合材料 1.8
3130 金属材料,钢业 1.9
3252 铝业,铝材 1.8
3311 钢结构,重工 0.7
3321 工具,五金工具 0.9
3340 钢绳,线材制品 1.3
3351 五金,建筑五金 0.8
3360 热处理,表面处理 2.0
3391 铸造,铸件 2.2
3393 锻造,粉末冶金 1.9
3421 机床,数控设备 0.6
3432 起重机械,吊装设备 0.5
3441 泵业,真空设备 0.7
3443 阀门,流体控制 0.7
3453 传动机械,齿轮 1.0
3484 机械配件,精密机械 0.9
3489 通用机械,机械制造 0.8
3525 模具,模塑科技 0.8
3551 纺织机械,纺机 0.6
3591 环保设备,环境科技 0.5
3670 汽车零部件,汽配 0.9
3731 船舶,船业 0.6
3734 船舶配件,海工装备 0.7
3770 电动车,车业 0.5
3812 电机,电机电器 0.7
3821 变压器,电气 0.6
3823 开关,输配电设备 0.5
3825 光伏科技,新能源 0.9
3831 电缆,线缆 0.6
3841 电池,储能科技 0.9
3872 照明,灯饰 0.6
3981 电子元件,电子 0.9
3982 线路板,电路科技 1.3
3985 电子材料,半导体材料 1.2
4012 仪表,电工仪器 0.4
4220 再生资源,循环科技 1.1
4417 生物质能源,绿能 0.4
4430 热电,热力 0.8
4620 水处理,水务 1.2
"""


def _industry(line: str) -> Industry:
    code, trades, power = line.split()
    return Industry(code, tuple(trades.split(",")), float(power))


INDUSTRIES = {industry.code: industry for industry in map(_industry, _TABLE.split("\n")[1:-1])}

_COAST_STRONG = "1711 1771 1819 2929 3311 3484 3489 3670 3734 3823 3981"
_COAST_WEAK = "0610 1011 1019 4417 4430 4620"
_INLAND_STRONG = "0610 1439 3021 3031 3130 3391 3484 3823 2614"
_INLAND_WEAK = "1361 3731 3734 1713"


def _weights(strong: str, weak: str) -> tuple[tuple[str, int], ...]:
    """Ten for an ordinary industry, thirty for a strong one of the place, one for a weak one."""
    special = {**dict.fromkeys(strong.split(), 30), **dict.fromkeys(weak.split(), 1)}
    return tuple((code, special.get(code, 10)) for code in INDUSTRIES)


COAST_WEIGHTS = _weights(_COAST_STRONG, _COAST_WEAK)
INLAND_WEIGHTS = _weights(_INLAND_STRONG, _INLAND_WEAK)
