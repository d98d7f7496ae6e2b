"""The way in: profile or assumed role, limits on every client, nothing shared that grows, nothing said to a log."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from custodian.posture import Access, Status, Timeouts, scan
from custodian.posture import session as session_module
from custodian.posture.session import AwsSession
from custodian.posture.stop import Stop
from tests.custodian.posture.conftest import ACCOUNT, QUICK
from tests.support.aws_overlay import Reply, refused

BASE = "999999999999"


@pytest.fixture
def base(aws, profile):
    """A base profile in an account of its own, and the account to be read."""
    aws.account(ACCOUNT)
    return profile("base", aws.account(BASE).key)


def _mfa(access):
    return next(f for f in scan(access, timeouts=QUICK) if f.check == "root-mfa")


def test_a_role_is_assumed_from_the_base_profile_for_the_shortest_time(aws, base):
    assert _mfa(Access(ACCOUNT, role="breakglass-read", base_profile=base)).status is Status.PASS
    first = aws.calls[0]
    assert (first.action, first.account) == ("sts:AssumeRole", BASE)
    assert first.parameters["RoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/breakglass-read"
    assert first.parameters["RoleSessionName"] == "breakglass-posture"
    assert first.parameters["DurationSeconds"] == "900"
    assert {c.account for c in aws.calls[1:]} == {ACCOUNT}
    assert all(c.key.startswith("ASIA") for c in aws.calls[1:])


def test_the_records_own_profile_comes_before_the_base_profile(aws, profile, base):
    own = profile("own", aws.account("888888888888").key)
    _mfa(Access(ACCOUNT, role="r", profile=own, base_profile=base))
    assert aws.calls[0].account == "888888888888"


def test_a_role_that_is_named_by_arn_is_taken_as_it_is_and_checked_for_its_account(aws, base):
    finding = _mfa(Access(ACCOUNT, role=f"arn:aws:iam::{BASE}:role/reader", base_profile=base))
    assert (finding.status, finding.error) == (Status.UNKNOWN, "WrongAccount")


def test_a_role_that_may_not_be_assumed_says_so(aws, base):
    aws.on("sts:AssumeRole", refused("AccessDenied", 403))
    finding = _mfa(Access(ACCOUNT, role="breakglass-read", base_profile=base))
    assert (finding.status, finding.error) == (Status.UNKNOWN, "AccessDenied")
    assert "does not let these credentials assume the role" in finding.summary
    assert aws.actions() == ["sts:AssumeRole"]


def test_a_role_without_credentials_in_the_reply_is_unknown(aws, base):
    aws.on("sts:AssumeRole", Reply(xml="<Other/>"))
    assert _mfa(Access(ACCOUNT, role="breakglass-read", base_profile=base)).error == "MalformedReply"


def test_a_role_name_that_cannot_be_is_unknown(aws, base):
    aws.on("sts:AssumeRole", refused("ValidationError"))
    assert _mfa(Access(ACCOUNT, role="no such\nrole", base_profile=base)).status is Status.UNKNOWN


def test_the_environments_credentials_are_used_where_nothing_is_named(aws, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", aws.account(ACCOUNT).key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    assert _mfa(Access(ACCOUNT)).status is Status.PASS


def test_the_link_local_metadata_address_is_never_asked_for_credentials(aws, monkeypatch, network):
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    assert _mfa(Access(ACCOUNT)).error == "NoCredentials"
    assert network.attempts == []


def test_every_client_has_limits_and_its_endpoint_from_botocore(profile):
    timeouts = Timeouts()
    session = AwsSession(Access(ACCOUNT, profile=profile("it", "AKIAANY")), timeouts, Stop())
    clients = {name: session.client(name) for name in ("iam", "sts", "cloudtrail")}
    for client in clients.values():
        config = client.meta.config
        assert (config.connect_timeout, config.read_timeout) == (5, 10)
        assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert clients["iam"].meta.endpoint_url == "https://iam.amazonaws.com"
    assert clients["cloudtrail"].meta.endpoint_url == "https://cloudtrail.us-east-1.amazonaws.com"
    assert clients["sts"].meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"
    session.close()


def test_the_partitions_have_the_endpoints_that_botocore_knows(profile):
    hosts = {}
    for partition in ("aws-us-gov", "aws-cn"):
        session = AwsSession(Access(ACCOUNT, partition, profile=profile(partition, "AKIAANY")), Timeouts(), Stop())
        hosts[partition] = session.client("cloudtrail").meta.endpoint_url
        session.close()
    assert hosts == {
        "aws-us-gov": "https://cloudtrail.us-gov-west-1.amazonaws.com",
        "aws-cn": "https://cloudtrail.cn-north-1.amazonaws.com.cn",
    }


def test_all_sessions_share_one_loader_that_does_not_grow(aws, profile):
    access = Access(ACCOUNT, profile=profile("it", aws.account(ACCOUNT).key))
    scan(access, timeouts=QUICK)
    loader = session_module._loader
    paths, cached = list(loader.search_paths), len(loader._cache)
    scan(access, timeouts=QUICK)
    assert session_module._loader is loader
    assert loader.search_paths == paths
    assert len(loader._cache) == cached


def test_debug_logging_of_the_whole_process_shows_no_credentials(aws, base, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("botocore").setLevel(logging.NOTSET)
    logging.getLogger("urllib3").setLevel(logging.NOTSET)
    assert _mfa(Access(ACCOUNT, role="breakglass-read", base_profile=base)).status is Status.PASS
    assert "assumed-token" not in caplog.text
    assert "assumed-secret" not in caplog.text
    assert "Signature=" not in caplog.text


def test_importing_posture_and_its_checks_loads_no_aws_library():
    code = (
        "import sys, custodian.posture as p; p.catalogue(); p.actions(); "
        "print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'urllib3', 'textual', 'keyring')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
