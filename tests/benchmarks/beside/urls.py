from django.http import HttpResponse
from django.urls import path

from tests.benchmarks.beside import views
from tests.benchmarks.beside.admins import tuned, usual

urlpatterns = [
    path("readyz", lambda request: HttpResponse("ok")),
    path("plain/calls/", views.calls),
    path("plain/calls/<int:pk>/", views.call),
    path("plain/lookup/", views.look_up),
    path("plain/lookup/many/", views.look_up_many),
    path("plain/overview/", views.overview),
    path("plain/report/", views.report),
    path("usual/", usual.urls),
    path("tuned/", tuned.urls),
]
