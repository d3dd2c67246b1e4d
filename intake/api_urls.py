"""Below ``/api/v1/batches/``; the names stand in the one space ``api``."""

from django.urls import path

from intake import api

urlpatterns = [
    path("", api.Batches.as_view(), name="batches"),
    path("<int:pk>/", api.OneBatch.as_view(), name="batch"),
    path("<int:pk>/notes/", api.BatchNotes.as_view(), name="batch_notes"),
    path("<int:pk>/commit/", api.BatchCommit.as_view(), name="batch_commit"),
    path("<int:pk>/discard/", api.BatchDiscard.as_view(), name="batch_discard"),
    path("<int:pk>/undo/", api.BatchUndo.as_view(), name="batch_undo"),
    path("<int:pk>/retry/", api.BatchRetry.as_view(), name="batch_retry"),
]
