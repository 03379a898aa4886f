"""The checks of the invariants, each of which watches the engine and the venue of a simulation."""
