"""Sign-in against a certified OpenID provider: python -m tests.load.certified FOLDER.

FOLDER holds node-oidc-provider (`npm install oidc-provider@8.8.1` in it). It demands PKCE and an assertion signed by our key,
and sends logout tokens of its own. Each step says what was seen; the first that is not as it should be ends the run.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urljoin

import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.load.servers import ADDRESS, servers

BEGIN = f"{ADDRESS}/accounts/nhs-identity/"


def main(folder: str) -> None:
    """Two roles, a choice, a proof again, a sign-out there, a role that is gone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    issuer = f"http://127.0.0.1:{port}"
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # both stand on this machine
    given = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": "mscc-coordinator", "OIDC_KEY": pem.decode()}
    with servers(**given):
        import django

        django.setup()
        keys = requests.get(f"{BEGIN}keys/", timeout=10).text
        words = ["node", str(Path(__file__).with_suffix(".mjs")), str(port), ADDRESS, keys, folder]
        provider = subprocess.Popen(words)
        try:
            _wait_for(f"{issuer}/.well-known/openid-configuration")
            _walk(issuer)
        finally:
            provider.kill()
            provider.wait()


def _walk(issuer: str) -> None:
    from accounts.models import User
    from accounts.nhs_identity import links
    from kernel.time import now
    from ledger.read import Search, entries
    from tests.builders import actor, set_the_scene

    set_the_scene(at=now())
    for code, role in (("R8001", "coordinator"), ("R8000", "lead")):
        links.add_meaning(code, "RXX01", role, by=actor("admin"), at=now())
        links.link(User.objects.get(username=role).pk, "555036632103", by=actor("admin"), at=now())
    browser = requests.Session()
    page = browser.get(BEGIN, timeout=20)
    assert page.url.endswith("/nhs-identity/role/"), (page.url, page.text)
    print(
        "PKCE, nonce, private_key_jwt by RS512 and the claims of the user were taken; two roles are offered"
    )
    lead = User.objects.get(username="lead").pk
    page = browser.post(
        page.url,
        data={"role": lead, "csrfmiddlewaretoken": _hidden(page.text, "csrfmiddlewaretoken")},
        headers={"Referer": page.url},
        timeout=20,
    )
    assert page.url.endswith("/governance/"), page.url
    print(f"signed in: {json.dumps(entries(Search(kind='signed_in'), limit=1)[0].facts)}")
    page = browser.get(f"{BEGIN}?for=confirm&next=/about/", timeout=20)
    assert page.url.endswith("/about/"), (page.url, page.text)
    assert entries(Search(kind="confirmed_again"), limit=1)
    print("prompt=login and max_age=0 gave a new auth_time: confirmed again")
    asked = browser.get(f"{issuer}/session/end", timeout=20)
    xsrf = _hidden(asked.text, "xsrf")
    browser.post(f"{issuer}/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"}, timeout=20)
    page = browser.get(f"{ADDRESS}/governance/", timeout=20)
    assert "/accounts/login/" in page.url, page.url
    print("signed out there: its logout token was taken, and the session here is over")
    requests.get(urljoin(issuer, "/roles/R8001"), timeout=10).raise_for_status()
    page = browser.get(BEGIN, timeout=20)
    assert page.url.endswith("/worklist/"), (page.url, page.text)
    assert entries(Search(kind="nhs_identity_changed"), limit=1)[0].facts["change"] == "role lost"
    print("a role that is gone there is gone here; the other one signs in at once")


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return found.group(1)


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            requests.get(address, timeout=2).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the provider did not start")


if __name__ == "__main__":
    main(sys.argv[1])
