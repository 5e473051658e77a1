"""The addresses of the REST API."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from api.rest import events, views
from api.rest.document import reference
from api.rest.files import FilesView, FileView
from api.rest.measures import MeasuresView
from api.rest.messages import MessagesView
from api.rest.pages import AcknowledgePageView
from api.rest.record import RecordView
from api.webhooks import views as hooks

urlpatterns = [
    path("v1/triage/evaluate/", views.EvaluateView.as_view(), name="api_evaluate"),
    path("v1/referrals/", views.ReferralsView.as_view(), name="api_referrals"),
    path("v1/referrals/search/", views.SearchView.as_view(), name="api_search"),
    path("v1/referrals/<str:reference>/", views.ReferralView.as_view(), name="api_referral"),
    path("v1/referrals/<str:reference>/timeline/", events.TimelineView.as_view(), name="api_timeline"),
    path("v1/referrals/<str:reference>/events/", events.EventsView.as_view(), name="api_events"),
    path("v1/referrals/<str:reference>/withdraw/", views.WithdrawView.as_view(), name="api_withdraw"),
    path("v1/referrals/<str:reference>/messages/", MessagesView.as_view(), name="api_messages"),
    path("v1/referrals/<str:reference>/record/", RecordView.as_view(), name="api_record"),
    path("v1/referrals/<str:reference>/files/", FilesView.as_view(), name="api_files"),
    path("v1/referrals/<str:reference>/files/<int:number>/", FileView.as_view(), name="api_file"),
    path("v1/measures/", MeasuresView.as_view(), name="api_measures"),
    path("v1/events/", events.UnmatchedEventsView.as_view(), name="api_unmatched_events"),
    path("v1/webhooks/", hooks.WebhooksView.as_view(), name="api_webhooks"),
    path("v1/webhooks/<int:number>/", hooks.WebhookView.as_view(), name="api_webhook"),
    path("v1/webhooks/<int:number>/rotate/", hooks.RotateView.as_view(), name="api_webhook_rotate"),
    path("v1/webhooks/<int:number>/deliveries/", hooks.DeliveriesView.as_view(), name="api_deliveries"),
    path(
        "v1/webhooks/<int:number>/deliveries/<int:delivery>/replay/",
        hooks.ReplayView.as_view(),
        name="api_replay",
    ),
    path("v1/guideline/", views.GuidelineView.as_view(), name="api_guideline"),
    path("v1/on-call/", views.OnCallView.as_view(), name="api_on_call"),
    path("v1/on-call/acknowledge/", AcknowledgePageView.as_view(), name="api_acknowledge_page"),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", reference, name="api_docs"),
]
