"""Servers on this machine that take messages: of HTTP, and of mail where a library for it is."""

import email
import email.policy
import importlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs
from typing_extensions import override


@attrs.define
class Received:
    """
    What came to a receiver.

    Attributes:
        bodies: In order.
        paths: Of HTTP alone.
        status: What HTTP is answered with.
    """

    port: int
    bodies: list[str] = attrs.field(factory=list)
    paths: list[str] = attrs.field(factory=list)
    status: int = 200


@contextmanager
def http_receiver() -> Iterator[Received]:
    """A server of HTTP that takes whatever is sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            text = self.rfile.read(length).decode()
            if received.status == 200:
                received.bodies.append(text)
            received.paths.append(self.path)
            self.send_response(received.status)
            self.end_headers()

        def do_GET(self) -> None:
            self.do_POST()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: a test's output is its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        received = Received(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()


def _free_port() -> int:
    """A port that nobody has; aiosmtpd does not say which one it was given."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def mail_receiver() -> Iterator[Received]:
    """A server of SMTP; needs aiosmtpd."""
    controllers = importlib.import_module("aiosmtpd.controller")
    received = Received(0)

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            part = message.get_body(("plain", "html"))
            received.bodies.append(f"{message['Subject']}\n{part.get_content() if part else ''}")
            return "250 OK"

    controller = controllers.Controller(Handler(), hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        received.port = controller.port
        yield received
    finally:
        controller.stop()
