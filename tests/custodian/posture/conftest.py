"""A simulated AWS for each test, the way into its accounts, and clocks that wait for nothing."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from custodian.posture import Access, Finding, Timeouts, Timing, scan
from tests.support.aws_overlay import Overlay, serve

ACCOUNT = "111122223333"
QUICK = Timeouts(connect=10, read=30, attempts=1)  # one attempt, and no guess at how busy the machine is


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Overlay]:
    """The simulated AWS; botocore is pointed at it by its own variable."""
    with serve() as overlay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", overlay.url)
        yield overlay


@pytest.fixture
def aws_by_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Overlay]:
    """The simulated AWS behind TLS, with a certificate of its own that the AWS settings trust."""
    pem = tmp_path / "aws.pem"
    pem.write_bytes(_certificate())
    with serve(pem) as overlay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", overlay.url)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(pem))
        yield overlay


def _certificate() -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret + built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def profile() -> Callable[[str, str], str]:
    """Writes a profile with an access key into this test's AWS settings."""

    def write(name: str, key: str) -> str:
        with Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).open("a") as settings:
            settings.write(f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = a-secret-of-nobody\n")
        return name

    return write


class FakeTime:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def timing(self) -> Timing:
        return Timing(monotonic=lambda: sum(self.waited), pause=self.waited.append)


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def scanned(aws: Overlay, profile: Callable[[str, str], str], fake_time: FakeTime) -> Callable[..., dict[str, Finding]]:
    """Makes the account `ACCOUNT` in the states given, scans it, and returns its findings by check."""

    def make(windows: Any = (), timeouts: Timeouts = QUICK, waits: bool = False, **state: Any) -> dict[str, Finding]:
        if ACCOUNT not in aws.accounts:
            profile("it", aws.account(ACCOUNT, **state).key)
        access = Access(ACCOUNT, partition=aws.accounts[ACCOUNT].partition, profile="it")
        timing = Timing() if waits else fake_time.timing()
        return {f.check: f for f in scan(access, windows, timeouts=timeouts, timing=timing)}

    return make
