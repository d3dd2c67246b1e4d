"""The street as URL prefixes; every name listed here has its line in core.permissions."""

from django.urls import include, path

urlpatterns = [
    path("", include("core.urls")),
    path("", include("reports.urls")),
    path("intake/", include("intake.urls")),
    path("enterprises/", include("enterprises.urls")),
    path("", include("cultivation.urls")),
    path("evaluation/", include("evaluation.urls")),
    path("incentives/", include("incentives.urls")),
    path("api/v1/", include("reports.api_urls")),
]

handler400 = "core.views.bad_request"
handler403 = "core.views.forbidden"
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"
