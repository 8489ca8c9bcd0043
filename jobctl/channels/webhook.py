"""A webhook: the alert as JSON by POST, with a `text` that Slack, Mattermost and their like show.

With a `secret` the header `X-Jobctl-Signature: sha256=…` holds the HMAC of the body (RFC 2104, in hexadecimal).
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import urllib.error
import urllib.request
from typing import IO

from jobctl import __version__
from jobctl.channels.interface import ChannelProblem, Options
from jobctl.domain.alert_message import Message

_SAID = 300  # characters of an answer that an error quotes


def send(options: Options, message: Message, timeout: float) -> None:
    """See `interface.Channel`. Any answer but 2xx is a problem, a redirection too: following one would turn the POST
    into a GET."""
    url = str(options["url"])
    if not url.startswith(("http://", "https://")):
        raise ChannelProblem("the url must begin with http:// or https://")
    body = json.dumps({"subject": message.subject, **message.document}).encode()
    try:
        request = urllib.request.Request(url, data=body, headers=_headers(options, body), method="POST")
        with urllib.request.build_opener(_NoRedirections).open(request, timeout=timeout):
            pass
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(_SAID).decode(errors="replace").strip()
        raise ChannelProblem(f"the server answered {error.code} {error.reason}{f': {said}' if said else ''}") from None
    except urllib.error.URLError as error:
        raise ChannelProblem(f"the server cannot be reached: {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ChannelProblem(f"the server gave no answer: {str(error) or type(error).__name__}") from None


def _headers(options: Options, body: bytes) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "User-Agent": f"jobctl/{__version__}"}
    given = options.get("headers")
    if isinstance(given, dict):
        headers |= {str(name): str(value) for name, value in given.items()}
    if secret := options.get("secret"):
        headers["X-Jobctl-Signature"] = "sha256=" + hmac.new(str(secret).encode(), body, hashlib.sha256).hexdigest()
    return headers


class _NoRedirections(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> None:
        return None
