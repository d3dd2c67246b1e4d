from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("", views.workbench, name="workbench"),
    path("cockpit/", views.cockpit, name="cockpit"),
    path("comparison/", views.comparison, name="comparison"),
]
