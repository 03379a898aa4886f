"""HTML as values: whatever is put in as text stays text."""

from html import escape


class Html(str):
    """Text that is markup already: only ``element`` makes it, and what is our own."""

    __slots__ = ()


NOTHING = Html("")


def element(tag: str, *children: str, **attributes: str) -> Html:
    """
    One element; children that are no ``Html`` are escaped, as are all attributes.

    Args:
        attributes: A trailing ``_`` of a name is left out, and ``_`` within is a hyphen.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for name, value in attributes.items()
    )
    return Html(f"<{tag}{written}>{joined(*children)}</{tag}>")


def joined(*children: str) -> Html:
    """Children one after the other, escaped where they are text."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))
