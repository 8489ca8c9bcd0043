"""Any service that Apprise knows (https://github.com/caronc/apprise), which is an extra of the installation."""

from __future__ import annotations

import importlib

from jobctl.channels.interface import ChannelProblem, Options
from jobctl.domain.alert_message import Message


def send(options: Options, message: Message, timeout: float) -> None:
    """See `interface.Channel`."""
    try:
        apprise = importlib.import_module("apprise")  # only where it is used: it knows a hundred services
    except ImportError:
        raise ChannelProblem("Apprise is not installed: pip install 'jobctl[apprise]'") from None
    service = apprise.Apprise()
    if not service.add(str(options["url"])):
        raise ChannelProblem("Apprise does not understand the url")
    if not service.notify(title=message.subject, body=message.text):
        raise ChannelProblem("the service did not take it")
