"""
The ledger's schema, as numbered scripts: what has been released is never edited, only added to.

Money is decimal text, times are integers: ``_ns`` of our wall clock, ``_ms`` of the venue's.
"""

APPLICATION_ID = 0x51575247
"""In every ledger's header, so that another program's database is not taken for one: "QWRG"."""

_VERSION_1 = """
CREATE TABLE meta (version INTEGER NOT NULL, checksum INTEGER NOT NULL);

CREATE TABLE sessions (
    session INTEGER PRIMARY KEY,
    engine TEXT NOT NULL,
    venue TEXT NOT NULL,
    simulated INTEGER NOT NULL,
    started_at_ns INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);

CREATE TABLE session_ends (
    session INTEGER PRIMARY KEY REFERENCES sessions,
    ended_at_ns INTEGER NOT NULL,
    exit_code INTEGER NOT NULL,
    ended_by TEXT NOT NULL,
    checksum INTEGER NOT NULL
);

CREATE TABLE pairs (
    pair TEXT PRIMARY KEY,
    base TEXT NOT NULL,
    quote TEXT NOT NULL,
    checksum INTEGER NOT NULL
);

CREATE TABLE orders (
    number INTEGER PRIMARY KEY,
    client_order_id TEXT NOT NULL UNIQUE,
    session INTEGER NOT NULL REFERENCES sessions,
    strategy TEXT NOT NULL,
    pair TEXT NOT NULL,
    side TEXT NOT NULL,
    price TEXT NOT NULL,
    quantity TEXT NOT NULL,
    post_only INTEGER NOT NULL,
    time_in_force TEXT NOT NULL,
    mid_price TEXT,
    decided_at_ns INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);

CREATE TABLE order_events (
    number INTEGER PRIMARY KEY,
    client_order_id TEXT NOT NULL REFERENCES orders (client_order_id),
    session INTEGER NOT NULL REFERENCES sessions,
    status TEXT NOT NULL,
    quantity TEXT NOT NULL,
    filled_quantity TEXT NOT NULL,
    venue_order_id TEXT,
    reason TEXT NOT NULL,
    changed_at_ns INTEGER NOT NULL,
    at_ns INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE INDEX order_events_by_session ON order_events (session);

CREATE TABLE order_states (
    client_order_id TEXT PRIMARY KEY REFERENCES orders (client_order_id),
    event INTEGER NOT NULL REFERENCES order_events,
    ended INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE INDEX order_states_by_end ON order_states (ended, event);

CREATE TABLE fills (
    number INTEGER PRIMARY KEY,
    trade_id TEXT NOT NULL,
    session INTEGER NOT NULL REFERENCES sessions,
    venue TEXT NOT NULL,
    client_order_id TEXT NOT NULL,
    venue_order_id TEXT NOT NULL,
    pair TEXT NOT NULL,
    side TEXT NOT NULL,
    price TEXT NOT NULL,
    quantity TEXT NOT NULL,
    fee TEXT NOT NULL,
    fee_currency TEXT NOT NULL,
    traded_at_ms INTEGER NOT NULL,
    booked_at_ns INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE (venue, trade_id)
);
CREATE INDEX fills_by_venue ON fills (venue, number);
CREATE INDEX fills_by_session ON fills (session);

CREATE TABLE balances (
    number INTEGER PRIMARY KEY,
    currency TEXT NOT NULL,
    session INTEGER NOT NULL REFERENCES sessions,
    available TEXT NOT NULL,
    reserved TEXT NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    at_ns INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE INDEX balances_by_session ON balances (session, currency, number);

CREATE TABLE halts (
    number INTEGER PRIMARY KEY,
    at_ns INTEGER NOT NULL,
    session INTEGER REFERENCES sessions,
    reason TEXT,
    checksum INTEGER NOT NULL
);
"""

_VERSION_2 = """
CREATE TABLE archives (
    file TEXT PRIMARY KEY,
    orders INTEGER NOT NULL,
    order_events INTEGER NOT NULL,
    fills INTEGER NOT NULL,
    balances INTEGER NOT NULL,
    archived_at_ns INTEGER NOT NULL,
    checksum INTEGER NOT NULL
);

CREATE TABLE archived_sessions (
    session INTEGER PRIMARY KEY REFERENCES sessions,
    file TEXT NOT NULL REFERENCES archives,
    checksum INTEGER NOT NULL
);
"""

MIGRATIONS: tuple[str, ...] = (_VERSION_1, _VERSION_2)
"""The script at index n leads from version n to n + 1; version 0 is an empty file."""
