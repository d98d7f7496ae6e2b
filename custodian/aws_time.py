"""How far this machine's clock is from AWS's, by the `Date` header of the endpoint that answers anybody.

Nothing is signed and no credentials are needed, so it works where nothing else of AWS does. Redirects are not followed.
"""

from __future__ import annotations

import email.utils
import http.client
import urllib.error
import urllib.request
from typing import IO, Any
from urllib.parse import urlsplit

from vault import clock
from vault.errors import OutOfReach

SECONDS = 4.0
"""How long AWS may take to answer."""
REGION = "us-east-1"


def difference_s() -> tuple[float, str]:
    """Seconds by which this clock is ahead of AWS's (negative: behind; to a second), and the host that was asked."""
    url = _endpoint()
    host = urlsplit(url).hostname or "AWS"
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310  the URL is botocore's
    before = clock.now_ms()
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS) as answer:
            date = answer.headers.get("Date")
    except urllib.error.HTTPError as answer:
        date = answer.headers.get("Date")
        answer.close()
    except (OSError, http.client.HTTPException, ValueError):
        raise OutOfReach("the clock cannot be compared", f"{host} does not answer", "check the network") from None
    after = clock.now_ms()
    try:
        # The header has whole seconds, cut off; half of one is the best guess at the rest.
        theirs = email.utils.parsedate_to_datetime(str(date)).timestamp() + 0.5
    except ValueError:
        raise OutOfReach("the clock cannot be compared", f"{host} sends no date", "check the proxy") from None
    return (before + after) / 2000 - theirs, host


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


def _endpoint() -> str:
    import botocore.config
    import botocore.session

    session = botocore.session.Session()
    unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
    client = session.create_client("sts", region_name=REGION, config=unsigned)
    return str(client.meta.endpoint_url)
