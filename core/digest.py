"""What "equal" means: one digest over the business tables, with named columns left out.

Two databases, or one database before and after, are equal when their digests are: whatever a worker that was
killed, a message that came twice or another order of rows did on the way. Rows are told by what they say, never
by their numbers: a foreign key stands for the row that it leads to. (The packed rows of a month and of a screening
hold numbers of firms: of them, databases are equal that took the same firms in in the same order.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from django.apps import apps
from django.db import models

from core.periods import Month

#: table → columns left out beside ``id``: moments, how long it took, where files lie, marks of a request
BUSINESS_TABLES: dict[str, frozenset[str]] = {
    "core_region": frozenset(),
    "core_policy_edition": frozenset({"loaded_at", "submitted_at", "in_force_at"}),
    "core_audit_entry": frozenset({"at", "request_id", "address"}),
    "intake_batch": frozenset(
        {
            "sent_at",
            "checked_at",
            "committed_at",
            "undone_at",
            "check_seconds",
            "stored_path",
            "rows_path",
            "seen_batches",
            "replaced_digest",
        }
    ),
    "intake_issue": frozenset(),
    "intake_staged_row": frozenset(),
    # whom a firm leads to follows from its events, and would have the table ask for its own names
    "enterprise": frozenset({"created_at", "updated_at", "successor_id"}),
    "enterprise_region_spell": frozenset(),
    "registry_event": frozenset({"recorded_at", "before"}),
    "duplicate_decision": frozenset({"decided_at"}),
    "enterprise_contact": frozenset(),
    "liaison": frozenset(),
    "parcel": frozenset(),
    "lease": frozenset(),
    "honour": frozenset(),
    "scale_event": frozenset(),
    "delisted_entry": frozenset(),
    "monthly_figure": frozenset(),
    "annual_figure": frozenset(),
    "declared_value": frozenset(),
    "source_figure": frozenset(),
    "source_setting": frozenset({"set_at"}),
    "intake_list_layout": frozenset({"confirmed_at"}),
    "target": frozenset(),
    "target_change": frozenset({"at"}),
    "monthly_issue": frozenset({"closed_at", "issued_at"}),
    "monthly_issue_rows": frozenset(),
    "monthly_issue_statistics": frozenset({"computed_at"}),
    "dispatch_order": frozenset({"drafted_at", "sent_at", "ended_at"}),
    "dispatch_step": frozenset({"at"}),
    "month_analysis": frozenset({"edited_at"}),
    "region_month": frozenset(),
    "monthly_cycle": frozenset({"opened_at"}),
    "month_return": frozenset({"submitted_at"}),
    "month_return_reminder": frozenset(),
    "month_return_act": frozenset({"at"}),
    "month_return_mark": frozenset(),
    "month_correction": frozenset({"made_at", "decided_at", "evidence"}),
    "month_adjustments": frozenset(),
    "bulletin": frozenset({"drafted_at", "signed_at", "printed_on", "content", "sha256"}),
    "month_reopening": frozenset({"opened_at", "until", "closed_at"}),
    "pool_screening": frozenset({"screened_at"}),
    "pool_screening_firms": frozenset(),
    "pool_membership": frozenset({"updated_at"}),
    "tier_change": frozenset({"at"}),
    "pool_line": frozenset({"set_at", "ended_at"}),
    "pool_application": frozenset({"applied_at", "reviewed_at", "decided_at"}),
    "pool_judgement": frozenset({"at"}),
    "pool_handover": frozenset({"handed_at", "content", "sha256"}),
    "watch_entry": frozenset({"refreshed_at"}),
    "watch_note": frozenset({"at"}),
    "eval_round": frozenset(
        {"run_at", "published_at", "settled_at", "confirm_until", "public_from", "public_until"}
    ),
    # the snapshot holds numbers of firms; what it says is in the round's fingerprint of inputs
    "eval_snapshot": frozenset({"content", "sha256"}),
    "eval_pool": frozenset(),
    "eval_score": frozenset(),
    "eval_step_done": frozenset({"done_at"}),
    "eval_file": frozenset({"uploaded_at"}),
    "eval_confirmation": frozenset({"recorded_at"}),
    "eval_appeal": frozenset({"filed_at", "decided_at"}),
    "eval_move_record": frozenset({"approved_at"}),
    "eval_project": frozenset({"opened_at", "accepted_at", "reviewed_at"}),
    "eval_milestone": frozenset(),
    "award_round": frozenset({"computed_at", "approved_at"}),
    "award_snapshot": frozenset(),
    "award": frozenset(),
    "award_refusal": frozenset(),
    "award_difference": frozenset(),
    "award_objection": frozenset({"recorded_at", "decided_at"}),
    "award_payout": frozenset(),
    "award_payee_account": frozenset({"changed_at"}),
    "award_application": frozenset({"sent_at"}),
    "award_occasion": frozenset(),
}
#: no business: accounts, tokens, keys of REST posts, the runs of jobs and signs of life. A new table belongs into one of the two, a test asks for it.
OTHER_TABLES = frozenset(
    {"core_user", "core_api_token", "core_job_run", "core_sign_of_life", "core_sent_act", "intake_post_key"}
)
#: what a row of another table is called where a business row leads to it
_NAMED_BY = {"core_user": "username"}

_CHUNK = 2000
_SPACE = 2**256


def table_digests() -> dict[str, str]:
    """Table → digest of its rows, whatever their order; a row that is there twice counts twice."""
    reader = _Reader()
    return {table: _told(reader.rows(table)) for table in BUSINESS_TABLES}


def business_digest() -> str:
    """One digest of all business tables."""
    return hashlib.sha256(msgspec.json.encode(table_digests(), order="sorted")).hexdigest()


def _told(rows: Iterable[tuple[Any, bytes]]) -> str:
    count = total = 0
    for _, fingerprint in rows:
        count, total = count + 1, (total + int.from_bytes(fingerprint)) % _SPACE
    return f"{count} rows {total:064x}"


class _Reader:
    """Reads tables row by row; of tables that others lead to, the name of each row is kept."""

    def __init__(self) -> None:
        self.models = {model._meta.db_table: model for model in apps.get_models()}
        self.names: dict[str, dict[Any, str]] = {}

    def rows(self, table: str, *, alone: bool = False) -> Iterable[tuple[Any, bytes]]:
        """Primary key and fingerprint of each row; ``alone`` without what leads to another row of the same table."""
        model = self.models[table]
        fields = [field for field in model._meta.concrete_fields if _counts(field, BUSINESS_TABLES[table])]
        if alone:
            fields = [field for field in fields if field.related_model is not model]
        turn = [(place, self._turned(field)) for place, field in enumerate(fields) if field.is_relation]
        values = model._base_manager.order_by().values_list("pk", *(field.attname for field in fields))
        for key, *row in values.iterator(chunk_size=_CHUNK):
            for place, turned in turn:
                row[place] = turned(row[place])
            written = msgspec.json.encode(row, enc_hook=_plain, order="sorted")
            yield key, hashlib.sha256(written).digest()

    def _turned(self, field: models.Field[Any, Any]) -> Callable[[Any], Any]:
        """Number of a row → what that row says; codes such as those of regions speak for themselves."""
        target = field.related_model
        if isinstance(target._meta.pk, models.CharField):
            return lambda code: code
        table = target._meta.db_table
        if target is field.model:
            return {key: row.hex() for key, row in self.rows(table, alone=True)}.get
        return self._names(table).get

    def _names(self, table: str) -> dict[Any, str]:
        if table not in self.names:
            if table in _NAMED_BY:
                named = self.models[table]._base_manager.values_list("pk", _NAMED_BY[table])
                self.names[table] = dict(named)
            else:
                self.names[table] = {key: row.hex() for key, row in self.rows(table)}
        return self.names[table]


def _counts(field: models.Field[Any, Any], left_out: frozenset[str]) -> bool:
    return not isinstance(field, models.AutoField | models.BigAutoField) and field.column not in left_out


def _plain(value: object) -> object:
    if isinstance(value, Month):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a digest")
