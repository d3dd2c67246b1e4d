"""Below ``/api/v1/``: the month's acts; the names stand in the one space ``api``."""

from django.urls import path

from cultivation import api

urlpatterns = [
    path("returns/", api.Returns.as_view(), name="returns"),
    path("returns/<slug:programme>/<month:month>/<slug:region>/", api.OneReturn.as_view(), name="return"),
    path("corrections/", api.Corrections.as_view(), name="corrections"),
    path("corrections/<int:pk>/", api.OneCorrection.as_view(), name="correction"),
    path("orders/", api.Orders.as_view(), name="orders"),
    path("orders/<int:pk>/", api.OneOrder.as_view(), name="order"),
]
