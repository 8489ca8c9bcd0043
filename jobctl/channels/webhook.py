"""A webhook: the alert as JSON by POST, with a `text` that Slack, Mattermost and their like show.

With a `secret` the header `X-Jobctl-Signature: sha256=…` holds the HMAC of the body (RFC 2104, in hexadecimal).
"""

from __future__ import annotations

import hashlib
import hmac
import json

from jobctl.channels.interface import Options
from jobctl.channels.web import request
from jobctl.domain.alert_message import Message


def send(options: Options, message: Message, timeout: float) -> None:
    """See `interface.Channel`. Any answer but 2xx is a problem, a redirection too."""
    body = json.dumps({"subject": message.subject, **message.document}).encode()
    request(str(options["url"]), timeout, body, _headers(options, body))


def _headers(options: Options, body: bytes) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    given = options.get("headers")
    if isinstance(given, dict):
        headers |= {str(name): str(value) for name, value in given.items()}
    if secret := options.get("secret"):
        headers["X-Jobctl-Signature"] = "sha256=" + hmac.new(str(secret).encode(), body, hashlib.sha256).hexdigest()
    return headers
