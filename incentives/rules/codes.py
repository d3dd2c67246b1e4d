"""Codes of reasons. They are stored with awards for good: a code is never given another meaning. Pure."""

from __future__ import annotations

#: first time, or why not
FIRST = 0
EARLIER_EVENT = 1
EARLIER_DELISTED_LIST = 2
ENTERED_AGAIN = 3

#: why an entry is not reached by a rule
NOT_FIRST_EVENT = "not_first_event"  # [month of the earlier event]
NOT_FIRST_LIST = "not_first_list"  # [year of the list of leavers]
NOT_FIRST_TYPE = "not_first_type"  # []
OTHER_LIBRARY_YEAR = "other_library_year"  # [library year of the entry, its month]
NOT_IN_FORCE = "not_in_force"  # [month of the entry]
NOTHING_DUE = "nothing_due"  # the traces of its parts, none of which is due
CONDITION_FAILED = "condition_failed"  # leaves of the rule's conditions
ALREADY_AWARDED = "already_awarded"  # [year, version of the round that granted it]

#: why an award is held
CONDITION_UNKNOWN = "condition_unknown"  # leaves of the rule's conditions
REGION_UNSHARED = "region_unshared"  # []: the document does not say who bears an award in this region

#: why a later version differs from what was granted; [version that granted it]
AMOUNT_CHANGED = "amount_changed"
NO_LONGER_DUE = "no_longer_due"

NOT_FIRST = {
    EARLIER_EVENT: NOT_FIRST_EVENT,
    EARLIER_DELISTED_LIST: NOT_FIRST_LIST,
    ENTERED_AGAIN: NOT_FIRST_TYPE,
}
