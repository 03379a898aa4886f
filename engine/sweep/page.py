"""A sweep as one HTML file, without a script."""

from config.sweep.plan import ObjectiveSettings
from engine.reports.markup import element, joined
from engine.reports.static_page import static_page
from engine.reports.table import table
from engine.sweep.sweeping import Swept
from engine.sweep.text import head_of, notes_of, ranks_of, rows_of


def sweep_page(swept: Swept, objective: ObjectiveSettings) -> str:
    """The whole file: the best beside others, and what a reader has to know."""
    head, ranks = head_of(objective, tested=bool(swept.tested)), ranks_of(swept)
    best, beside, every = (
        rows_of(group, ranks, swept, objective)
        for group in (swept.best, swept.beside, swept.standings)
    )
    body = joined(
        element(
            "header",
            element("h1", "Sweep"),
            element("p", f"Candidates by {objective.maximise}", class_="kind"),
            element("ul", *(element("li", note) for note in notes_of(swept)), class_="notes"),
        ),
        element(
            "main",
            element(
                "section",
                table("The best", head, best),
                table("Drawn at random beside them", head, beside),
                table("All candidates", head, every),
                class_="run",
            ),
        ),
        element(
            "footer",
            element("p", "Orders do not move a recorded market. docs/research.md says more."),
        ),
    )
    return static_page("Sweep", body)
