"""The AWS profiles of this person, by name, as botocore finds them. No call leaves the machine."""

from __future__ import annotations

import os

from vault.text import printable


def profiles() -> list[str]:
    """Names of the profiles in the AWS settings, sorted and safe to show; none where the settings cannot be read."""
    import botocore.exceptions
    import botocore.session

    try:
        return sorted(printable(name) for name in botocore.session.Session().available_profiles)
    except botocore.exceptions.BotoCoreError:
        return []


def has_own_credentials() -> bool:
    """Whether the environment itself brings AWS credentials."""
    return bool(os.environ.get("AWS_ACCESS_KEY_ID") or os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"))
