"""A project as `startproject` makes it, on the product's database and models: plain views and Django's admin."""

from dashboard.settings import *  # noqa: F403
from dashboard.settings import STORAGES

ROOT_URLCONF = "tests.benchmarks.beside.urls"
INSTALLED_APPS = [
    "tests.benchmarks.beside.apps.BareAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "recorder_app",
]
MIDDLEWARE = [
    "tests.benchmarks.beside.took.Took",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
LOGIN_URL = "/plain/nobody/"
