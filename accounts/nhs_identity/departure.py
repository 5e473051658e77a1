"""The provider says that somebody has signed out there: their sessions here end too."""

from datetime import datetime

from accounts.nhs_identity.claims import identifier
from accounts.nhs_identity.provider import Provider
from accounts.nhs_identity.tokens import check_logout_token
from accounts.open_sessions import end_sessions_of_subject


def depart(token: str, *, at: datetime) -> int:
    """End the sessions that a logout token names; how many. Refused for a token that is not taken, Away without a provider."""
    claims = check_logout_token(token, at=at, provider=Provider())
    subject, session = identifier(claims.get("sub")), identifier(claims.get("sid"))
    return end_sessions_of_subject(subject, session, at=at)
