from django.urls import path

from .views import me

app_name = "people"
urlpatterns = [
    path("", me.home, name="home"),
    path("me/", me.settings_page, name="me"),
    path("me/theme/", me.set_theme, name="theme"),
    path("me/language/", me.set_language, name="language"),
]
