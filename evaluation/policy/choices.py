"""Words that a scheme may choose from, with what each means to a clerk, and what a draft uses where none is printed. Pure."""

from __future__ import annotations

STATUSES = {
    "draft": "草案",
    "trial": "试行",
    "trial_demo": "试行·演示",
    "in_force": "施行",
    "abolished": "废止",
}
LEVELS = {"city": "市级", "county": "县区级", "zone": "园区级", "town": "乡镇级"}
#: dimensions by which a cohort is split into rankings; ``locality`` splits nothing
RANK_WITHIN = {
    "locality": "全域",
    "region": "本县区(园区)",
    "town": "本乡镇(街道)",
    "zone": "本园区",
    "industry_group": "本行业组",
}
LAND_FORMULAS = {"own + leased_in - leased_out": "自有＋租入−租出"}
LAND_SOURCES = {"survey": "年度数据表", "ledger": "用地台账和租赁台账"}
BLANK = {"zero": "按 0 计", "not_reported": "按未报"}
LEASED_FLOOR = {
    "none": "租赁厂房不折算土地",
    "floor/sqm_per_mu": "租赁厂房按建筑面积÷每亩平方米折算",
    "floor/FAR/sqm_per_mu": "租赁厂房按建筑面积÷容积率÷每亩平方米折算",
    "share_of_parcel": "租赁厂房按所占建筑面积的比例分摊宗地",
}
LAND_BASES = {"actual": "实际用地", "certificate": "证载面积", "larger": "证载与实际取大"}
TIME_WEIGHTING = {"none": "不按时间折算", "months_in_use": "按使用月数折算"}
SCORING = {
    "ratio": "指标值÷基准值×权重",
    "minmax": "在低值与高值之间按比例计分",
    "reverse": "越低越好，超过基准的规定倍数记零分",
    "steps": "分档计分",
    "growth": "增减幅度与基准增幅比较计分",
    "deviation": "比基准值每高、每低百分之一增减分",
    "place": "按该项的位次计分",
    "rank_only": "按指标值直接排序，不计分",
}
DIRECTIONS = {"more_is_better": "越大越好", "less_is_better": "越小越好"}
CHANGES = {"growth": "比上年增长", "reduction": "比上年下降"}
YEARS_BY = {"mean_of_ratios": "各年比值的平均", "ratio_of_sums": "各年合计之比"}
YEARS_MISSING = {"skip": "缺报的年度不计入平均", "not_reported": "缺一年即按未报"}
FILLINGS = {
    "zero": "该项记 0 分",
    "full": "该项记满分",
    "mean_score": "取同组有数企业该项得分的平均",
    "drop_and_reweight": "去掉该项，其余权重按比例放大",
}
BASELINES = {
    "fixed": "公布的数",
    "target": "目标值",
    "mean_of_ratios": "各企业比值的平均",
    "ratio_of_sums": "合计之比",
    "max": "最高值",
    "min": "最低值",
    "percentile": "百分位值",
}
#: baselines whose number the document or the case itself gives
GIVEN_BASELINES = ("fixed", "target")
POPULATIONS = {"cohort": "本组", "county": "本县区(园区)", "locality": "全域", "industry": "同行业组"}
PERIODS = {"this_year": "评价年度", "last_year": "上一年度"}
BEYOND = {"clip": "两端封住", "extend": "两端照算"}
ALL_EQUAL = {"full": "都记高值一端的分", "zero": "都记低值一端的分", "middle": "都记两端的中间分"}
PLACE_SHARES = {
    "others": "（家数−位次）÷（家数−1）",
    "all": "（家数−位次＋1）÷家数",
}
ROUNDINGS = {"half_up": "四舍五入", "down": "舍去尾数", "half_even": "四舍六入五成双"}
COMPARE = {"rounded": "先取舍再排名", "unrounded": "按未取舍的得分排名"}
GRADING_MODES = {
    "percentile": "按位次比例",
    "threshold": "按得分",
    "hybrid": "位次比例和得分都要达到",
}
COUNT_ROUNDINGS = {
    "half_up_cum": "累计名额四舍五入",
    "floor_cum": "累计名额舍去小数",
    "ceil_cum": "累计名额进一",
}
QUOTA_BASES = {"graded": "参加排名的企业", "listed": "全部参评企业（含不定等级）"}
TIES = {"share_better": "分数相同，同取较好的等级", "share_worse": "分数相同，同取较低的等级"}
SMALL_POOLS = {
    "stay": "仍在本组排名",
    "parent_pool": "并入全域同组排名",
    "threshold": "按得分定级",
    "ask": "提请确定",
}
MOVE_KINDS = {
    "set": "定为",
    "ceiling": "最高",
    "floor": "最低",
    "up": "上调",
    "down": "下调",
    "entry_threshold": "不参加排名，直接定为",
}
PARCEL_TENANTS = {
    "separate": "承租企业单独评价",
    "merge_and_share": "与出租方合并评价、同一结果",
    "follow_landlord": "随出租方的等级",
    "own_cohort": "承租企业单列一组",
}
MULTI_ENTITY = {"separate": "各自评价", "merge": "合并评价", "both": "单独和合并各评一次"}
BOTH_TAKES = {
    "alone": "以单独评价为准",
    "merged": "以合并评价为准",
    "better": "取较好的等级",
    "worse": "取较低的等级",
}
#: what a draft uses where the document prints nothing
PROVISIONAL: dict[str, str] = {
    "blank_lease": "zero",
    "blank": "zero",
    "missing": "zero",
    "count_rounding": "half_up_cum",
    "quota_base": "graded",
    "ties": "share_better",
    "small_pool": "stay",
    "rank_within": "locality",
    "all_equal": "full",
    "both_takes": "alone",
    "compare": "rounded",
    "leased_floor": "floor/sqm_per_mu",
    "basis": "actual",
    "time_weighting": "none",
}
PROVISIONAL_DECIMALS = 4
#: from the best to the last; 标杆 and split grades as documents name them: A+ before A, A1 before A2
GRADES = tuple(f"{letter}{more}" for letter in "ABCDE" for more in ("+", "", "1", "2", "3"))
