"""Every address of the dashboard, in the order of the navigation."""

from django.urls import path

from recorder_app.views import (
    accounts,
    actions,
    applications,
    audit,
    callback_settings,
    callbacks,
    calls,
    doors,
    errors,
    gauges,
    live,
    lookup,
    overview,
    people,
    recordings,
    start,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("start/", start.choose, name="start"),
    path("start/tiw/", start.start_tiw, name="start-tiw"),
    path("start/tiw/preview/", start.preview_tiw, name="start-tiw-preview"),
    path("start/gme/", start.start_gme, name="start-gme"),
    path("start/gme/preview/", start.preview_gme, name="start-gme-preview"),
    path("recordings/", recordings.recording_list, name="recordings"),
    path("recordings/<int:pk>/", recordings.recording, name="recording"),
    path("recordings/<int:pk>/change/", actions.change, name="recording-change"),
    path("recordings/<int:pk>/answer/", actions.answer, name="recording-answer"),
    path("recordings/<int:pk>/stop/", actions.stop, name="recording-stop"),
    path("recordings/<int:pk>/pause/", actions.pause, name="recording-pause"),
    path("recordings/<int:pk>/resume/", actions.resume, name="recording-resume"),
    path("calls/", calls.call_list, name="calls"),
    path("calls/<int:pk>/", calls.call, name="call"),
    path("alarms/", live.alarms, name="alarms"),
    path("lookup/", lookup.look_up, name="lookup"),
    path("errors/", errors.catalogue, name="errors"),
    path("settings/accounts/", accounts.account_list, name="accounts"),
    path("settings/accounts/new/", accounts.add_account, name="account-new"),
    path("settings/accounts/<int:pk>/", accounts.account, name="account"),
    path("settings/accounts/<int:pk>/key/", accounts.replace_key, name="account-key"),
    path("settings/accounts/<int:pk>/test/", accounts.test_account, name="account-test"),
    path("settings/applications/", applications.application_list, name="applications"),
    path("settings/applications/new/", applications.add_application, name="application-new"),
    path("settings/applications/<int:pk>/", applications.application, name="application"),
    path("settings/applications/<int:pk>/key/", applications.replace_key, name="application-key"),
    path("settings/applications/<int:pk>/callbacks/", callback_settings.page, name="application-callbacks"),
    path(
        "settings/applications/<int:pk>/callbacks/ask/",
        callback_settings.ask_cloud,
        name="application-callbacks-ask",
    ),
    path(
        "settings/applications/<int:pk>/callbacks/set/",
        callback_settings.set_at_cloud,
        name="application-callbacks-set",
    ),
    path(
        "settings/applications/<int:pk>/callbacks/clear/",
        callback_settings.clear_at_cloud,
        name="application-callbacks-clear",
    ),
    path(
        "settings/applications/<int:pk>/callbacks/key/",
        callback_settings.store_key,
        name="application-callbacks-key",
    ),
    path(
        "settings/applications/<int:pk>/callbacks/renew/",
        callback_settings.renew_address,
        name="application-callbacks-renew",
    ),
    path("settings/people/", people.person_list, name="people"),
    path("settings/people/new/", people.add_person, name="person-new"),
    path("settings/people/<int:pk>/", people.person, name="person"),
    path("settings/people/<int:pk>/password/", people.set_password, name="person-password"),
    path("settings/me/", people.me, name="me"),
    path("settings/me/password/", people.my_password, name="my-password"),
    path("audit/", audit.entries, name="audit"),
    path("callbacks/tiw/<str:token>/", callbacks.tiw, name="callback-tiw"),
    path("callbacks/gme/<str:token>/", callbacks.gme, name="callback-gme"),
    path("sign-in/", doors.sign_in, name="sign-in"),
    path("sign-out/", doors.sign_out, name="sign-out"),
    path("healthz", gauges.healthz, name="healthz"),
    path("readyz", gauges.readyz, name="readyz"),
    path("metrics", gauges.metrics, name="metrics"),
]

handler400 = "recorder_app.views.doors.bad_request"
handler403 = "recorder_app.views.doors.forbidden"
handler404 = "recorder_app.views.doors.not_found"
handler500 = "recorder_app.views.doors.broken"
