"""Comparison keys and cleaning of written text. Pure, standard library only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import overload

#: Characters that show nothing and change nothing: zero width space and joiners, word joiner, BOM, soft hyphen,
#: variation selectors (they only choose a drawing of the same character).
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u180e\ufe00-\ufe0f\U000e0100-\U000e01ef"
_BLANKS = re.compile(rf"[\s\u3000\u00a0\u2800\u3164{_INVISIBLE}]+")
#: For codes and numbers every format character goes: the check character or the digits decide.
_FORMAT = re.compile(
    rf"[\s\u3000\u00a0\u2800\u3164{_INVISIBLE}\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]+"
)
_UNSEEN = re.compile(rf"[\x00-\x1f\x7f-\x9f{_INVISIBLE}\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")

#: Traditional letter followed by its simplified form: those met in region and firm names.
_PAIRS = (
    "東东啟启啓启門门縣县區区鎮镇鄉乡臺台灣湾廣广蘇苏蘆芦滬沪寧宁揚扬鹽盐錫锡"
    "陽阳陰阴開开發发機机電电業业製制術术設设備备質质車车輪轮輛辆鋼钢鐵铁銅铜鋁铝"
    "銀银鋅锌鎳镍錳锰鈦钛礦矿產产廠厂裝装紡纺織织絲丝綢绸線线紗纱紙纸綠绿紅红繡绣"
    "縫缝纖纤維维網网絡络藥药醫医療疗衛卫華华國国際际貿贸進进運运達达遠远連连造造"
    "農农漁渔魚鱼飼饲飲饮館馆飯饭餘余園园圖图書书畫画場场塑塑膠胶橋桥樓楼構构樣样"
    "標标檢检測测試试驗验認认證证訊讯號号計计訂订記记設设說说語语調调譯译護护財财貨货"
    "資资費费贊赞賽赛購购質质費费寶宝實实寬宽將将專专導导屬属層层島岛嶺岭嶽岳幣币"
    "師师帶带幹干廟庙應应張张強强彈弹彩彩後后從从復复徵征德德慶庆戰战戶户拋抛換换"
    "損损擊击擔担據据數数斷断時时曆历術术極极榮荣槍枪樂乐權权歐欧歡欢殼壳氣气沖冲"
    "決决況况淨净淺浅溫温準准溝沟滅灭滙汇匯汇漢汉潔洁潤润澤泽濟济濱滨瀾澜爐炉"
    "燈灯燒烧營营爾尔牆墙獎奖環环現现瑪玛瓊琼畢毕異异當当疊叠監监盤盘盧卢眾众"
    "碼码磚砖確确碩硕磯矶禮礼種种稱称積积穩稳窯窑競竞筆笔筍笋節节範范築筑簡简簽签"
    "籃篮糧粮紀纪約约純纯細细終终組组結结給给統统經经綜综維维緊紧緣缘練练縮缩總总"
    "績绩繼继續续羅罗羣群聖圣聞闻聯联聰聪聲声職职肅肃腦脑興兴舊旧艦舰艙舱蘭兰"
    "莊庄葉叶蓋盖蔣蒋薩萨藍蓝藝艺虛虚蝦虾螢萤補补複复觀观規规覺觉視视親亲"
    "觸触話话該该詳详誠诚課课諾诺謝谢譚谭豐丰貝贝負负責责貴贵買买賀贺賓宾賢贤賣卖"
    "趙赵車车軋轧軌轨軍军軒轩軟软軸轴較较載载輔辅輕轻輝辉輸输轉转辦办農农迴回過过"
    "適适選选還还邊边鄧邓鄭郑醬酱釀酿釋释針针鈞钧鉅巨鉑铂鉻铬銘铭銳锐銷销鋒锋鋰锂"
    "錢钱錦锦錨锚鍋锅鍛锻鍍镀鍵键鎖锁鎢钨鏈链鏡镜鐘钟鑄铸鑫鑫鑰钥鑽钻長长閃闪閉闭閥阀"
    "間间閣阁閱阅關关陸陆陳陈隊队階阶隆隆隨随險险雙双雜杂離离難难雲云電电霧雾靈灵"
    "靜静韓韩頁页頂顶項项順顺預预領领頭头顏颜題题願愿類类顧顾風风飛飞飾饰養养餐餐"
    "馬马馳驰駕驾駿骏騰腾驅驱驗验體体鬆松鬧闹魯鲁鮮鲜鯨鲸鳥鸟鳳凤鴻鸿鵬鹏鶴鹤鷹鹰麗丽麥麦"
    "黃黄點点齊齐齒齿龍龙龐庞龜龟萬万億亿與与並并丟丢兩两嚴严個个倉仓倫伦偉伟側侧傑杰"
    "傘伞傳传債债僑侨價价儀仪優优儲储內内兒儿冊册凍冻劃划劉刘創创劑剂劍剑勁劲動动務务"
    "勝胜勞劳勢势勵励勻匀協协單单卻却厲厉參参員员問问喬乔喪丧單单嘉嘉噴喷嚴严團团圍围"
    "圓圆堅坚執执報报塊块塗涂塢坞塵尘墊垫壇坛壓压壘垒壞坏壯壮壺壶壽寿夠够夢梦夾夹奪夺"
    "奮奋婦妇嬰婴孫孙學学宮宫審审寫写尋寻對对峽峡崗岗庫库廈厦徑径態态慮虑憲宪戲戏掃扫"
    "採采揮挥搖摇摯挚撥拨擇择擴扩攔拦敵敌於于昇升曉晓暉晖暢畅暫暂曠旷會会東东條条來来"
    "楊杨業业楓枫櫃柜檔档檸柠殘残毀毁氫氢溼湿濕湿滾滚滬沪滿满漿浆漸渐潛潜"
    "濤涛濾滤煉炼煙烟熱热燁烨燃燃爭争爺爷狀状獨独獻献瑩莹璽玺產产畝亩療疗皺皱"
    "繳缴盜盗硯砚祕秘禦御稅税窩窝竈灶紋纹紐纽紛纷紫紫絕绝網网緯纬縱纵繩绳繪绘罰罚罷罢"
    "臨临艷艳處处號号衝冲裏里裡里複复託托許许評评詢询謀谋識识議议變变貢贡貫贯貼贴"
    "贈赠躍跃軀躯軟软輯辑轎轿邁迈鄰邻鉗钳鉛铅鉤钩鍊链鎂镁鎮镇鏟铲鐳镭鑑鉴隻只雞鸡"
    "響响頻频顆颗顯显餅饼餾馏駐驻驪骊髮发鬥斗鯉鲤鹼碱黨党鼎鼎齡龄"
)
_TO_SIMPLIFIED = {ord(t): s for t, s in zip(_PAIRS[::2], _PAIRS[1::2], strict=True) if t != s}
_TRADITIONAL = re.compile("[" + "".join(map(chr, _TO_SIMPLIFIED)) + "]")
_SAME_SIGNS = str.maketrans("[{【〔〖《「]}】〕〗》」•・‧∙⋅–—―−－", "(((((((" + ")))))))" + "·····" + "-----")

#: GB/T 2260 first two digits → province, for full addresses such as 江苏省南通市启东市.
_PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林", "23": "黑龙江",
    "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东", "41": "河南",
    "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆",
}  # fmt: skip


def without_blanks(text: str) -> str:
    """The text without blanks, line breaks and characters that show nothing."""
    return _BLANKS.sub("", text)


def squeezed(text: str) -> str:
    """NFKC without blanks and format characters: for codes, numbers, headings, regions."""
    return _FORMAT.sub("", unicodedata.normalize("NFKC", text))


def visible_text(text: str) -> str:
    """Control, reversing and invisible characters replaced by a visible mark, e.g. 〔U+202E〕."""
    return _UNSEEN.sub(lambda hit: " " if hit[0] in "\t\n\r" else f"〔U+{ord(hit[0]):04X}〕", text)


def is_blank(value: object) -> bool:
    """None, or text of blanks and invisible characters only."""
    if value is None:
        return True
    return isinstance(value, str) and (
        not value or (len(value) < 64 and not squeezed(value)) or value.isspace()
    )


def without_tick(text: str) -> str:
    """Without the mark with which Excel keeps a cell as text, where it came along: '2026-03."""
    return text[1:] if text[:1] in ("'", "`") and text.count(text[0]) == 1 else text


