from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerSplitView

from core.api_schema import Schema
from reports import api

app_name = "api"
urlpatterns = [
    path("targets/", api.Targets.as_view(), name="targets"),
    path("enterprises/", api.Enterprises.as_view(), name="enterprises"),
    path("months/", api.Months.as_view(), name="months"),
    path("statistics/", api.Statistics.as_view(), name="statistics"),
    path("statutory/", api.Statutory.as_view(), name="statutory"),
    path("tiers/", api.Tiers.as_view(), name="tiers"),
    path("pool/", api.Pool.as_view(), name="pool"),
    path("pool/handovers/", api.Handovers.as_view(), name="handovers"),
    path("pool/handovers/<int:pk>/file/", api.HandoverFile.as_view(), name="handover_file"),
    path("watch/", api.Watch.as_view(), name="watch"),
    path("evaluation/results/", api.EvaluationResults.as_view(), name="evaluation_results"),
    path("evaluation/explained/", api.ExplainedResults.as_view(), name="evaluation_explained"),
    path("evaluation/gaps/", api.SurveyGaps.as_view(), name="evaluation_gaps"),
    path("awards/", api.Awards.as_view(), name="awards"),
    path("bulletins/", api.Bulletins.as_view(), name="bulletins"),
    path(
        "bulletins/<slug:programme>/<month:month>/<slug:kind>/word/",
        api.BulletinWord.as_view(),
        name="bulletin_word",
    ),
    path("findings/", api.Findings.as_view(), name="findings"),
    path("", include("cultivation.api_urls")),
    path("batches/", include("intake.api_urls")),
    path("schema/", Schema.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api:schema", template_name="reports/api_docs.html", http_method_names=["get", "head"]
        ),
        name="docs",
    ),
]
