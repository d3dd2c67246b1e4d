"""Who may do what: one table. A URL that is not in it is closed to everybody.

A permission says which roles may do an act; which rows they may do it to is decided by ``visible_to``.
"""

from __future__ import annotations

from core.models.users import Role, User

BUREAU = frozenset({Role.BUREAU_STAFF, Role.BUREAU_LEADER})
DISTRICT = frozenset({Role.DISTRICT_OFFICER, Role.DISTRICT_LEADER})
READERS = BUREAU | DISTRICT | {Role.TOWNSHIP_OFFICER, Role.FINANCE, Role.DEPARTMENT_OFFICER}
SENDERS = frozenset(
    {Role.BUREAU_STAFF, Role.DISTRICT_OFFICER, Role.TOWNSHIP_OFFICER, Role.DEPARTMENT_OFFICER}
)
EVERYONE = frozenset(role for role in Role if role is not Role.SYSTEM)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "own_account": EVERYONE,
    "workbench.view": EVERYONE - {Role.API_CLIENT},
    "cockpit.view": READERS,
    "policy.view": READERS,
    "policy.draft": frozenset({Role.BUREAU_STAFF}),
    "policy.approve": frozenset({Role.BUREAU_LEADER}),
    "policy.simulate": BUREAU,
    "job.view": frozenset({Role.SYS_ADMIN}),
    "job.act": frozenset({Role.SYS_ADMIN}),
    "batch.view": READERS,
    "batch.send": SENDERS,
    "enterprise.view": READERS,
    "enterprise.export": BUREAU | DISTRICT,
    "source.view": BUREAU | DISTRICT,
    "source.set": frozenset({Role.BUREAU_STAFF}),
    "contact.view": BUREAU | DISTRICT,
    "registry.change": frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER}),
    "liaison.assign": frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER}),
    "target.view": READERS,
    "month.view": READERS,
    "month.report": BUREAU | DISTRICT | {Role.TOWNSHIP_OFFICER},
    "month.reopen": frozenset({Role.BUREAU_STAFF}),
    "month.close": frozenset({Role.BUREAU_STAFF}),
    "month.issue": frozenset({Role.BUREAU_LEADER}),
    "analysis.edit": frozenset({Role.BUREAU_STAFF}),
    "month.export": BUREAU | DISTRICT | {Role.FINANCE},
    "evaluation.view": READERS,
    "evaluation.run": frozenset({Role.BUREAU_STAFF}),
    "evaluation.publish": frozenset({Role.BUREAU_LEADER}),
    "evaluation.decide": frozenset({Role.BUREAU_LEADER}),
    "evaluation.confirm": frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER, Role.TOWNSHIP_OFFICER}),
    "evaluation.report": frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER, Role.DISTRICT_LEADER}),
    "evaluation.export": BUREAU | DISTRICT | {Role.FINANCE},
    "evaluation.plan": frozenset({Role.DISTRICT_OFFICER, Role.TOWNSHIP_OFFICER}),
    "evaluation.accept": BUREAU,
    "pool.view": READERS,
    "pool.export": BUREAU | DISTRICT | {Role.FINANCE},
    "pool.screen": frozenset({Role.BUREAU_STAFF}),
    "pool.change": frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER}),
    "pool.lower": frozenset({Role.DISTRICT_OFFICER, Role.BUREAU_STAFF}),
    "pool.review": frozenset({Role.DISTRICT_LEADER, Role.BUREAU_STAFF}),
    "pool.decide": frozenset({Role.DISTRICT_LEADER, Role.BUREAU_STAFF, Role.BUREAU_LEADER}),
    "pool.handover": frozenset({Role.BUREAU_STAFF}),
    "target.change": frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER}),
    "award.view": READERS,
    "award.compute": frozenset({Role.BUREAU_STAFF}),
    "award.export": BUREAU | DISTRICT | {Role.FINANCE},
    "award.apply": frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER, Role.TOWNSHIP_OFFICER}),
    "award.approve": frozenset({Role.BUREAU_LEADER}),
    "award.pay": frozenset({Role.FINANCE}),
    "api.read": READERS | {Role.API_CLIENT},
    "api.send": SENDERS | {Role.API_CLIENT},
}

