from django.urls import path, register_converter

from core.periods import Month
from cultivation.views import months, pool


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
    path("targets/", months.targets, name="targets"),
    path("targets/<slug:programme>/export/", months.targets_export, name="targets_export"),
    path("months/", months.month_current, name="month_current"),
    path("months/<slug:programme>/<month:month>/", months.month, name="month"),
    path("months/<slug:programme>/<month:month>/rows/<slug:which>/", months.month_rows, name="month_rows"),
    path("months/<slug:programme>/<month:month>/state/", months.month_state, name="month_state"),
    path("months/<slug:programme>/<month:month>/close/", months.month_close, name="month_close"),
    path("months/<slug:programme>/<month:month>/issue/", months.month_issue, name="month_issue"),
    path("months/<slug:programme>/<month:month>/export/", months.month_export, name="month_export"),
]
