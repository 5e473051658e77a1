"""How long one statement, one lock and one idle transaction may last, by the role of the process."""

from contextvars import ContextVar
from dataclasses import dataclass

SPARE = 2.0  # seconds for PostgreSQL to report that it has cut a statement off
# A dead machine or network is noticed within ten seconds, on both sides.
NETWORK = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_OF_THE_SERVER = (
    "-c client_connection_check_interval=2000 -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2"
    " -c tcp_keepalives_count=3 -c tcp_user_timeout=10000"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds for a statement, for a lock, and for a transaction that does nothing; 0 for no limit."""

    statement: float
    lock: float
    idle: float

    @property
    def options(self) -> str:
        """The limits as options of a new connection."""
        own = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle,
        }
        return " ".join(
            [*(f"-c {name}={round(1000 * limit)}" for name, limit in own.items()), _OF_THE_SERVER]
        )

    @property
    def patience(self) -> float | None:
        """Seconds that this process waits for one answer; None for no limit."""
        return self.statement + SPARE if self.statement else None


WEB = Limits(statement=5, lock=3, idle=10)
READING = Limits(statement=30, lock=3, idle=10)  # the long lists of governance
WORKER = Limits(statement=30, lock=10, idle=30)
CLOCKS = Limits(statement=10, lock=1, idle=2)  # a sweep that freezes loses its locks; another one goes on
NONE = Limits(statement=0, lock=0, idle=0)

_of_the_process = WORKER
of_the_thread: ContextVar[Limits | None] = ContextVar("limits", default=None)


def use(limits: Limits) -> None:
    """Set the limits of every new connection of this process."""
    global _of_the_process
    _of_the_process = limits


def current() -> Limits:
    """The limits of a new connection here."""
    return of_the_thread.get() or _of_the_process
