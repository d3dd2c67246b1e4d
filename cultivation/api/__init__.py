"""REST doors of the month's acts: the same services, words and refusals as on the pages."""

from cultivation.api.corrections import Corrections, OneCorrection
from cultivation.api.orders import OneOrder, Orders
from cultivation.api.returns import OneReturn, Returns

__all__ = ["Corrections", "OneCorrection", "OneOrder", "OneReturn", "Orders", "Returns"]
