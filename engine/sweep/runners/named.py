"""The runner of ``--on``."""

import os

from engine.sweep.runners.local import LocalRunner
from engine.sweep.runners.runner import NoCluster, Runner


class UnknownRunner(ValueError):
    """A text names no runner."""


def runner_of(on: str, jobs: int | None) -> Runner:
    """
    The runner that a text names.

    Args:
        on: ``local``, ``dask:ADDRESS`` or ``ray:ADDRESS``.
        jobs: How many cells at once; ``None`` for as many as there is room for.

    Raises:
        UnknownRunner: It names none.
        NoCluster: It is not there, or its library is not installed.
        WrongCluster: It has other versions.
    """
    kind, _, address = on.partition(":")
    if on == "local":
        return LocalRunner(jobs or os.cpu_count() or 1)
    if kind not in {"dask", "ray"} or not address:
        raise UnknownRunner(f"--on {on[:60]!r} is none of local, dask:ADDRESS, ray:ADDRESS")
    try:
        if kind == "dask":
            from engine.sweep.runners.dask import DaskRunner  # noqa: PLC0415  # only then

            return DaskRunner(address, jobs)
        from engine.sweep.runners.ray import RayRunner  # noqa: PLC0415  # only then

        return RayRunner(address, jobs)
    except ImportError as error:
        raise NoCluster(
            f"{kind} is not installed here: pip install 'quotewright[{kind}]' ({error})"
        ) from error
