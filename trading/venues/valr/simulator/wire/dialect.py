"""The exchange's way of writing: answers, frames and refusals as its rules would have them."""

import attrs
import msgspec

from trading.venues.valr.rules import VenueRules
from trading.venues.valr.shapes.edits import edited
from trading.venues.valr.simulator.requests.fields import Refused
from trading.venues.valr.simulator.wire.frames import Json
from trading.venues.valr.simulator.wire.http import Response, Route

NO_ROUTE = "404"
"""What a path that is not one is called among the refusals."""


class Dialect:
    """Rewrites what leaves the exchange; where the rules say nothing, it is left as it is."""

    def __init__(self, rules: VenueRules) -> None:
        self._rules = rules
        self.changes_frames = bool(rules.shapes)

    def frame(self, frame: Json | str) -> Json | str:
        """A frame as it is sent."""
        if not self.changes_frames:
            return frame
        value = msgspec.json.decode(frame if isinstance(frame, str) else msgspec.json.encode(frame))
        edits = self._rules.shapes.get(str(value.get("type")))
        if not edits:
            return frame
        changed = edited(value, edits)
        return changed if isinstance(changed, dict) else msgspec.json.encode(changed).decode()

    def answer(self, route: Route, response: Response) -> Response:
        """An answer as it is sent."""
        name = f"{route.method} {route.pattern}"
        if (edits := self._rules.shapes.get(name)) and response.body and response.ok:
            body = msgspec.json.encode(edited(msgspec.json.decode(response.body), edits))
            response = attrs.evolve(response, body=body)
        if (caching := self._rules.caching.get(name)) is not None:
            headers = [row for row in response.headers if row[0] != "cache-control"]
            if caching:
                headers.append(("cache-control", caching))
            response = attrs.evolve(response, headers=tuple(headers))
        return response

    def headed(self, response: Response) -> Response:
        """An answer with what every answer carries."""
        if not self._rules.headers:
            return response
        ours = tuple((name.lower(), text) for name, text in self._rules.headers.items())
        names = {name for name, _ in ours}
        theirs = (row for row in response.headers if row[0] not in names)
        return attrs.evolve(response, headers=(*theirs, *(row for row in ours if row[1])))

    def refusal(self, refused: Refused) -> Response:
        """A refusal in the words that this exchange has for it."""
        words = self._rules.refusals.get(f"{refused.status} {refused.code}")
        if words is None:
            return Response.refusal(refused)
        return worded(words)

    def no_route(self) -> Response:
        """The answer to a path that there is not."""
        words = self._rules.refusals.get(NO_ROUTE)
        return Response(status=404, headers=()) if words is None else worded(words)


def worded(words: str) -> Response:
    """An answer of a status, and perhaps a code and a text."""
    status, _, rest = words.partition(" ")
    if not rest:
        return Response(status=int(status), headers=())
    code, _, message = rest.partition(" ")
    return Response.json({"code": int(code), "message": message}, int(status))
