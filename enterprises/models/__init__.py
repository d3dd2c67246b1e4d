from enterprises.models.events import DelistedEntry, ScaleEvent
from enterprises.models.figures import AnnualFigure, MonthlyFigure
from enterprises.models.registry import Enterprise, RegionSpell

__all__ = ["AnnualFigure", "DelistedEntry", "Enterprise", "MonthlyFigure", "RegionSpell", "ScaleEvent"]
