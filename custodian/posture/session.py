"""One account's way into AWS: credentials by profile or assumed role, and clients with limits.

botocore is imported on first use only, so that nothing which does not scan pays for it. It is used without boto3's
session on top: that one appends to the shared loader's search path for every session made, and adds nothing to a client.
Regions and endpoints are botocore's; nothing here builds an address from strings.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from custodian.posture.access import HOME_REGIONS, Access
from custodian.posture.failure import Failure, MfaWanted, ReadFailed, failure_from, malformed
from custodian.posture.stop import Stop, Stopped
from custodian.posture.timing import Timeouts

SESSION_NAME = "breakglass-posture"
"""What the assumed role's session is called in the account's own CloudTrail."""

SESSION_SECONDS = 900
"""The shortest session AWS gives; a scan takes seconds."""

Hooks = Mapping[str, Callable[..., None]]
"""botocore event names to what to call on them."""

_loader: Any = None
_loader_lock = threading.Lock()


class AwsSession:
    """Credentials of one account, found at the first call, and one client a service. Close it when the scan ends."""

    def __init__(self, access: Access, timeouts: Timeouts, stop: Stop, hooks: Hooks | None = None) -> None:
        self._access = access
        self._timeouts = timeouts
        self._stop = stop
        self._hooks = dict(hooks or {})
        self._session: Any = None
        self._failed: Failure | None = None
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The client for `service` in the account; raises ReadFailed if there is no way in."""
        if service not in self._clients:
            if self._failed is not None:
                raise ReadFailed(self._failed)
            try:
                if self._session is None:
                    self._session = self._enter()
                self._clients[service] = self._made(self._session, service)
            except ReadFailed as failed:
                self._failed = failed.failure
                raise
        return self._clients[service]

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self._session = None

    def _enter(self) -> Any:
        access = self._access
        if access.partition not in HOME_REGIONS:
            raise ReadFailed(
                Failure(
                    "NoSuchPartition",
                    f"the partition {access.partition} is not one this version knows",
                    ("Correct the partition in the account's record.", "Scan again."),
                )
            )
        base = self._base(access.source_profile)
        if not access.role:
            return base
        client = self._made(base, "sts")
        try:
            self._stop.check()
            reply = client.assume_role(
                RoleArn=_role_arn(access), RoleSessionName=SESSION_NAME, DurationSeconds=SESSION_SECONDS
            )
            given = reply["Credentials"]
            assumed = _new_session(None, self._config())
            assumed.set_credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it becomes a sentence
            self._stop.check()
            if isinstance(error, KeyError):
                raise malformed("sts:AssumeRole", "it holds no credentials") from None
            raise ReadFailed(failure_from(error, "sts:AssumeRole", access)) from None
        finally:
            client.close()
        return assumed

    def _base(self, profile: str) -> Any:
        try:
            session = _new_session(profile or None, self._config())
            session.get_scoped_config()  # raises for a profile that is not there
            chain = session.get_component("credential_provider")
            # Custody happens at people's machines. Asking the link-local metadata address there would let whoever
            # answers on that network hand us credentials; a profile can still name it as its credential_source.
            chain.remove("iam-role")
            assuming = chain.get_provider("assume-role")
            assuming._prompter = _no_prompt  # noqa: SLF001 - the only way to keep it from reading the terminal
        except Exception as error:  # noqa: BLE001
            raise ReadFailed(failure_from(error, "sts:GetCallerIdentity", self._access)) from None
        return session

    def _made(self, session: Any, service: str) -> Any:
        home = HOME_REGIONS[self._access.partition]
        region = (self._access.region or home) if service == "sts" else home
        try:
            if session.get_partition_for_region(region) != self._access.partition:
                raise ReadFailed(
                    Failure(
                        "NoSuchRegion",
                        f"{region} is not a region of the partition {self._access.partition}",
                        ("Check the account's partition and region.",),
                    )
                )
            client = session.create_client(service, region_name=region, config=self._config())
        except ReadFailed:
            raise
        except Exception as error:  # noqa: BLE001
            raise ReadFailed(failure_from(error, f"{service}:*", self._access)) from None
        _make_cuttable(client, self._stop)
        client.meta.events.register_first("before-send", self._before)
        client.meta.events.register_first("needs-retry", self._before)
        for event, hook in self._hooks.items():
            client.meta.events.register(event, hook)
        return client

    def _before(self, **_: Any) -> None:
        self._stop.check()

    def _config(self) -> Any:
        from botocore.config import Config

        return Config(
            connect_timeout=self._timeouts.connect,
            read_timeout=self._timeouts.read,
            retries={"mode": "standard", "total_max_attempts": self._timeouts.attempts},
            user_agent_extra="breakglass",
        )


def _role_arn(access: Access) -> str:
    role = access.role
    return role if role.startswith("arn:") else f"arn:{access.partition}:iam::{access.account_id}:role/{role.lstrip('/')}"


def _no_prompt(_: str = "") -> str:
    raise MfaWanted


def _new_session(profile: str | None, config: Any) -> Any:
    global _loader
    import botocore.session

    # At debug level botocore writes signed headers, session tokens and AssumeRole's reply into the log.
    for name in ("botocore", "urllib3"):
        logger = logging.getLogger(name)
        if logger.getEffectiveLevel() < logging.INFO:
            logger.setLevel(logging.INFO)
    session = botocore.session.Session(profile=profile)
    with _loader_lock:
        if _loader is None:
            _loader = session.get_component("data_loader")
        else:
            session.register_component("data_loader", _loader)
    session.set_default_client_config(config)  # for the clients that the credential chain makes by itself
    return session


def _make_cuttable(client: Any, stop: Stop) -> None:
    """Have the client's connections tell `stop` of themselves when they connect.

    botocore offers no hook for it; these two attributes are what its own proxy support sets. A version without them
    would still scan, and stop at the next timeout; a test notices.
    """
    from botocore import awsrequest

    def pool_of(pool: Any, connection: Any) -> Any:
        class Held(connection):  # type: ignore[misc]
            def connect(self) -> None:
                super().connect()
                stop.hold(self)

        return type(pool.__name__, (pool,), {"ConnectionCls": Held})

    http = getattr(getattr(client, "_endpoint", None), "http_session", None)
    manager = getattr(http, "_manager", None)
    if http is None or manager is None:
        return
    classes = {
        "http": pool_of(awsrequest.AWSHTTPConnectionPool, awsrequest.AWSHTTPConnection),
        "https": pool_of(awsrequest.AWSHTTPSConnectionPool, awsrequest.AWSHTTPSConnection),
    }
    http._pool_classes_by_scheme = classes  # noqa: SLF001
    manager.pool_classes_by_scheme = classes
