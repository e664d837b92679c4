"""Mail travels encrypted where the server can, to a server that proves its name, and a password never in the clear."""

import ssl
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import Engine

from portal.mail.delivery import Courier, Outcome, deliver
from portal.mail.transport import way_out
from tests.clinic import Clinic
from tests.databases import Databases
from tests.mail.post import Server, config, letter, mail_server, put, stored

DAY = timedelta(days=1)
PASSWORD = "p:w@rd"
CREDENTIALS = "portal%40clinic:p%3Aw%40rd@"


@pytest.fixture
def databases(sqlite: Databases) -> Databases:
    """SQLite: how mail travels is no matter of the database."""
    return sqlite


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody else trusts, with its key, in one file."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mail.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """What the server encrypts with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the sender trust the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


@pytest.fixture
def waiting(engine: Engine, clinic: Clinic, now: datetime) -> Engine:
    """An outbox with one mail in it."""
    put(engine, [letter(clinic)], now)
    return engine


def sending(engine: Engine, now: datetime, url: str) -> Counter[Outcome]:
    settings = config(engine, url)
    way = way_out(settings.mail)
    assert way is not None
    return deliver(Courier(engine, way, settings, lambda: now), threading.Event())


def failure(engine: Engine) -> str:
    [row] = stored(engine).values()
    return str(row["failure"])


@pytest.mark.usefixtures("trusted")
def test_where_the_server_offers_it_mail_travels_encrypted(waiting: Engine, now: datetime, tls: ssl.SSLContext) -> None:
    with mail_server(Server(), tls) as server:
        assert sending(waiting, now, server.url) == {Outcome.SENT: 1}
    assert server.encrypted == [True]


def test_a_server_that_does_not_prove_its_name_gets_no_mail(waiting: Engine, now: datetime, tls: ssl.SSLContext) -> None:
    with mail_server(Server(), tls) as server:
        assert sending(waiting, now, server.url) == {Outcome.LATER: 1}
    assert server.messages == []
    assert "CERTIFICATE_VERIFY_FAILED" in failure(waiting)


@pytest.mark.usefixtures("trusted")
def test_a_password_is_given_once_the_talk_is_encrypted(waiting: Engine, now: datetime, tls: ssl.SSLContext) -> None:
    with mail_server(Server(), tls, password=PASSWORD) as server:
        assert sending(waiting, now, server.url.replace("//", f"//{CREDENTIALS}")) == {Outcome.SENT: 1}


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_a_failure_that_another_hour_may_set_right(waiting: Engine, now: datetime, tls: ssl.SSLContext) -> None:
    with mail_server(Server(), tls, password="another") as server:
        assert sending(waiting, now, server.url.replace("//", f"//{CREDENTIALS}")) == {Outcome.LATER: 1}
    assert failure(waiting).startswith("SMTPAuthenticationError")


def test_a_password_is_not_given_in_the_clear(waiting: Engine, now: datetime) -> None:
    with mail_server(Server()) as server:
        assert sending(waiting, now, server.url.replace("//", f"//{CREDENTIALS}")) == {Outcome.LATER: 1}
    assert server.messages == []
    assert failure(waiting).startswith("NoEncryptionError")


@pytest.mark.usefixtures("trusted")
def test_a_server_may_speak_tls_at_once(waiting: Engine, now: datetime, tls: ssl.SSLContext) -> None:
    with mail_server(Server(), tls, at_once=True) as server:
        assert sending(waiting, now, server.url.replace("smtp:", "smtps:")) == {Outcome.SENT: 1}
    assert len(server.messages) == 1
