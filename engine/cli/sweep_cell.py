"""The command `engine sweep-cell`, which `engine sweep` starts."""

from cyclopts import App

from engine.process import early
from engine.sweep.serving import serve

sweep_cell_app = App(name="sweep-cell", show=False)


@sweep_cell_app.default
def sweep_cell_command() -> int:
    """Run cells of a sweep that come on the standard input, until it ends."""
    early.hand_back()
    return serve()