#: view name → method → permission; HEAD and OPTIONS follow GET.
ROUTES: dict[str, dict[str, str]] = {
    "core:logout": {"POST": "own_account"},
    "core:password_change": {"GET": "own_account", "POST": "own_account"},
    "core:policies": {"GET": "policy.view"},
    "core:policy": {"GET": "policy.view"},
    "core:policy_text": {"GET": "policy.view"},
    "core:policy_compare": {"GET": "policy.view"},
    "core:policy_upload": {"GET": "policy.draft", "POST": "policy.draft"},
    "core:policy_yearly": {"GET": "policy.draft", "POST": "policy.draft"},
    "core:policy_submit": {"POST": "policy.draft"},
    "core:policy_discard": {"POST": "policy.draft"},
    "core:policy_simulate": {"GET": "policy.simulate"},
    "core:policy_approve": {"POST": "policy.approve"},
    "core:policy_return": {"POST": "policy.approve"},
    "core:facts": {"GET": "policy.view"},
    "core:jobs": {"GET": "job.view"},
    "core:health_details": {"GET": "job.view"},
    "core:metrics": {"GET": "job.view"},
    "core:job_retry": {"POST": "job.act"},
    "core:job_cancel": {"POST": "job.act"},
    "reports:workbench": {"GET": "workbench.view"},
    "reports:cockpit": {"GET": "cockpit.view"},
    "reports:comparison": {"GET": "enterprise.export", "POST": "enterprise.export"},
    "intake:batch_list": {"GET": "batch.view"},
    "intake:upload": {"GET": "batch.send", "POST": "batch.send"},
    "intake:template": {"GET": "batch.send"},
    "intake:batch": {"GET": "batch.view"},
    "intake:batch_state": {"GET": "batch.view"},
    "intake:batch_reasons": {"POST": "batch.send"},
    "intake:batch_commit": {"POST": "batch.send"},
    "intake:batch_discard": {"POST": "batch.send"},
    "intake:batch_retry": {"POST": "batch.send"},
    "intake:batch_rows": {"GET": "batch.view"},
    "intake:batch_undo": {"GET": "batch.send", "POST": "batch.send"},
    "intake:mapping": {"GET": "batch.send", "POST": "batch.send"},
    "intake:batch_file": {"GET": "batch.view"},
    "intake:batch_annotated": {"GET": "batch.view"},
    "enterprises:list": {"GET": "enterprise.view"},
    "enterprises:export": {"GET": "enterprise.export"},
    "enterprises:detail": {"GET": "enterprise.view"},
    "enterprises:sources": {"GET": "source.view"},
    "enterprises:sources_export": {"GET": "source.view"},
    "enterprises:source_settings": {"GET": "source.view", "POST": "source.set"},
    "enterprises:suspects": {"GET": "source.view"},
    "enterprises:suspects_export": {"GET": "source.view"},
    "enterprises:contact": {"POST": "contact.view"},
    "enterprises:event_new": {"GET": "registry.change", "POST": "registry.change"},
    "enterprises:event_undo": {"POST": "registry.change"},
    "enterprises:events": {"GET": "enterprise.view"},
    "enterprises:duplicates": {"GET": "enterprise.view"},
    "enterprises:duplicate_pair": {"GET": "enterprise.view", "POST": "registry.change"},
    "enterprises:land": {"GET": "enterprise.view"},
    "enterprises:liaison": {"GET": "enterprise.view"},
    "enterprises:liaison_assign": {"POST": "liaison.assign"},
    "enterprises:liaison_handover": {"GET": "liaison.assign", "POST": "liaison.assign"},
    "cultivation:pool": {"GET": "pool.view"},
    "cultivation:pool_export": {"GET": "pool.export"},
    "cultivation:screening": {"GET": "pool.view"},
    "cultivation:screening_run": {"POST": "pool.screen"},
    "cultivation:pool_change": {"GET": "pool.change", "POST": "pool.change"},
    "cultivation:firm_record": {"GET": "pool.view", "POST": "pool.change"},
    "cultivation:watch": {"GET": "pool.view"},
    "cultivation:watch_home": {"GET": "pool.view"},
    "cultivation:watch_export": {"GET": "pool.export"},
    "cultivation:watch_refresh": {"POST": "pool.screen"},
    "cultivation:pool_lines": {"GET": "pool.view", "POST": "pool.lower"},
    "cultivation:applications": {"GET": "pool.view"},
    "cultivation:application": {"GET": "pool.view", "POST": "pool.decide"},
    "cultivation:handovers": {"GET": "pool.export", "POST": "pool.handover"},
    "cultivation:handover_file": {"GET": "pool.export"},
    "cultivation:target_breakdown": {"GET": "target.view", "POST": "target.change"},
    "cultivation:targets": {"GET": "target.view"},
    "cultivation:targets_export": {"GET": "month.export"},
    "cultivation:month_current": {"GET": "month.view"},
    "cultivation:month": {"GET": "month.view"},
    "cultivation:month_lock": {"GET": "month.view", "POST": "month.reopen"},
    "cultivation:month_returns": {"GET": "month.view"},
    "cultivation:month_return": {"GET": "month.view", "POST": "month.report"},
    "cultivation:month_rows": {"GET": "month.view"},
    "cultivation:month_state": {"GET": "month.view"},
    "cultivation:month_close": {"POST": "month.close"},
    "cultivation:month_issue": {"POST": "month.issue"},
    "cultivation:month_export": {"GET": "month.export"},
    "cultivation:statistics_current": {"GET": "month.view"},
    "cultivation:statistics": {"GET": "month.view"},
    "cultivation:statistic_rows": {"GET": "month.view"},
    "cultivation:analysis_current": {"GET": "month.view"},
    "cultivation:analysis": {"GET": "month.view"},
    "cultivation:analysis_rows": {"GET": "month.view"},
    "cultivation:analysis_edit": {"POST": "analysis.edit"},
    "evaluation:rounds": {"GET": "evaluation.view"},
    "evaluation:round_state": {"GET": "evaluation.run"},
    "evaluation:round_run": {"POST": "evaluation.run"},
    "evaluation:round_publish": {"POST": "evaluation.publish"},
    "evaluation:process": {"GET": "evaluation.view"},
    "evaluation:round_hand_out": {"POST": "evaluation.run"},
    "evaluation:round_settle": {"POST": "evaluation.publish"},
    "evaluation:round_open_publicity": {"POST": "evaluation.run"},
    "evaluation:round_take_back": {"POST": "evaluation.publish"},
    "evaluation:round_step": {"POST": "evaluation.report"},
    "evaluation:moves": {"GET": "evaluation.view", "POST": "evaluation.publish"},
    "evaluation:publicity": {"GET": "evaluation.view"},
    "evaluation:publicity_export": {"GET": "evaluation.export"},
    "evaluation:gaps": {"GET": "evaluation.view"},
    "evaluation:gaps_export": {"GET": "evaluation.export"},
    "evaluation:confirmations": {"GET": "evaluation.view"},
    "evaluation:confirmation": {"GET": "evaluation.view", "POST": "evaluation.confirm"},
    "evaluation:appeals": {"GET": "evaluation.view"},
    "evaluation:appeal": {"GET": "evaluation.view", "POST": "evaluation.decide"},
    "evaluation:appeal_new": {"GET": "evaluation.confirm", "POST": "evaluation.confirm"},
    "evaluation:scan": {"GET": "evaluation.view"},
    "evaluation:lists": {"GET": "evaluation.view"},
    "evaluation:lists_export": {"GET": "evaluation.export"},
    "evaluation:project": {"GET": "evaluation.view", "POST": "evaluation.plan"},
    "evaluation:project_step": {"POST": "evaluation.plan"},
    "evaluation:project_accept": {"POST": "evaluation.accept"},
    "evaluation:differences": {"GET": "evaluation.view"},
    "evaluation:scores": {"GET": "evaluation.view"},
    "evaluation:trace": {"GET": "evaluation.view"},
    "incentives:rounds": {"GET": "award.view"},
    "incentives:round": {"GET": "award.view"},
    "incentives:compute": {"POST": "award.compute"},
    "incentives:export": {"GET": "award.export"},
    "incentives:publicity": {"POST": "award.compute"},
    "incentives:approve": {"POST": "award.approve"},
    "incentives:payouts": {"GET": "award.view", "POST": "award.pay"},
    "incentives:account": {"POST": "award.pay"},
    "incentives:apply": {"GET": "award.apply", "POST": "award.apply"},
}

