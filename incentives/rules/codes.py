"""Codes of reasons. They are stored with awards for good: a code is never given another meaning. Pure."""

from __future__ import annotations

from enum import IntFlag

#: first time, or why not
FIRST = 0
EARLIER_EVENT = 1
EARLIER_DELISTED_LIST = 2
ENTERED_AGAIN = 3
TOLD_NOT_FIRST = 4
FIRST_NOT_KNOWN = 5

#: why an occasion is not reached by a rule
NOT_FIRST_EVENT = "not_first_event"  # [month of the earlier event]
NOT_FIRST_LIST = "not_first_list"  # [year of the list of leavers]
NOT_FIRST_TYPE = "not_first_type"  # []
NOT_FIRST_TOLD = "not_first"  # []
OTHER_LIBRARY_YEAR = "other_library_year"  # [library year of the entry, its month]
OTHER_YEAR = "other_year"  # [year of the event]
OTHER_PERIOD = "other_period"  # []
OTHER_KEY = "other_key"  # []
NOT_IN_FORCE = "not_in_force"  # [month of the entry]
EXCLUDED = "excluded"  # leaves of the rule's exclusions
NOTHING_DUE = "nothing_due"  # the traces of its parts, none of which is due
CONDITION_FAILED = "condition_failed"  # leaves of the rule's conditions
ALREADY_AWARDED = "already_awarded"  # [year, version of the round that granted it]
#: what other awards and limits left nothing of
STACKED = "stacked"  # [id of the stacking, id of the rule that pays instead, or "" for what was had earlier]
CAP_REACHED = "cap_reached"  # []
BUDGET_SPENT = "budget_spent"  # [id of the budget]

#: The refusals in the order of their numbers in ``RuleVerdict.refusal``; 0 is none.
REFUSALS = (
    "",
    OTHER_LIBRARY_YEAR,
    OTHER_YEAR,
    OTHER_PERIOD,
    OTHER_KEY,
    NOT_IN_FORCE,
    NOT_FIRST_EVENT,
    NOT_FIRST_LIST,
    NOT_FIRST_TYPE,
    NOT_FIRST_TOLD,
    ALREADY_AWARDED,
    CONDITION_FAILED,
    EXCLUDED,
    NOTHING_DUE,
    CAP_REACHED,
    STACKED,
    BUDGET_SPENT,
)
NUMBER_OF = {code: number for number, code in enumerate(REFUSALS)}

#: why an award is held
CONDITION_UNKNOWN = "condition_unknown"  # leaves of the rule's conditions
EXCLUSION_UNKNOWN = "exclusion_unknown"  # leaves of the rule's exclusions
REGION_UNSHARED = "region_unshared"  # []: the document does not say who bears an award in this region

#: why a later version differs from what was granted; [version that granted it]
AMOUNT_CHANGED = "amount_changed"
NO_LONGER_DUE = "no_longer_due"

NOT_FIRST = {
    EARLIER_EVENT: NOT_FIRST_EVENT,
    EARLIER_DELISTED_LIST: NOT_FIRST_LIST,
    ENTERED_AGAIN: NOT_FIRST_TYPE,
    TOLD_NOT_FIRST: NOT_FIRST_TOLD,
}


class Held(IntFlag):
    """What keeps an award from being paid; several may hold at once."""

    CONDITION = 1
    EXCLUSION = 2
    PART = 4
    UNSHARED = 8
    FIRST_TIME = 16
    DECIDED = 32
    CAP = 64
    STACKING = 128
    SCOPE = 256
    BUDGET = 512
    MODIFIER = 1024
    UNCLEAR = 2048
    UNPRINTED = 4096
    OTHERS = 8192


#: With any of these it is not known whether, or what, the rule pays.
UNDECIDED = Held.CONDITION | Held.EXCLUSION | Held.FIRST_TIME | Held.PART | Held.MODIFIER | Held.CAP
HELD_WORDS = {
    Held.CONDITION: "条件缺数，能否奖补待定",
    Held.EXCLUSION: "不予奖补的情形缺数，待核",
    Held.PART: "金额缺数，待核",
    Held.UNSHARED: "文件没有写明这个地区由谁承担",
    Held.FIRST_TIME: "是否首次待核",
    Held.DECIDED: "金额是上限，请录入核定金额",
    Held.CAP: "封顶数未定",
    Held.STACKING: "文件没有写明能否同享，请先定",
    Held.SCOPE: "没有写明是哪个项目或发票，不能核对是否重复",
    Held.BUDGET: "超出预算，文件没有写明怎么压减",
    Held.MODIFIER: "加成条件缺数，待核",
    Held.UNCLEAR: "文件有待明确之处",
    Held.UNPRINTED: "文件没有写明金额",
    Held.OTHERS: "同组的另一项待核，高低未定",
}
