"""A mail server and a web server on loopback, as real as sockets, that can be told to misbehave."""

from __future__ import annotations

import base64
import enum
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Key and certificate of `localhost`, signed by itself: for these servers alone, and trusted through SSL_CERT_FILE."""


class Manner(enum.Enum):
    """How a server treats who comes."""

    WELL = "well"
    REFUSE = "refuse"  # with an answer that says so
    SLOW = "slow"  # takes the connection and never answers
    TRICKLE = "trickle"  # answers a byte at a time, and comes to no end
    GARBLED = "garbled"  # answers with bytes that mean nothing


@dataclass
class Server:
    """Listens on a port of its own until it is closed."""

    manner: Manner = Manner.WELL
    tls: bool = False  # from the first byte
    starttls: bool = False
    password: str | None = None
    _listener: socket.socket = field(init=False)
    _open: list[socket.socket] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def connections(self) -> int:
        """How often somebody came."""
        return len(self._open)

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _attend(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self.manner is Manner.SLOW:
                return  # and leave it open
            while self.manner is Manner.TRICKLE:
                connection.sendall(b"2")
                select.select([], [], [], 0.05)
            if self.manner is Manner.GARBLED:
                connection.sendall(b"\x00\xff\xfe what is this \x80\r\n")
                connection.close()
                return
            self._talk(_with_tls(connection) if self.tls else connection)

    def _talk(self, connection: socket.socket) -> None:
        raise NotImplementedError


@dataclass
class MailServer(Server):
    """SMTP as RFC 5321 has it, as far as a sender needs."""

    mails: list[Message] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)  # for each mail

    def _talk(self, connection: socket.socket) -> None:
        file = connection.makefile("rwb")
        self._say(file, "220 ready")
        while line := file.readline().decode().rstrip("\r\n"):
            word = line.split(" ")[0].upper()
            if word == "QUIT":
                self._say(file, "221 bye")
                break
            if word == "STARTTLS":
                self._say(file, "220 go on")
                connection = _with_tls(connection)
                file = connection.makefile("rwb")
            elif word == "DATA":
                self._say(file, "354 go on")
                self._take(file, encrypted=isinstance(connection, ssl.SSLSocket))
            else:
                self._say(file, self._answer(word, line, encrypted=isinstance(connection, ssl.SSLSocket)))
        connection.close()

    def _answer(self, word: str, line: str, *, encrypted: bool) -> str:
        if word == "EHLO":
            offers = ["250-localhost"]
            offers += ["250-STARTTLS"] if self.starttls and not encrypted else []
            offers += ["250-AUTH PLAIN"] if self.password is not None else []
            return "\r\n".join([*offers, "250 SIZE 1000000"])
        if word == "AUTH":
            _, user, given = base64.b64decode(line.split(" ")[2]).decode().split("\0")
            self.logins.append(user)
            return "235 welcome" if given == self.password else "535 wrong password"
        if word == "RCPT":
            if self.manner is Manner.REFUSE:
                return "550 nobody of that name"
            self.receivers.append(line.partition(":")[2].strip("<> "))
        return "250 fine"

    def _take(self, file: Any, *, encrypted: bool) -> None:
        lines = []
        while (line := file.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.mails.append(message_from_bytes(b"".join(lines)))
        self.encrypted.append(encrypted)
        self._say(file, "250 taken")

    def _say(self, file: Any, text: str) -> None:
        file.write(text.encode() + b"\r\n")
        file.flush()


@dataclass
class WebServer(Server):
    """Takes one request for each connection."""

    status: str = "200 OK"
    more: str = ""  # header lines of the answer
    body: str = "well, no\n"
    asked: list[str] = field(default_factory=list)  # `GET /path`
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def _talk(self, connection: socket.socket) -> None:
        file = connection.makefile("rb")
        self.asked.append(" ".join(file.readline().decode().split()[:2]))
        headers = {}
        while line := file.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.title()] = value.strip()
        self.bodies.append(file.read(int(headers.get("Content-Length", 0))))
        self.headers.append(headers)
        status = "403 Forbidden" if self.manner is Manner.REFUSE else self.status
        connection.sendall(
            f"HTTP/1.1 {status}\r\n{self.more}Content-Length: {len(self.body)}\r\n\r\n{self.body}".encode()
        )
        connection.close()


def _with_tls(connection: socket.socket) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context.wrap_socket(connection, server_side=True)


@contextmanager
def mail_server(**options: object) -> Iterator[MailServer]:
    server = MailServer(**options)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.close()


@contextmanager
def web_server(**options: object) -> Iterator[WebServer]:
    server = WebServer(**options)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.close()
