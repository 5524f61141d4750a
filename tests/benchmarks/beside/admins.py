"""Django's admin on the calls: as most people set it up, and as an expert would for a large table."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property

from recorder_app.models import ApiCall

SHOWN = (
    "request_id",
    "action",
    "application",
    "recording",
    "room_id",
    "outcome",
    "error_code",
    "by",
    "created_at",
)

usual = admin.AdminSite(name="usual")
tuned = admin.AdminSite(name="tuned")


@admin.register(ApiCall, site=usual)
class UsualCalls(admin.ModelAdmin):
    list_display = SHOWN
    search_fields = ("request_id", "room_id", "error_code")
    list_filter = ("outcome", "action", "application", "created_at")
    date_hierarchy = "created_at"
    ordering = ("-created_at",)


class Uncounted(Paginator):
    @cached_property
    def count(self) -> int:
        return 1_000_000_000


@admin.register(ApiCall, site=tuned)
class TunedCalls(admin.ModelAdmin):
    list_display = SHOWN
    list_select_related = ("application", "recording", "by")
    search_fields = ("request_id__exact",)
    list_filter = ("outcome",)
    ordering = ("-created_at", "-id")
    show_full_result_count = False
    paginator = Uncounted
    list_per_page = 50
    raw_id_fields = ("account", "application", "recording", "by")

    def get_queryset(self, request):
        return super().get_queryset(request).defer("params", "answer", "error_message", "recording__params")