def written(value: object) -> str:
    """The cell as a person sees it: numbers to 15 digits as Excel shows them, dates ISO."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        text = format(value, ".15g")
        if "e" in text and 1e-9 < abs(value) < 1e22:
            text = format(Decimal(text), "f")
        return text
    return str(value).removesuffix(" 00:00:00")


class Written(Sequence[str]):
    """A column of cells as a person sees them, each worked out when it is looked at: few ever are."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Sequence[object]) -> None:
        self._cells = cells

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return Written(self._cells[place]) if isinstance(place, slice) else written(self._cells[place])


def simplified(text: str) -> str:
    """Traditional letters of the small table made simplified."""
    return text.translate(_TO_SIMPLIFIED) if _TRADITIONAL.search(text) else text


def name_key(name: str) -> str:
    """Comparison key of a firm's name: width, case, brackets, dots, blanks and traditional letters do not count."""
    return simplified(squeezed(name).translate(_SAME_SIGNS)).casefold()


#: what a name ends with; the same firm is often written with another of them, or with none
_LEGAL_FORMS = ("股份有限公司", "有限责任公司", "有限公司")
_ADDED_REMARK = re.compile(r"(?<=.{4})\([^()]*\)$")
#: 某某市…… for 某某……: the region's last letter is written or not
_REGION_LETTER = re.compile(r"^(.{2,3})[市县区](?=.{2})")


