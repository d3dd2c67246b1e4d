from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.workbench, name="workbench"),
    path("help/", views.guide, name="help"),
    path("cockpit/", views.cockpit, name="cockpit"),
    path("bulletins/", views.bulletin_current, name="bulletin_current"),
    path("bulletins/<slug:programme>/<month:month>/", views.bulletins, name="bulletins"),
    path("bulletins/<slug:programme>/<month:month>/excel/", views.statutory_export, name="statutory_export"),
    path("bulletins/<slug:programme>/<month:month>/<slug:kind>/", views.bulletin, name="bulletin"),
    path(
        "bulletins/<slug:programme>/<month:month>/<slug:kind>/word/",
        views.bulletin_word,
        name="bulletin_word",
    ),
    path("comparison/", views.comparison, name="comparison"),
]
