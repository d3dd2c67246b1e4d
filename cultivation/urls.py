from django.urls import path, register_converter

from core.periods import Month
from cultivation.views import (
    analysis,
    dispatch,
    month_locks,
    month_returns,
    months,
    pool,
    pool_acts,
    statistics,
    target_edit,
    watch,
)


class MonthConverter:
    regex = r"[12]\d{3}-\d{2}"

    def to_python(self, value: str) -> Month:
        """A month that does not exist raises ``ValueError``: no such page."""
        return Month.parse(value)

    def to_url(self, value: Month | str) -> str:
        return str(value)


register_converter(MonthConverter, "month")

app_name = "cultivation"
urlpatterns = [
    path("pool/", pool.pool, name="pool"),
    path("pool/export/", pool.pool_export, name="pool_export"),
    path("pool/screening/", pool.screening, name="screening"),
    path("pool/screening/run/", pool.screening_run, name="screening_run"),
    path("pool/firms/<int:pk>/", pool.pool_change, name="pool_change"),
    path("pool/firms/<int:pk>/record/", watch.firm_record, name="firm_record"),
    path("pool/watch/refresh/", watch.watch_refresh, name="watch_refresh"),
    path("pool/watch/", watch.watch_home, name="watch_home"),
    path("pool/watch/<slug:kind>/", watch.watch, name="watch"),
    path("pool/watch/<slug:kind>/export/", watch.watch_export, name="watch_export"),
    path("pool/lines/", pool_acts.lines, name="pool_lines"),
    path("pool/applications/", pool_acts.applications, name="applications"),
    path("pool/applications/<int:pk>/", pool_acts.application, name="application"),
    path("pool/handovers/", pool_acts.handovers, name="handovers"),
    path("pool/handovers/<int:pk>/file/", pool_acts.handover_file, name="handover_file"),
    path("targets/<slug:programme>/breakdown/", target_edit.target_breakdown, name="target_breakdown"),
    path("targets/", months.targets, name="targets"),
    path("targets/<slug:programme>/export/", months.targets_export, name="targets_export"),
    path("statistics/", statistics.statistics_current, name="statistics_current"),
    path("statistics/<slug:programme>/<month:month>/", statistics.statistics, name="statistics"),
    path(
        "statistics/<slug:programme>/<month:month>/<slug:which>/",
        statistics.statistic_rows,
        name="statistic_rows",
    ),
    path("analysis/", analysis.analysis_current, name="analysis_current"),
    path("analysis/<slug:programme>/<month:month>/", analysis.analysis, name="analysis"),
    path("analysis/<slug:programme>/<month:month>/edit/", analysis.analysis_edit, name="analysis_edit"),
    path(
        "analysis/<slug:programme>/<month:month>/<slug:kind>/", analysis.analysis_rows, name="analysis_rows"
    ),
    path("dispatch/", dispatch.dispatch_current, name="dispatch_current"),
    path("dispatch/orders/<int:pk>/", dispatch.dispatch_order, name="dispatch_order"),
    path("dispatch/<slug:programme>/<month:month>/", dispatch.dispatch, name="dispatch"),
    path("dispatch/<slug:programme>/<month:month>/draft/", dispatch.dispatch_draft, name="dispatch_draft"),
    path("dispatch/<slug:programme>/<month:month>/new/", dispatch.dispatch_new, name="dispatch_new"),
    path("dispatch/<slug:programme>/<month:month>/sheet/", dispatch.dispatch_sheet, name="dispatch_sheet"),
    path("months/", months.month_current, name="month_current"),
    path("months/<slug:programme>/<month:month>/", months.month, name="month"),
    path("months/<slug:programme>/<month:month>/lock/", month_locks.month_lock, name="month_lock"),
    path("months/<slug:programme>/<month:month>/returns/", month_returns.month_returns, name="month_returns"),
    path(
        "months/<slug:programme>/<month:month>/returns/<slug:region>/",
        month_returns.month_return,
        name="month_return",
    ),
    path("months/<slug:programme>/<month:month>/rows/<slug:which>/", months.month_rows, name="month_rows"),
    path("months/<slug:programme>/<month:month>/state/", months.month_state, name="month_state"),
    path("months/<slug:programme>/<month:month>/close/", months.month_close, name="month_close"),
    path("months/<slug:programme>/<month:month>/issue/", months.month_issue, name="month_issue"),
    path("months/<slug:programme>/<month:month>/export/", months.month_export, name="month_export"),
]
