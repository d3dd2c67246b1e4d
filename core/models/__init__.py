from core.models.audit import AuditEntry
from core.models.jobs import JobRun
from core.models.policies import PolicyEdition
from core.models.regions import Region
from core.models.sent_acts import SentAct
from core.models.signs import SignOfLife
from core.models.tokens import ApiToken
from core.models.users import Department, Role, User

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Department",
    "JobRun",
    "PolicyEdition",
    "Region",
    "Role",
    "SentAct",
    "SignOfLife",
    "User",
]
