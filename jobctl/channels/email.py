"""E-mail: over SMTP with TLS and a login, or through the machine's own sendmail.

`smtp://user:password@host:587` uses STARTTLS where the server offers it, and never sends a password without it to
another machine; `smtps://host:465` is TLS from the first byte (RFC 8314); `sendmail:` or `sendmail:/path/to/sendmail`
hands the message to a program.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import subprocess
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import SplitResult, unquote, urlsplit

from jobctl.channels.interface import ChannelProblem, Options
from jobctl.domain.alert_message import Message

_SENDMAIL = "/usr/sbin/sendmail"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SUBMISSION, _SUBMISSIONS = 587, 465


def send(options: Options, message: Message, timeout: float) -> None:
    """See `interface.Channel`."""
    receivers = options["to"]
    assert isinstance(receivers, list)
    mail = _mail(message, str(options.get("from") or f"jobctl@{socket.getfqdn()}"), receivers)
    url = str(options["url"])
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ChannelProblem(f"the url is none: {error}") from None
    if parts.scheme == "sendmail":
        _hand_to_sendmail(parts.path or _SENDMAIL, mail, receivers, timeout)
    elif parts.scheme in ("smtp", "smtps") and parts.hostname:
        try:
            _submit(parts, port, mail, receivers, timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelProblem(f"{parts.hostname} did not take it: {_words(error)}") from None
    else:
        raise ChannelProblem("the url must begin with smtp://, smtps:// or sendmail:")


def _mail(message: Message, sender: str, receivers: list[str]) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.subject.split())
    mail["From"] = sender
    mail["To"] = ", ".join(receivers)
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or None)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's vacation answers
    mail.set_content(message.text)
    return mail


def _submit(parts: SplitResult, port: int | None, mail: EmailMessage, receivers: list[str], timeout: float) -> None:
    host = parts.hostname or ""
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or _SUBMISSIONS, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(host, port or _SUBMISSION, timeout=timeout)
    with server:
        server.ehlo()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif parts.scheme == "smtp" and parts.username and host not in _LOOPBACK:
            raise ChannelProblem(f"{host} offers no STARTTLS, and a password is not sent in the clear")
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        refused = server.send_message(mail, to_addrs=receivers)
        if refused:
            raise ChannelProblem(f"{host} refused {', '.join(sorted(refused))}")


def _hand_to_sendmail(program: str, mail: EmailMessage, receivers: list[str], timeout: float) -> None:
    try:
        done = subprocess.run(
            [program, "-i", "--", *receivers], input=bytes(mail), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise ChannelProblem(f"{program} did not end within {timeout:.0f} s") from None
    except FileNotFoundError:
        what_to_do = "install a mail server that brings it (postfix, msmtp-mta, …), or name one by an smtp:// url"
        raise ChannelProblem(f"there is no {program}: {what_to_do}") from None
    except OSError as error:
        raise ChannelProblem(f"{program}: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise ChannelProblem(f"{program} exited with {done.returncode}{f': {said}' if said else ''}")


def _words(error: Exception) -> str:
    """The server's own answer, or what the machine says."""
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
        return f"{error.smtp_code} {text}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(
            f"{name}: {code} {text.decode(errors='replace')}" for name, (code, text) in error.recipients.items()
        )
    return str(error) or type(error).__name__
