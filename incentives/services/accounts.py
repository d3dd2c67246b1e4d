"""收款账户: bank details of recipients, kept by finance alone; one, or a whole round's as they are pasted."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import User
from incentives.models import AwardRound, PayeeAccount
from incentives.services.programmes import AwardsRefused

PASTE_LIMIT = 500_000
#: recipient (code or name), payee, bank, number
_Line = tuple[str, str, str, str]
_TOLD = 10


def keep_accounts(*, award_round: AwardRound, text: str, actor: User) -> int:
    """Lines of four cells as a spreadsheet copies them: recipient, payee, bank, number. All of them or none.

    Raises ``AwardsRefused`` with every line at fault.
    """
    recipients = _recipients(award_round)
    read: list[_Line] = []
    faults: list[str] = []
    for number, cells in enumerate(_lines(text), start=1):
        if number == 1 and len(cells) > 3 and cells[3] == "账号":
            continue  # the heading
        if len(cells) > 3 and not any(cells[2:]):
            continue  # a recipient whose bank and number nobody has filled in yet
        against = _against(cells, recipients)
        if against:
            faults.append(f"第{number}行：{against}")
        else:
            read.append((recipients[cells[0]][0], cells[1], cells[2], cells[3].replace(" ", "")))
    if faults:
        more = f"；另有 {len(faults) - _TOLD} 行" if len(faults) > _TOLD else ""
        raise AwardsRefused("；".join(faults[:_TOLD]) + more)
    if not read:
        raise AwardsRefused("没有读到账户，请从 Excel 复制四列：对象、收款单位全称、开户行、账号。")
    with transaction.atomic():
        for code, payee, bank, account in read:
            keep_account(recipient_code=code, payee=payee, bank=bank, account=account, actor=actor)
    return len(read)


def _lines(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        cells = next(csv.reader([line], delimiter="\t" if "\t" in line else ","), [])
        if any(cell.strip() for cell in cells):
            yield [cell.strip() for cell in cells]


def _recipients(award_round: AwardRound) -> dict[str, list[str]]:
    """Code or name → codes of the round's recipients: a name that two of them bear names neither."""
    found: dict[str, list[str]] = {}
    rows = award_round.payouts.order_by().values_list("award__recipient_code", "award__recipient_name")
    for code, name in set(rows):
        for word in dict.fromkeys((code, name)):
            found.setdefault(word, []).append(code)
    return found


def _against(cells: list[str], recipients: dict[str, list[str]]) -> str:
    if len(cells) < 4:
        return "应有四列：对象、收款单位全称、开户行、账号"
    known = recipients.get(cells[0], [])
    if not known:
        return f"这一版没有要付给“{cells[0][:40]}”的奖补"
    if len(known) > 1:
        return f"有 {len(known)} 个对象叫“{cells[0][:40]}”，请写代码"
    return _wrong_account(cells[1], cells[2], cells[3].replace(" ", ""))


def _wrong_account(payee: str, bank: str, digits: str) -> str:
    if not (digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 32):
        return "账号写 6 到 32 位数字"
    if not payee.strip() or not bank.strip():
        return "请写明收款单位全称和开户行"
    return "收款单位全称、开户行最多 200 字" if max(len(payee), len(bank)) > 200 else ""


def keep_account(*, recipient_code: str, payee: str, bank: str, account: str, actor: User) -> PayeeAccount:
    """Bank details, kept by finance; the trail says that they changed, not what they are."""
    digits = account.replace(" ", "")
    against = _wrong_account(payee, bank, digits)
    if against:
        raise AwardsRefused(f"{against}。")
    with transaction.atomic():
        found, _created = PayeeAccount.objects.update_or_create(
            recipient_code=recipient_code,
            defaults={
                "payee": payee.strip(),
                "bank": bank.strip(),
                "account": digits,
                "changed_by": actor,
                "changed_at": timezone.now(),
            },
        )
        record(actor=actor, act="keep_account", region=actor.region, subject=recipient_code)
    return found
