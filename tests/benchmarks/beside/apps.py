from django.contrib.admin.apps import SimpleAdminConfig


class BareAdmin(SimpleAdminConfig):
    """The admin, which finds no models by itself: two sites of its own name what they show."""
