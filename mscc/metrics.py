"""Figures for a monitoring system: counts and ages, no case and no person."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hmac import compare_digest

from django.conf import settings
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from kernel.time import now
from mscc import tally
from oncall.delivery import NOT_NEEDED
from oncall.kinds import ClockKind
from oncall.models import Clock, Page
from oncall.rota import gaps_ahead
from oncall.sweep import last_sweep

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOUNDS = (1, 2, 5, 10, 30, 60, 300)  # seconds from due to page written


class Promises(Collector):
    """Figures read from the database at each request."""

    def collect(self) -> Iterator[Metric]:
        at = now()
        clocks = GaugeMetricFamily("mscc_clocks_running", "Clocks that run, by kind", labels=["kind"])
        for kind, number in Clock.objects.filter(stopped_at=None).values_list("kind").annotate(Count("pk")):
            clocks.add_metric([kind], number)
        yield clocks
        yield _pages(at=at)
        swept_at = last_sweep()
        age = (at - swept_at).total_seconds() if swept_at else float("inf")
        yield GaugeMetricFamily("mscc_last_sweep_seconds", "Seconds since clocks were last swept", value=age)
        depth = Page.objects.filter(sent_at=None, failed_at=None).count()
        yield GaugeMetricFamily("mscc_outbox_depth", "Pages that wait to be sent", value=depth)
        aside = Clock.objects.filter(stopped_at=None, quarantined_at__isnull=False).count()
        yield GaugeMetricFamily("mscc_clocks_set_aside", "Clocks that cannot be processed", value=aside)
        minutes = sum((gap.ends_at - gap.starts_at).total_seconds() for gap in gaps_ahead(at=at)) / 60
        yield GaugeMetricFamily(
            "mscc_uncovered_minutes_ahead", "Minutes of the next 14 days without a coordinator", value=minutes
        )
        yield _delays()


def _pages(*, at: datetime) -> Metric:
    """What became of pages in the last hour; of pages that are older than a day only those that wait are counted."""
    since = at - HOUR
    pages = GaugeMetricFamily(
        "mscc_pages",
        "Pages of the last hour by channel and result, and those that wait",
        labels=["channel", "result"],
    )
    needless = Q(failure__in=NOT_NEEDED)
    waits = Q(sent_at=None, failed_at=None)
    rows = (
        Page.objects.filter(Q(written_at__gte=at - DAY) | waits)
        .values("channel")
        .annotate(
            sent=Count("pk", filter=Q(sent_at__gte=since)),
            failed=Count("pk", filter=Q(failed_at__gte=since) & ~needless),
            not_needed=Count("pk", filter=Q(failed_at__gte=since) & needless),
            waiting=Count("pk", filter=waits),
        )
    )
    for row in rows:
        for result in ("sent", "failed", "not_needed", "waiting"):
            pages.add_metric([row["channel"], result], row[result])
    return pages


def _delays() -> Metric:
    """From submission to the first page, which is due at minute 0. Other clocks may begin long before they are reported."""
    first = Page.objects.filter(rung=0, channel="screen", clock__kind=ClockKind.ACKNOWLEDGE)
    delay = F("written_at") - F("clock__started_at")
    waits = [
        delay.total_seconds()
        for delay in first.annotate(delay=delay).order_by("-id").values_list("delay", flat=True)[:5000]
    ]
    buckets = [(str(bound), float(sum(wait <= bound for wait in waits))) for bound in BOUNDS]
    histogram = HistogramMetricFamily("mscc_first_page_delay_seconds", "From clock start to first page")
    histogram.add_metric([], [*buckets, ("+Inf", float(len(waits)))], sum(waits))
    return histogram


class Requests(Collector):
    """Answers since the web server started, of all its processes."""

    def collect(self) -> Iterator[Metric]:
        count = tally.requests.total()
        answers = CounterMetricFamily("mscc_requests", "Answers to pages and the API", labels=["status"])
        for status, number in zip(tally.STATUSES, count.by_status, strict=True):
            answers.add_metric([status], number)
        yield answers
        duration = HistogramMetricFamily("mscc_request_seconds", "From a whole request to its answer")
        bounds = [*(str(bound) for bound in tally.BOUNDS), "+Inf"]
        duration.add_metric([], list(zip(bounds, count.within, strict=True)), count.seconds)
        yield duration


def figures(request: HttpRequest) -> HttpResponse:
    """Prometheus text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Promises())
    registry.register(Requests())
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


def unknown(request: HttpRequest) -> HttpResponse:
    """No figures: the database does not answer in time."""
    return HttpResponse("# the database does not answer\n", content_type="text/plain", status=503)


def guarded(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The view for those who may read the figures: with the token; where none is set, in a demo alone."""

    def answer(request: HttpRequest) -> HttpResponse:
        if _may_read(request):
            return view(request)
        refusal = HttpResponse("METRICS_TOKEN is needed\n", content_type="text/plain", status=401)
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal

    return answer


def _may_read(request: HttpRequest) -> bool:
    """A caller of this machine is no proof: behind a proxy everybody is one."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return bool(settings.DEMO)


metrics = guarded(figures)
