"""The addresses of CDS Hooks. The specification writes them without a last slash; both are accepted."""

from django.urls import path

from api.cds.views import DiscoveryView, FeedbackView, ServiceView

urlpatterns = [
    path("cds-services", DiscoveryView.as_view(), name="cds_discovery"),
    path("cds-services/", DiscoveryView.as_view(), name="cds_discovery"),
    path("cds-services/<slug:slug>", ServiceView.as_view(), name="cds_service"),
    path("cds-services/<slug:slug>/", ServiceView.as_view(), name="cds_service"),
    path("cds-services/<slug:slug>/feedback", FeedbackView.as_view(), name="cds_feedback"),
    path("cds-services/<slug:slug>/feedback/", FeedbackView.as_view(), name="cds_feedback"),
]
