// Requests, and the stream of events: by fetch, whose answers say why there is no stream.

export class Answer extends Error {
  constructor(status, why) {
    super(why);
    this.status = status;
  }
}

let csrf = "";
export const rememberCsrf = (value) => (csrf = value ?? "");

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Answer(response.status, body.why ?? `the server answers ${response.status}`);
  return body;
}

export const get = async (path) => answer(await fetch(path, { credentials: "same-origin" }));

export async function post(path, body = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRF": csrf };
  return answer(await fetch(path, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) }));
}

// The token is in the fragment, which no server is ever sent; it is taken out of the address at once.
export async function login(address) {
  const token = address.includes("#") ? address.slice(address.indexOf("#") + 1) : address.trim();
  history.replaceState(null, "", location.pathname);
  const told = await post("/login", { token });
  rememberCsrf(told.csrf);
}

// Reads events until the stream ends or is aborted; `take` gets event, data and id.
export async function listen(lastId, signal, take) {
  const headers = lastId ? { "Last-Event-ID": String(lastId) } : {};
  const response = await fetch("/events", { credentials: "same-origin", headers, signal });
  if (!response.ok) await answer(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames = (rest + value).split("\n\n");
    rest = frames.pop();
    for (const frame of frames) {
      const event = { event: "comment", id: null, data: "" };
      for (const line of frame.split("\n")) {
        const at = line.indexOf(": ");
        if (at > 0) event[line.slice(0, at)] = line.slice(at + 2);
      }
      take(event.event, event.data ? JSON.parse(event.data) : null, Number(event.id));
    }
  }
}
