"""Actors that watch: readiness, clocks, the loop, the kill switch, metrics, the operator socket."""
