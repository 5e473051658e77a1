"""An authority of our own and what it signs, for servers that are reached over TLS."""

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kernel.time import now

LONG = timedelta(days=30)


def make(folder: Path, *names: str) -> None:
    """`ca.pem`, and for each name `<name>.pem` and `<name>.key`. A name may be an address."""
    folder.mkdir(parents=True, exist_ok=True)
    own = ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of a test")])
    root = _begin(authority, authority, own).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    (folder / "ca.pem").write_bytes(root.sign(own, hashes.SHA256()).public_bytes(Encoding.PEM))
    for name in names:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        built = _begin(subject, authority, key).add_extension(
            x509.SubjectAlternativeName(_names(name)), critical=False
        )
        (folder / f"{name}.pem").write_bytes(built.sign(own, hashes.SHA256()).public_bytes(Encoding.PEM))
        (folder / f"{name}.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )


def _begin(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    at = now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + LONG)
    )


def _names(name: str) -> list[x509.GeneralName]:
    try:
        return [x509.IPAddress(ip_address(name)), x509.DNSName(name)]
    except ValueError:
        return [x509.DNSName(name)]
