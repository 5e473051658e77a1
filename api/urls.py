"""The addresses of the REST API."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from api.rest import views
from api.rest.document import reference
from api.rest.pages import AcknowledgePageView

urlpatterns = [
    path("v1/triage/evaluate/", views.EvaluateView.as_view(), name="api_evaluate"),
    path("v1/referrals/", views.ReferralsView.as_view(), name="api_referrals"),
    path("v1/referrals/search/", views.SearchView.as_view(), name="api_search"),
    path("v1/referrals/<str:reference>/", views.ReferralView.as_view(), name="api_referral"),
    path("v1/referrals/<str:reference>/timeline/", views.TimelineView.as_view(), name="api_timeline"),
    path("v1/referrals/<str:reference>/events/", views.EventsView.as_view(), name="api_events"),
    path("v1/referrals/<str:reference>/withdraw/", views.WithdrawView.as_view(), name="api_withdraw"),
    path("v1/events/", views.UnmatchedEventsView.as_view(), name="api_unmatched_events"),
    path("v1/guideline/", views.GuidelineView.as_view(), name="api_guideline"),
    path("v1/on-call/", views.OnCallView.as_view(), name="api_on_call"),
    path("v1/on-call/acknowledge/", AcknowledgePageView.as_view(), name="api_acknowledge_page"),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", reference, name="api_docs"),
]
