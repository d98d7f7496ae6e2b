"""Why something could not be read from AWS, in one code and one sentence that a person can act on.

Every exception that botocore, its transport or our own parsing can raise becomes a `Failure` here, and nowhere else.
AWS's own messages are left out: they are written by others, name principals, and say less than the code does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from custodian.posture.access import Access
from vault.text import printable


@dataclass(frozen=True, slots=True)
class Failure:
    """One code, one sentence, and what to do about it."""

    code: str
    """AWS's error code, or a name of the same form where AWS never answered."""
    sentence: str
    """A clause without a full stop: "AWS denied iam:GetAccountSummary"."""
    remedy: tuple[str, ...] = ()
    call: str = ""
    """The call that failed, where it is another one than was asked for."""


class MfaWanted(Exception):
    """A profile asks for an MFA code to be typed; a scan never asks anything of a terminal that a screen owns."""


class ReadFailed(Exception):
    """Carries a `Failure` out of a read; it never leaves the engine."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def malformed(call: str, what: str) -> ReadFailed:
    """AWS answered, and the answer lacks or garbles `what`."""
    return ReadFailed(
        Failure("MalformedReply", f"the reply to {call} is not as AWS documents it: {what}", LATER, call)
    )


def failure_from(error: BaseException, call: str, access: Access) -> Failure:
    """The failure that `error`, raised while `call` was made by way of `access`, stands for."""
    from botocore.exceptions import ClientError

    if isinstance(error, ReadFailed):
        return error.failure
    if isinstance(error, ClientError):
        call = _actual(error, call)
        reply = error.response if isinstance(error.response, dict) else {}
        details = reply.get("Error")
        code = details.get("Code") if isinstance(details, dict) else None
        meta = reply.get("ResponseMetadata")
        status = meta.get("HTTPStatusCode") if isinstance(meta, dict) else None
        return from_code(str(code or status or "Unknown"), call, access)
    return _local(error, call, access)


def _actual(error: Any, call: str) -> str:
    # A profile that assumes a role by itself fails in a call of its own, before ours is made.
    operation = printable(str(error.operation_name or ""), 60)
    if not operation or call.endswith(f":{operation}"):
        return call
    return f"sts:{operation}" if operation.startswith("Assume") else operation


def from_code(code: str, call: str, access: Access) -> Failure:
    """The failure behind an error code that AWS answered with."""
    code = printable(code, 64)
    for codes, told in _BY_CODE:
        if code in codes:
            sentence, remedy = told(call, access)
            return Failure(code, sentence, remedy)
    if code.isdigit() or code in _AWS_TROUBLE:
        return Failure(code, f"AWS answered {call} with an error of its own ({code})", LATER)
    return Failure(code, f"AWS answered {call} with {code}", LATER)


_Told = tuple[str, tuple[str, ...]]

LATER = ("Scan again in a few minutes; if it stays, look at the AWS Health Dashboard.",)
_AWS_TROUBLE = {"InternalFailure", "InternalError", "InternalServerError", "ServiceFailure", "ServiceUnavailable"}


def _sign_in(access: Access) -> tuple[str, ...]:
    profile = access.source_profile
    named = f" (for single sign-on: aws sso login --profile {printable(profile, 60)})" if profile else ""
    return (f"Renew the credentials of {printable(access.way, 120)}{named}.", "Scan again.")


def _denied(call: str, access: Access) -> _Told:
    if call == "sts:AssumeRole":
        return (
            "AWS does not let these credentials assume the role in this account",
            (
                f"Check that {printable(access.way, 120)} exists in account {access.account_id} and trusts the caller.",
                "Allow the caller sts:AssumeRole on it.",
            ),
        )
    return f"AWS denied {call}", (f"Allow {call} to {printable(access.way, 120)} in account {access.account_id}.",)


def _throttled(call: str, _: Access) -> _Told:
    return f"AWS is throttling {call}", ("Wait a minute, then scan again.",)


def _expired(_: str, access: Access) -> _Told:
    return "the AWS credentials have expired", _sign_in(access)


def _refused(_: str, access: Access) -> _Told:
    where = f" in {printable(access.region, 30)}" if access.region else ""
    steps = [f"Check the keys of {printable(access.way, 120)}, and this machine's clock."]
    if access.region:
        steps.append("An opt-in region that the account has not enabled answers the same: leave the region unset.")
    return f"AWS does not accept these credentials{where}", tuple(steps)


def _region_off(_: str, access: Access) -> _Told:
    region = printable(access.region, 30) or "this region"
    return f"{region} is not enabled for this account", ("Leave the region unset, or enable it for the account.",)


_BY_CODE: tuple[tuple[set[str], Callable[[str, Access], _Told]], ...] = (
    ({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "403"}, _denied),
    (
        {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"}
        | {"RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown", "429"},
        _throttled,
    ),
    ({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}, _expired),
    (
        {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "SignatureDoesNotMatch"}
        | {"InvalidSignatureException", "IncompleteSignature", "InvalidAccessKeyId", "MissingAuthenticationToken"},
        _refused,
    ),
    ({"RegionDisabledException", "OptInRequired"}, _region_off),
)


def _local(error: BaseException, call: str, access: Access) -> Failure:
    # The order matters: botocore's classes inherit from each other.
    from botocore import exceptions as b
    from botocore.parsers import ResponseParserError

    way = printable(access.way, 120)
    network = ("Check this machine's network and its proxy settings.", "Scan again.")
    table: tuple[tuple[tuple[type[BaseException], ...], str, str, tuple[str, ...]], ...] = (
        (
            (b.ProfileNotFound,),
            "ProfileNotFound",
            f"the AWS settings of this machine have no {way}",
            ("Add the profile to the AWS settings, or name another one in the account's record.",),
        ),
        (
            (MfaWanted,),
            "ProfileAsksForMfa",
            f"{way} asks for an MFA code, which a scan cannot type",
            ("Use a profile whose session is already there: single sign-on, or one that a tool of yours renews.",),
        ),
        (
            (b.NoCredentialsError,),
            "NoCredentials",
            f"no AWS credentials were found by {way}",
            ("Give the account a profile or a role in its record, or sign in to AWS on this machine.",),
        ),
        (
            (b.UnauthorizedSSOTokenError, b.SSOTokenLoadError, b.TokenRetrievalError, b.SSOError),
            "SingleSignOnExpired",
            "the single sign-on session has expired",
            _sign_in(access),
        ),
        (
            (b.PartialCredentialsError, b.CredentialRetrievalError, b.RefreshWithMFAUnsupportedError),
            "CredentialsNotReadable",
            f"the credentials of {way} could not be had",
            _sign_in(access),
        ),
        (
            (b.ConfigParseError, b.ConfigNotFound, b.InvalidConfigError, b.InvalidDefaultsMode),
            "SettingsNotReadable",
            "the AWS settings of this machine cannot be read",
            ("Check the AWS configuration and credentials files.",),
        ),
        (
            (b.NoRegionError, b.InvalidRegionError, b.UnknownRegionError, b.EndpointProviderError, b.UnknownEndpointError),
            "NoSuchRegion",
            f"AWS's own list has no endpoint for {call} there",
            ("Check the account's partition and region.",),
        ),
        ((b.ConnectTimeoutError,), "ConnectTimeout", f"the connection for {call} took too long", network),
        ((b.ReadTimeoutError,), "ReadTimeout", f"AWS took too long to answer {call}", network),
        (
            (b.SSLError,),
            "CertificateNotTrusted",
            f"the certificate shown for {call} is not trusted",
            ("Something between this machine and AWS may be reading along: find out what before going on.",),
        ),
        ((b.ProxyConnectionError,), "ProxyNotReached", "the proxy could not be reached", network),
        ((b.EndpointConnectionError,), "NotReached", f"AWS could not be reached for {call}", network),
        ((b.ConnectionClosedError,), "ConnectionClosed", f"the connection was closed while {call} was answered", network),
        ((b.HTTPClientError,), "ConnectionFailed", f"the connection for {call} failed", network),
        (
            (b.ParamValidationError, b.ValidationError),
            "NotAsked",
            f"{call} cannot be asked with this record's values",
            ("Check the account's record: id, partition, role.",),
        ),
        # botocore's parsers trip over what they do not expect in many ways; its own errors are none of these classes
        # but for those above.
        (
            (ResponseParserError, ValueError, TypeError, AttributeError, LookupError, RecursionError),
            "MalformedReply",
            f"the reply to {call} cannot be read",
            LATER,
        ),
    )
    for classes, code, sentence, remedy in table:
        if isinstance(error, classes):
            return Failure(code, sentence, remedy)
    return Failure("ReadFailed", f"{call} could not be made ({type(error).__name__})", LATER)
