#!/usr/bin/env bash
# wsproto 1.3.2 (a sans-IO WebSocket library): an informational answer before the 101.
#
# One would guess: a client that upgrades skips `103 Early Hints` and waits for the final answer, for
# RFC 9110, section 15.2, says that a client must be able to parse any number of informational answers
# before the final one, even if it does not expect them.
# What happens: every 1xx but 101 is told as a refusal, and the state is CLOSED; if the 101 follows, it is told
# as an acceptance of the same connection, and the state is OPEN again. A client that ends at the first
# refusal never gets a connection through a front end that sends hints.
#
# Output seen on 2026-11-28:
#   after the 103: RejectConnection(103), state CLOSED
#   after the 101: AcceptConnection, state OPEN
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install wsproto==1.3.2 h11==0.16.0
"$folder/venv/bin/python" - <<'PYTHON'
import base64
import hashlib
import re

from wsproto import ConnectionType, WSConnection
from wsproto.events import Request

client = WSConnection(ConnectionType.CLIENT)
request = client.send(Request(host="example.org", target="/"))
key = re.search(rb"(?i)sec-websocket-key: (\S+)", request)[1]
digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()

client.receive_data(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
[refused] = client.events()
state = client.state.name
print(f"after the 103: {type(refused).__name__}({getattr(refused, 'status_code', None)}), state {state}")
assert (type(refused).__name__, refused.status_code, state) == ("RejectConnection", 103, "CLOSED")

client.receive_data(
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
)
[accepted] = client.events()
print(f"after the 101: {type(accepted).__name__}, state {client.state.name}")
assert (type(accepted).__name__, client.state.name) == ("AcceptConnection", "OPEN")
PYTHON
