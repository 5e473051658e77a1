"""An identity provider that is not ours, `oidc-provider-mock`, in a process of its own on this machine.

It signs in whoever is named, with the claims that a test has given them. One thing is added: it tells us when somebody
signs out there, with a logout token that is signed by its own key (OpenID Connect Back-Channel Logout 1.0).
"""

import dataclasses
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from accounts.nhs_identity import provider

CLIENT = "mscc-coordinator"
EVENT = "http://schemas.openid.net/event/backchannel-logout"


def serve(port: int) -> None:
    """Run the provider; the main of its process."""
    import flask
    import oidc_provider_mock
    from oidc_provider_mock._storage import storage

    app = oidc_provider_mock.app(require_nonce=True)

    app.add_url_rule("/favicon.ico", view_func=lambda: ("", 204))

    @app.after_request
    def keep_inside(answer: Any) -> Any:
        """Without the style sheet that its pages fetch from elsewhere."""
        if answer.mimetype == "text/html":
            answer.set_data(re.sub(r"<link[^>]*>", "", answer.get_data(as_text=True)))
        return answer

    @app.post("/sign-out/<sub>")
    def sign_out(sub: str) -> Any:
        """Tell the address in the body that somebody has signed out, with these changes of the usual token."""
        from authlib import jose

        sent, now = flask.request.get_json(), int(time.time())
        claims = {
            "iss": flask.request.host_url.rstrip("/"),
            "aud": CLIENT,
            "sub": sub,
            "iat": now,
            "exp": now + 120,
            "jti": uuid4().hex,
            "events": {EVENT: {}},
        }
        claims = {name: value for name, value in {**claims, **sent["claims"]}.items() if value is not None}
        token = jose.jwt.encode({"alg": "RS256", "typ": "logout+jwt"}, claims, storage.jwk).decode()
        if not sent.get("to"):
            return {"token": token}
        answer = requests.post(sent["to"], data={"logout_token": token}, timeout=5)
        return {"token": token, "status": answer.status_code}

    app.run(port=port, threaded=True, debug=False)


@dataclasses.dataclass(frozen=True, slots=True)
class IdentityProvider:
    """The running provider, as a test uses it."""

    address: str

    def know(self, uid: str, *roles: str, **claims: Any) -> None:
        """Somebody with these roles, each such as R8000@RXX01, who has just proved who they are to AAL3."""
        held = [
            {
                "role_code": f"S8000:G8000:{code}",
                "org_code": place,
                "role_name": f'"Clinical":"Support":"{code} role"',
                "person_roleid": f"{number}",
            }
            for number, (code, _, place) in enumerate(role.partition("@") for role in roles)
        ]
        usual = {
            "acr": "AAL3_ANY",
            "id_assurance_level": "3",
            "nhsid_useruid": uid,
            "nhsid_nrbac_roles": held,
            "auth_time": int(time.time()),
            "sid": f"session-of-{uid}",
        }
        sent = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        requests.put(f"{self.address}/users/{uid}", json=sent, timeout=5).raise_for_status()

    def answer(self, question: str, uid: str) -> str:
        """What its page sends the browser back with when somebody signs in: path and query."""
        sent = requests.post(question, data={"sub": uid}, timeout=5, allow_redirects=False)
        assert sent.status_code == 302, sent.text
        back = urlsplit(sent.headers["Location"])
        return f"{back.path}?{back.query}"

    def sign_out(self, uid: str, *, to: str = "", **claims: Any) -> dict[str, Any]:
        """Tell an address that somebody has signed out; the token, and how it was answered."""
        sent = requests.post(f"{self.address}/sign-out/{uid}", json={"to": to, "claims": claims}, timeout=10)
        found: dict[str, Any] = sent.json()
        return found


@pytest.fixture(scope="session")
def running_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    """The provider, once for a process of the run."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = Path(tmp_path_factory.mktemp("provider") / "log")
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.identity_provider", str(port)],
            stdout=written,
            stderr=written,
            env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
        )
    running = IdentityProvider(f"http://127.0.0.1:{port}")
    try:
        ends = time.monotonic() + 60
        while True:
            try:
                requests.get(f"{running.address}/jwks", timeout=5).raise_for_status()
                break
            except requests.ConnectionError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < ends, "the provider did not start"
                time.sleep(0.1)
        yield running
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def identity_provider(
    running_provider: IdentityProvider, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> IdentityProvider:
    """The provider, in use by the service. It stands on this machine, so that no TLS is needed here."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    settings.ENVIRONMENT = dataclasses.replace(
        settings.ENVIRONMENT,
        oidc_issuer=running_provider.address,
        oidc_client_id=CLIENT,
        oidc_secret="a secret of a test",
    )
    provider.forget()
    return running_provider


if __name__ == "__main__":
    serve(int(sys.argv[1]))
