"""What this process knows of the database at the moment. `mscc.pulse` keeps it up to date where it runs."""

from dataclasses import dataclass

FULL = "the disk of the database is full"


@dataclass(slots=True)
class State:
    """`away`: it does not answer. `unwritable`: why it stores nothing, empty when all is well. `watched`: a pulse
    runs in this process and corrects both within seconds.
    """

    away: bool = False
    unwritable: str = ""
    watched: bool = False

    def miss(self) -> None:
        """A request has waited in vain: nobody else has to, until the pulse finds the database again."""
        self.away = self.watched


database = State()
