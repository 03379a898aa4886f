"""A table of a report, in a box of its own that scrolls where it is too wide."""

from collections.abc import Iterable, Sequence

from engine.reports.markup import NOTHING, Html, element


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, note: str = ""
) -> Html:
    """
    A table whose first column names its rows; nothing without rows.

    Args:
        note: A sentence below it.
    """
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell) for cell in row[1:]),
        )
        for row in rows
    ]
    if not body:
        return NOTHING
    header = element("tr", *(element("th", name, scope="col") for name in head))
    whole = element("table", element("thead", header), element("tbody", *body))
    return element(
        "section",
        element("h3", caption),
        element("div", whole, class_="box", tabindex="0", role="group", aria_label=caption),
        element("p", note, class_="note") if note else NOTHING,
        class_="table",
    )
