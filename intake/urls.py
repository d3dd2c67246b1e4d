from django.urls import path

from intake.views import batches as views
from intake.views import layouts

app_name = "intake"
urlpatterns = [
    path("", views.batch_list, name="batch_list"),
    path("upload/", views.upload, name="upload"),
    path("layouts/", layouts.layout_list, name="layout_list"),
    path("layouts/<int:pk>/forget/", layouts.layout_forget, name="layout_forget"),
    path("template/<slug:sheet>/", views.template, name="template"),
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/state/", views.batch_state, name="batch_state"),
    path("<int:pk>/reasons/", views.batch_reasons, name="batch_reasons"),
    path("<int:pk>/commit/", views.batch_commit, name="batch_commit"),
    path("<int:pk>/discard/", views.batch_discard, name="batch_discard"),
    path("<int:pk>/retry/", views.batch_retry, name="batch_retry"),
    path("<int:pk>/rows/", views.batch_rows, name="batch_rows"),
    path("<int:pk>/undo/", views.batch_undo, name="batch_undo"),
    path("<int:pk>/mapping/", views.mapping, name="mapping"),
    path("<int:pk>/file/", views.batch_file, name="batch_file"),
    path("<int:pk>/annotated/", views.batch_annotated, name="batch_annotated"),
]
