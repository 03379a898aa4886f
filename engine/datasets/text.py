"""What is known of a dataset, as text for people and as JSON for machines."""

import datetime as dt

from trading.datasets.meta import DatasetMeta, QueueKind

_NS_PER_S = 1_000_000_000

_DRIVES = {
    QueueKind.ORDERS: "every resting order is known: what is ahead of an order of ours is exact",
    QueueKind.LEVELS: "levels and trades are known: what is ahead of an order of ours is modelled",
    QueueKind.NONE: "it CANNOT drive a queue: there are no books in it, or no trades",
}


def meta_as_json(meta: DatasetMeta, path: str) -> dict[str, object]:
    return {
        "dataset": path,
        "digest": meta.digest,
        "pair": meta.pair,
        "tick": meta.tick,
        "lot": meta.lot,
        "format": meta.importer,
        "records": meta.records,
        "counts": dict(meta.counts),
        "skipped": dict(meta.skipped),
        "guessed": list(meta.guessed),
        "gaps": meta.counts.get("GAP", 0),
        "queue": meta.queue.value,
        "first_ns": meta.first_ns,
        "last_ns": meta.last_ns,
        "clock_difference_min_ns": meta.clock.difference_min_ns,
        "clock_shift_ns": meta.clock.shift_ns,
        "latency_max_ns": meta.clock.latency_max_ns,
    }


def meta_as_text(meta: DatasetMeta, path: str) -> str:
    counts = ", ".join(f"{count:,} {name.lower()}" for name, count in meta.counts.items())
    lines = [
        f"{path}: {meta.pair}, {meta.records:,} records of {meta.importer}{_span(meta)}",
        f"  {counts or 'nothing'}",
        f"  {_DRIVES[meta.queue]}",
        f"  {_clock(meta)}",
    ]
    lines += [f"  left out: {count:,} {what}" for what, count in meta.skipped.items()]
    lines += [f"  guessed: {sentence}" for sentence in meta.guessed]
    if gaps := meta.counts.get("GAP", 0):
        lines.append(
            f"  {gaps:,} gap{'' if gaps == 1 else 's'}, the first at {_time(meta.gaps[0])}"
        )
    return "\n".join(lines)


def _clock(meta: DatasetMeta) -> str:
    clock = meta.clock
    if clock.difference_min_ns is None:
        return "times: the files tell only one of exchange and receive time"
    if clock.difference_min_ns >= 0:
        return f"times: seen at least {clock.difference_min_ns:,} ns after it happened"
    return (
        f"times: seen up to {-clock.difference_min_ns:,} ns before it happened, so every receive"
        f" time was moved by {clock.shift_ns:,} ns"
    )


def _span(meta: DatasetMeta) -> str:
    if meta.first_ns is None or meta.last_ns is None:
        return ""
    seconds = (meta.last_ns - meta.first_ns) / _NS_PER_S
    return f", {seconds:,.1f} s from {_time(meta.first_ns)}"


def _time(at_ns: int) -> str:
    moment = dt.datetime.fromtimestamp(at_ns // _NS_PER_S, tz=dt.UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
