"""What may have happened between a check and its commit: a firm taken elsewhere, a figure changed by another list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from core.models import User
from enterprises.sheets.ground import Ground
from intake.models import Batch
from intake.services.commits import Overtaken, later_batches, overtaken
from intake.services.other_files import OTHER_REGION
from intake.services.sheet_types import Records


def refuse_elsewhere(records: Records, ground: Ground, day_of: Callable[[int], date]) -> None:
    """Raises ``Overtaken`` when a firm of the list now belongs outside the sender's scope."""
    for i, code in enumerate(records.columns["uscc"]):
        firm = ground.known.get(code)
        if firm is not None and ground.region_when(firm, partial(day_of, i)) not in ground.scope:
            raise Overtaken(f"第{records.rows[i]}行：{OTHER_REGION}")


def refuse_merged(records: Records, ground: Ground) -> None:
    """Raises ``Overtaken`` when a code of the list turned out, since its check, to be a second record of a firm."""
    for i, code in enumerate(records.columns["uscc"]):
        if code not in ground.known:
            raise Overtaken(
                f"第{records.rows[i]}行：这家企业的档案刚刚合并到另一个代码，请重新校验后再提交。"
            )


def refuse_overtaken(replaced: Mapping[str, int | None], batch: Batch, actor: User) -> None:
    """``replaced``: firm name → batch whose row would be replaced. One that came after the check is not replaced."""
    later = later_batches(batch) if replaced else {}
    for number, other in later.items():
        firms = [name for name, batch_id in replaced.items() if batch_id == number]
        if firms:
            raise overtaken(batch=batch, other=other, actor=actor, firms=firms)