_SENDING = frozenset({"batches:write"})
#: REST routes → method → (permission, any of these token scopes)
TOKEN_ROUTES: dict[str, dict[str, tuple[str, frozenset[str]]]] = {
    "api:targets": {"GET": ("api.read", frozenset({"targets:read", "tiers:read"}))},
    "api:enterprises": {"GET": ("api.read", frozenset({"enterprises:read", "tiers:read"}))},
    "api:months": {"GET": ("api.read", frozenset({"months:read", "tiers:read"}))},
    "api:tiers": {"GET": ("api.read", frozenset({"tiers:read"}))},
    "api:pool": {"GET": ("api.read", frozenset({"pool:read", "tiers:read"}))},
    "api:evaluation_results": {"GET": ("api.read", frozenset({"grades:read", "tiers:read"}))},
    "api:awards": {"GET": ("api.read", frozenset({"awards:read", "tiers:read"}))},
    "api:batches": {"GET": ("api.send", _SENDING), "POST": ("api.send", _SENDING)},
    "api:batch": {"GET": ("api.send", _SENDING)},
    **{
        f"api:batch_{act}": {"POST": ("api.send", _SENDING)}
        for act in ("notes", "commit", "discard", "retry", "undo")
    },
    "api:schema": {"GET": ("api.read", frozenset())},
    "api:docs": {"GET": ("api.read", frozenset())},
}

PUBLIC = frozenset({"core:login", "core:health", "core:health_live"})
#: what a monitoring system reads with ``MONITOR_TOKEN``, and people with the permission of the table above
MONITOR_ROUTES = frozenset({"core:health_details", "core:metrics"})


def role_can(role: str, permission: str) -> bool:
    return Role(role) in PERMISSIONS[permission]


def can(user: User, permission: str) -> bool:
    return user.is_active and role_can(user.role, permission)


def permission_for(route: str, method: str) -> str | None:
    """The permission a route asks for, or None when the table has no such door."""
    return ROUTES.get(route, {}).get("GET" if method in {"HEAD", "OPTIONS"} else method)
