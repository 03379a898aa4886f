"""The command `engine completion`: what a shell needs to complete our commands."""

import sys
from typing import Literal

from cyclopts import App

from engine.process.exit_codes import ExitCode

EXAMPLES = """
Examples:

```
engine completion bash > ~/.local/share/bash-completion/completions/engine
engine completion zsh > ~/.zfunc/_engine       # with fpath+=~/.zfunc before compinit in ~/.zshrc
engine completion fish > ~/.config/fish/completions/engine.fish
```
"""

completion_app = App(name="completion", help_epilogue=EXAMPLES)


@completion_app.default
def completion_command(shell: Literal["bash", "zsh", "fish"], /) -> int:
    """
    Print the script by which a shell completes commands and options; it goes where the shell looks.

    Args:
        shell: bash, zsh or fish.
    """
    from engine.cli.app import engine_app  # noqa: PLC0415  # which names this command

    sys.stdout.write(engine_app(()).generate_completion(prog_name="engine", shell=shell))
    return ExitCode.OK
