from django.urls import path

from enterprises.views import duplicates, events, firms, land, liaison, sources

app_name = "enterprises"
urlpatterns = [
    path("", firms.enterprise_list, name="list"),
    path("export/", firms.enterprise_export, name="export"),
    path("<int:pk>/", firms.enterprise_detail, name="detail"),
    path("<int:pk>/contact/", firms.enterprise_contact, name="contact"),
    path("<int:pk>/events/new/", events.event_new, name="event_new"),
    path("<int:pk>/events/undo/", events.event_undo, name="event_undo"),
    path("events/", events.event_list, name="events"),
    path("duplicates/", duplicates.duplicate_list, name="duplicates"),
    path("<int:pk>/duplicates/<int:other>/", duplicates.duplicate_pair, name="duplicate_pair"),
    path("sources/", sources.source_list, name="sources"),
    path("sources/export/", sources.source_export, name="sources_export"),
    path("sources/settings/", sources.source_settings, name="source_settings"),
    path("suspects/", sources.suspect_list, name="suspects"),
    path("suspects/export/", sources.suspect_export, name="suspects_export"),
    path("land/", land.land_faults, name="land"),
    path("liaison/", liaison.liaison_list, name="liaison"),
    path("liaison/assign/", liaison.liaison_assign, name="liaison_assign"),
    path("liaison/handover/", liaison.liaison_handover, name="liaison_handover"),
]