def near_keys(key: str) -> list[str]:
    """Keys of names that are likely meant by this one: another legal form, none, a remark behind it, 市 or not.

    For suggestions alone: a near name is told to people, never taken for the same firm.
    """
    stem = _ADDED_REMARK.sub("", key)
    bare = next((stem.removesuffix(form) for form in _LEGAL_FORMS if stem.endswith(form)), stem)
    bares = dict.fromkeys((bare, _REGION_LETTER.sub(r"\1", bare))) if len(bare) > 3 else {}
    found = [stem, *bares, *(one + form for one in bares for form in _LEGAL_FORMS)]
    return [one for one in dict.fromkeys(found) if one and one != key]


def region_key(text: str) -> str:
    """Comparison key of a written region."""
    return simplified(squeezed(text).translate(_SAME_SIGNS)).casefold()


def region_forms(names: Mapping[str, str], aliases: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Accepted written forms → code, from the registered names and extra ``(alias, code)`` pairs.

    Adds the name without 市/县/区 where two characters stay and no other region shares it.
    """
    forms = {region_key(name): code for code, name in names.items()}
    forms.update((region_key(alias), code) for alias, code in aliases)
    short: dict[str, set[str]] = {}
    for code, name in names.items():
        key = region_key(name)
        if len(key) > 2 and key[-1] in "市县区":
            short.setdefault(key[:-1], set()).add(code)
    for key, codes in short.items():
        if len(codes) == 1:
            forms.setdefault(key, next(iter(codes)))
    return forms


_EVERYWHERE = frozenset(
    ["开发区", "经开区", "经济开发区", "经济技术开发区", "高新区", "示范区", "新区", "园区"]
)


def region_code(text: str, forms: Mapping[str, str]) -> str | None:
    """Code of a written region, also behind the names of its own city and province; None when unknown."""
    key = region_key(text)
    code = forms.get(key)
    if code is not None:
        return code
    for cut in range(2, len(key) - 1):
        code = forms.get(key[cut:])
        if code is not None and _above(key[:cut], code, forms):
            # 江苏开发区 may be anybody's: a zone that every city has is known behind its city only.
            return None if key[cut:] in _EVERYWHERE and _is_province(key[:cut], code) else code
    return None


def _is_province(prefix: str, code: str) -> bool:
    province = _PROVINCES.get(code[:2], "")
    return bool(province) and prefix in (province, f"{province}省", f"{province}市", f"{province}自治区")


def _above(prefix: str, code: str, forms: Mapping[str, str]) -> bool:
    province = _PROVINCES.get(code[:2], "")
    if province and prefix.startswith(province):
        prefix = prefix[len(province) :].removeprefix("省").removeprefix("自治区")
        prefix = prefix if province not in ("北京", "天津", "上海", "重庆") else prefix.removeprefix("市")
    above = forms.get(prefix)
    return not prefix or (
        above is not None and above != code and above[:4] == code[:4] and above[4:6] == "00"
    )
