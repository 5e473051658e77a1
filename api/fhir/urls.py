"""The addresses of the FHIR door. `surface` says what can be done with each kind of resource."""

from django.urls import path, re_path

from api.fhir import views
from api.fhir.messages import MessageView

urlpatterns = [
    path("", views.RootView.as_view(), name="fhir"),
    path("$process-message", MessageView.as_view(), name="fhir_message"),
    path("metadata", views.CapabilityView.as_view(), name="fhir_metadata"),
    path("<slug:kind>", views.KindView.as_view(), name="fhir_kind"),
    path("<slug:kind>/_search", views.SearchView.as_view(), name="fhir_search"),
    path("<slug:kind>/<str:number>", views.ResourceView.as_view(), name="fhir_resource"),
    path(
        "<slug:kind>/<str:number>/_history/<str:version>", views.ResourceView.as_view(), name="fhir_version"
    ),
    re_path(".*", views.NowhereView.as_view(), name="fhir_nowhere"),
]
