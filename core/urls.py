from django.urls import path

from core import views

app_name = "core"
urlpatterns = [
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("password/", views.OwnPassword.as_view(), name="password_change"),
    path("health/", views.health, name="health"),
]
