"""
Drives valr-python against an exchange, and prints what it met as one JSON object.

It is a process of its own: the library blocks, warns, and runs on asyncio. It insists on TLS for
its sockets, so a little relay with a certificate of its own stands before the exchange.

Arguments: the exchange's first line of stdout, and a file with the relay's certificate and key.
"""

import asyncio
import importlib
import json
import ssl
import sys
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

PAIR = "BTCZAR"
DEADLINE_S = 10


def rest(hello: dict[str, str]) -> dict[str, Any]:
    """Public and account calls, orders, their status and history."""
    library: Any = importlib.import_module("valr_python")
    problems: Any = importlib.import_module("valr_python.exceptions")
    client = library.Client(
        api_key=hello["api_key"], api_secret=hello["api_secret"], base_url=hello["rest"]
    )
    met: dict[str, Any] = {
        "time": client.get_server_time(),
        "status": client.get_valr_status(),
        "currencies": client.get_currencies(),
        "pairs": client.get_currency_pairs(),
        "types": client.get_order_types(PAIR),
        "all_types": client.get_order_types(),
        "summary": client.get_market_summary(PAIR),
        "summaries": client.get_market_summary(),
        "book": client.get_order_book_public(PAIR),
        "full_book": client.get_order_book_full_public(PAIR),
        "signed_book": client.get_order_book(PAIR),
        "signed_full_book": client.get_order_book_full(PAIR),
        "trades": client.get_trade_history_public(PAIR, limit=5),
        "signed_trades": client.get_trade_history_marketdata(PAIR),
        "key": client.get_current_api_key_info(),
        "balances": client.get_balances(),
        "all_balances": client.get_nonzero_balances(),
    }
    limit = client.post_limit_order(
        side="BUY", quantity="0.001", price="900000", pair=PAIR, customer_order_id="limit-1"
    )
    met["limit"] = client.get_order_status(PAIR, order_id=limit["id"])
    met["open"] = client.get_all_open_orders()
    try:
        client.delete_order(PAIR, order_id=limit["id"])
    except problems.RESTAPIException:
        # The venue's answer has an empty body, which the library takes for broken JSON.
        met["cancel"] = "taken"
    market = client.post_market_order(
        side="BUY", pair=PAIR, base_amount="0.001", customer_order_id="market-1"
    )
    met["market"] = client.get_order_status(PAIR, customer_order_id="market-1")
    met["fills"] = client.get_trade_history(PAIR)
    met["history"] = client.get_order_history()
    met["history_summary"] = client.get_order_history_summary(order_id=market["id"])
    met["history_detail"] = client.get_order_history_detail(customer_order_id="limit-1")
    met["transactions"] = client.get_transaction_history()
    # As in the library's own documentation: it sends a Decimal as a JSON number.
    exact = client.post_limit_order(
        side="SELL", quantity=Decimal("0.001"), price=Decimal(2100000), pair=PAIR
    )
    met["exact_limit"] = client.get_order_status(PAIR, order_id=exact["id"])
    exact = client.post_market_order(side="SELL", pair=PAIR, base_amount=Decimal("0.0005"))
    met["exact_market"] = client.get_order_status(PAIR, order_id=exact["id"])
    return met


async def sockets(hello: dict[str, str], certificate: Path) -> dict[str, Any]:
    """Both sockets, with something happening while they listen."""
    library: Any = importlib.import_module("valr_python")
    port = int(hello["rest"].rpartition(":")[2])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, up_writer), pump(up_reader, writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context)
    base = f"wss://localhost:{server.sockets[0].getsockname()[1]}"
    library.WebSocketClient._ACCOUNT_CONNECTION = f"{base}/ws/account"  # noqa: SLF001 - its base URL
    library.WebSocketClient._TRADE_CONNECTION = f"{base}/ws/trade"  # noqa: SLF001 - its base URL
    trade_events = [
        "AGGREGATED_ORDERBOOK_UPDATE",
        "MARKET_SUMMARY_UPDATE",
        "NEW_TRADE_BUCKET",
        "NEW_TRADE",
    ]
    account_events = [
        "NEW_ACCOUNT_HISTORY_RECORD",
        "BALANCE_UPDATE",
        "NEW_ACCOUNT_TRADE",
        "OPEN_ORDERS_UPDATE",
        "ORDER_PROCESSED",
        "ORDER_STATUS_UPDATE",
        "FAILED_CANCEL_ORDER",
    ]
    met: dict[str, Any] = {}

    def hooks(events: list[str]) -> dict[str, Callable[[Any], None]]:
        return {event: lambda data: met.setdefault(data["type"], data) for event in events}

    keys = {"api_key": hello["api_key"], "api_secret": hello["api_secret"]}
    trade = library.WebSocketClient(
        **keys,
        hooks=hooks(trade_events),
        currency_pairs=[PAIR],
        ws_type="trade",
        trade_subscriptions=trade_events,
    )
    account = library.WebSocketClient(**keys, hooks=hooks(account_events), ws_type="account")
    listening = [asyncio.create_task(client.run()) for client in (trade, account)]
    wanted = set(trade_events + account_events) - {"FAILED_CANCEL_ORDER"}
    client = library.Client(**keys, base_url=hello["rest"])
    async with asyncio.timeout(DEADLINE_S):
        while "OPEN_ORDERS_UPDATE" not in met:
            check(listening)
            await asyncio.sleep(0.02)
        await asyncio.to_thread(
            client.post_market_order, side="SELL", pair=PAIR, base_amount="0.001"
        )
        while wanted - set(met):
            check(listening)
            await asyncio.sleep(0.02)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    server.close()
    return met


def check(tasks: list[asyncio.Task[None]]) -> None:
    """Let what ended a client end the process."""
    for task in tasks:
        if task.done():
            task.result()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


def main() -> None:
    warnings.simplefilter("ignore")
    hello = json.loads(sys.argv[1])
    met = {"rest": rest(hello), "sockets": asyncio.run(sockets(hello, Path(sys.argv[2])))}
    sys.stdout.write(json.dumps(met, default=str))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
