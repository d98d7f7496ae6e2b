"""An AWS on loopback for tests: root states that moto does not have, scripted replies, and moto for all the rest.

Real botocore, pointed here by `AWS_ENDPOINT_URL`, parses real bytes. `Overlay.account` makes an account with an access key
of its own; its states answer by themselves, and `on` scripts any action over them: a sequence of replies, of which the
last one stays. What neither knows is forwarded to moto's server, started at the first such call. Every call is recorded.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tests.support.aws_account import SimulatedAccount


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    action: str
    """`iam:GetAccountSummary`."""
    account: str
    """Whose key signed it; empty for a key that nobody here made."""
    key: str
    region: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What is sent back. `xml` and `data` are wrapped as the action's protocol wants; `body` is sent as it stands."""

    status: int = 200
    xml: str | None = None
    data: Any = None
    body: bytes | None = None
    error: str = ""
    content_type: str = ""
    delay: float = 0
    """Seconds before it is sent."""
    until: threading.Event | None = None
    """Sent only when this is set."""
    hang: bool = False
    """Never answered, until the server is closed."""
    drop: bool = False
    """The connection is closed instead."""
    skew: float = 0
    """Seconds by which the Date header is ahead of this machine's clock."""
    from_aws: bool = True
    """Whether it carries a request id, as everything that AWS itself sends does."""


def refused(code: str, status: int = 400, **more: Any) -> Reply:
    """An error as the protocol has it: `refused("AccessDenied", 403)`."""
    return Reply(status=status, error=code, **more)


HTML_500 = Reply(500, body=b"<html><body><h1>Service trouble</h1></body></html>", content_type="text/html", from_aws=False)
HTML_200 = Reply(200, body=b"<html><body>Sign in to the hotel network</body></html>", content_type="text/html", from_aws=False)
BROKEN_XML = Reply(200, body=b"<GetAccountSummaryResponse><GetAccountSummaryResult><Summ", content_type="text/xml")
HANGS = Reply(hang=True)
DROPS = Reply(drop=True)

Answer = Reply | Callable[[Call], Reply]


