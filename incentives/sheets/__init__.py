"""The lists that awards take in: 奖补事项 (what happened, to whom) and 奖补申报 (claims under a rule)."""

from incentives.sheets.claims import AwardClaims
from incentives.sheets.events import AwardEvents

__all__ = ["AwardClaims", "AwardEvents"]
