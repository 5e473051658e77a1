"""Where hospital systems get a token: client credentials, nothing else."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import TokenView

_token = TokenView.as_view()


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """The library's own view, after a look at what no database can be asked for."""
    if any("\x00" in value for values in dict(request.POST.lists()).values() for value in values):
        return JsonResponse({"error": "invalid_request"}, status=400)
    answer: HttpResponse = _token(request)
    return answer


urlpatterns = [path("token/", token, name="token")]
