"""Another commit's files beside this checkout's, for as long as they are compared."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parents[1]
"""The root of this checkout."""


@contextlib.contextmanager
def worktree(commit: str) -> Iterator[Path]:
    """
    A temporary git worktree of a commit, which goes again; its name is the commit's.

    Args:
        commit: A commit; or a folder with a checkout, which is taken as it is.

    Raises:
        CalledProcessError: There is no such commit; git has said so.
    """
    given = Path(commit)
    if given.is_dir():
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / given.name
        git = ("git", "-C", str(HERE), "worktree")
        subprocess.run([*git, "add", "--quiet", "--detach", str(other), commit], check=True)
        try:
            yield other
        finally:
            subprocess.run([*git, "remove", "--force", str(other)], check=True)
