from enterprises.models.declared import DeclaredValue
from enterprises.models.events import DelistedEntry, ScaleEvent
from enterprises.models.figures import AnnualFigure, MonthlyFigure
from enterprises.models.honours import Honour
from enterprises.models.identity import DuplicateDecision, RegistryEvent
from enterprises.models.land import Lease, Parcel
from enterprises.models.people import Contact, Liaison
from enterprises.models.registry import Enterprise, RegionSpell
from enterprises.models.sources import SourceFigure, SourceSetting

__all__ = [
    "AnnualFigure",
    "Contact",
    "DeclaredValue",
    "DelistedEntry",
    "DuplicateDecision",
    "Enterprise",
    "Honour",
    "Lease",
    "Liaison",
    "MonthlyFigure",
    "Parcel",
    "RegionSpell",
    "RegistryEvent",
    "ScaleEvent",
    "SourceFigure",
    "SourceSetting",
]
