"""What the page of payouts shows: every instalment with its days, its account masked for all but finance."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from core.models import Role, User
from incentives.models import AwardDifference, AwardRound, PayeeAccount, Payout
from incentives.services.programmes import awards_part

#: where finance may move a payout to, and what it is called
MOVES = {state.value: state.label for state in Payout.State if state is not Payout.State.APPROVED}


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """``account``: whole for finance, ``****1234`` for others, empty when there is none."""

    payout: Payout
    #: the title of its rule
    rule: str
    account: str
    payee: str
    bank: str
    days: int | None
    #: what a later approved version found about its award, the newest such version
    later: AwardDifference | None


@dataclass(frozen=True)
class PayoutsPage:
    award_round: AwardRound
    #: every approved version, the newest first: what is due in later years stays with the version that granted it
    versions: list[AwardRound]
    lines: list[PayoutLine]

    @property
    def total_fen(self) -> int:
        return sum(line.payout.amount_fen for line in self.lines)

    @property
    def sums(self) -> list[tuple[str, int, int]]:
        """(state, how many, fen) of each state that occurs, in the order of the way."""
        found = []
        for state in Payout.State:
            own = [line.payout for line in self.lines if line.payout.state == state]
            if own:
                found.append((state.label, len(own), sum(payout.amount_fen for payout in own)))
        return found

    @property
    def without_account(self) -> list[tuple[str, str]]:
        """(code, name) of recipients whose account is not known."""
        awards = [line.payout.award for line in self.lines if not line.account]
        return list(dict.fromkeys((award.recipient_code, award.recipient_name) for award in awards))


def payouts_page(*, user: User, programme: str, year: int, version: int | None = None) -> PayoutsPage | None:
    """One approved version that the user sees, the newest where none is named; four queries."""
    rounds = (
        AwardRound.objects.visible_to(user).latest_for(programme, year).select_related("region", "edition")
    )
    versions = list(rounds.filter(state=AwardRound.State.APPROVED))
    found = next((one for one in versions if version is None or one.version == version), None)
    if found is None:
        return None
    rows = Payout.objects.visible_to(user).of_round(found).select_related("award__region", "paid_by")
    payouts = list(rows.order_by("region__order", "award__recipient_code", "due_year", "pk"))
    codes = {payout.award.recipient_code for payout in payouts}
    accounts = {one.recipient_code: one for one in PayeeAccount.objects.filter(recipient_code__in=codes)}
    changed = _changed_later(found)
    part = awards_part(found.edition)
    titles = {rule.id: rule.title for rule in part.rules} if part else {}
    whole = user.role == Role.FINANCE
    approved_on = timezone.localdate(found.approved_at) if found.approved_at else None
    lines = []
    for payout in payouts:
        account = accounts.get(payout.award.recipient_code)
        number = "" if account is None else account.account if whole else account.masked
        days = (payout.paid_on - approved_on).days if payout.paid_on and approved_on else None
        payee, bank = (account.payee, account.bank) if account and whole else ("", "")
        title = titles.get(payout.award.rule, payout.award.rule)
        later = changed.get(payout.award_id)
        lines.append(PayoutLine(payout, title, number, payee, bank, days, later))
    return PayoutsPage(found, versions, lines)


def _changed_later(award_round: AwardRound) -> dict[int, AwardDifference]:
    """Award → the difference that the newest approved version found: 多退少补 is not lost sight of when paying."""
    rows = AwardDifference.objects.filter(award__round=award_round, round__state=AwardRound.State.APPROVED)
    return {row.award_id: row for row in rows.select_related("round").order_by("round__version")}