@dataclass
class Overlay:
    """The server's state; `serve` runs it."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    skew: float = 0
    latency: float = 0
    now: Callable[[], float] = time.time
    accounts: dict[str, SimulatedAccount] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    most_at_once: int = 0
    _scripts: dict[tuple[str, str], list[Answer]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)
    _moto: Any = None
    _inside: int = 0

    def account(self, account_id: str, **state: Any) -> SimulatedAccount:
        """A new account, reached with its `key`."""
        made = SimulatedAccount(account_id, now=self.now, **state)
        self.accounts[account_id] = made
        self.keys[made.key] = account_id
        return made

    def on(self, action: str, *replies: Answer, account: str = "") -> None:
        """Script an action, for one account or for all; the last reply stays. `*` is every action."""
        self._scripts[action, account] = list(replies)

    def actions(self, account: str | None = None) -> list[str]:
        """The actions called, in order."""
        with self._lock:
            return [c.action for c in self.calls if account is None or c.account == account]

    def answer(self, call: Call) -> Reply | None:
        """The reply to `call`; None where moto is to give it."""
        with self._lock:
            self.calls.append(call)
            for place in ((call.action, call.account), (call.action, ""), ("*", call.account), ("*", "")):
                script = self._scripts.get(place)
                if script:
                    answer = script.pop(0) if len(script) > 1 else script[0]
                    return answer if isinstance(answer, Reply) else answer(call)
        if call.action == "sts:AssumeRole":
            return self._assume(call)
        account = self.accounts.get(call.account)
        told = account.answer(call.action, call.parameters) if account else None
        if told is None:
            return None
        kind, value = told
        return Reply(**{kind: value}) if kind != "error" else refused(*value)

    def _assume(self, call: Call) -> Reply | None:
        arn = str(call.parameters.get("RoleArn", ""))
        account_id = arn.split(":")[4] if arn.count(":") >= 5 else ""
        if account_id not in self.accounts:
            return None
        key = f"ASIA{account_id}{len(self.keys):04d}"
        self.keys[key] = account_id
        expiry = formatted(self.now() + 900)
        return Reply(
            xml=f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>assumed-secret</SecretAccessKey>"
            f"<SessionToken>assumed-token</SessionToken><Expiration>{expiry}</Expiration></Credentials>"
            f"<AssumedRoleUser><Arn>{arn}/s</Arn><AssumedRoleId>AROA:s</AssumedRoleId></AssumedRoleUser>"
        )

    def moto(self) -> str:
        """The address of moto's server, started now if it has not been."""
        with self._lock:
            if self._moto is None:
                from moto.server import ThreadedMotoServer

                self._moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
                self._moto.start()
            host, port = self._moto.get_host_and_port()
        return f"http://{host}:{port}"

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Counts how many requests are inside at the same time."""
        with self._lock:
            self._inside += 1
            self.most_at_once = max(self.most_at_once, self._inside)
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1

    def wait(self, seconds: float | None) -> None:
        """Wait, or until the server is closed."""
        self._closing.wait(seconds)

    def close(self) -> None:
        """Let every hanging request go, and stop moto."""
        self._closing.set()
        if self._moto is not None:
            self._moto.stop()


@contextmanager
def serve(certificate: Path | None = None) -> Iterator[Overlay]:
    """An overlay that answers on a free port of loopback, by TLS if there is a `certificate` (PEM, with its key)."""
    overlay = Overlay()
    handler = type("OverlayRequests", (_Requests,), {"overlay": overlay})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    overlay.url = f"http://127.0.0.1:{server.server_address[1]}"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        overlay.url = overlay.url.replace("http:", "https:")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="overlay", daemon=True)
    thread.start()
    try:
        yield overlay
    finally:
        overlay.close()
        server.shutdown()
        thread.join()
        server.server_close()


def formatted(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class _Requests(BaseHTTPRequestHandler):
    overlay: Overlay
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = 1 << 16  # one packet a reply; else each waits 40 ms for an acknowledgement

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        overlay = self.overlay
        with overlay.counted():
            call = self._call(body)
            reply = overlay.answer(call)
            if reply is None:
                self._forward(body)
                return
            if reply.delay or overlay.latency:
                overlay.wait(reply.delay + overlay.latency)
            if reply.until is not None:
                reply.until.wait()
            if reply.hang:
                overlay.wait(None)
            if reply.hang or reply.drop:
                self.close_connection = True
                return
            content, kind = _rendered(call, reply)
            skew = reply.skew or overlay.skew
            self.send_response_only(reply.status)
            self.send_header("Date", formatdate(overlay.now() + skew, usegmt=True))
            if reply.from_aws:
                self.send_header("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000")
            self._send(content, reply.content_type or kind)

    do_GET = do_POST

    def _call(self, body: bytes) -> Call:
        scope = self.headers.get("Authorization", "").partition("Credential=")[2].split(",")[0].split("/")
        key, region, service = (scope[0], scope[2], scope[3]) if len(scope) == 5 else ("", "", "")
        target = self.headers.get("X-Amz-Target", "")
        if target:
            action, parameters = target.rpartition(".")[2], json.loads(body or b"{}")
        else:
            parameters = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            action = parameters.get("Action", self.path)
        return Call(f"{service}:{action}", self.overlay.keys.get(key, ""), key, region, parameters)

    def _forward(self, body: bytes) -> None:
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "content-length", "connection")}
        request = urllib.request.Request(self.overlay.moto() + self.path, data=body, headers=headers, method=self.command)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=20) as response:
                status, content, sent = response.status, response.read(), response.headers
        except urllib.error.HTTPError as error:
            with error:
                status, content, sent = error.code, error.read(), error.headers
        self.send_response_only(status)
        self.send_header("Date", formatdate(self.overlay.now() + self.overlay.skew, usegmt=True))
        if sent.get("x-amzn-requestid"):
            self.send_header("x-amzn-requestid", sent["x-amzn-requestid"])
        self._send(content, sent.get("Content-Type", "text/xml"))

    def _send(self, content: bytes, kind: str) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # whoever asked has hung up


_SPEAKS_JSON = ("cloudtrail",)


def _rendered(call: Call, reply: Reply) -> tuple[bytes, str]:
    service, _, action = call.action.partition(":")
    if reply.body is not None:
        return reply.body, "text/plain"
    if service in _SPEAKS_JSON:
        data = {"__type": reply.error, "message": "scripted"} if reply.error else reply.data or {}
        return json.dumps(data).encode(), "application/x-amz-json-1.1"
    if reply.error:
        inner = f"<Error><Type>Sender</Type><Code>{escape(reply.error)}</Code><Message>scripted</Message></Error>"
        text = f"<ErrorResponse>{inner}<RequestId>0</RequestId></ErrorResponse>"
    else:
        text = f"<{action}Response><{action}Result>{reply.xml or ''}</{action}Result></{action}Response>"
    return text.encode(), "text/xml"
