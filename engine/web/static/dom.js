// Elements made of values. Text only ever becomes text: nothing here reads markup.

export const $ = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "onclick") made.addEventListener("click", value);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined).map(asNode));
  return made;
}

const asNode = (child) => (child instanceof Node ? child : document.createTextNode(String(child)));

export function put(parent, ...children) {
  parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined).map(asNode));
}

// Writes a text only where it differs, so that nothing is announced or laid out again for nothing.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function table(node, heads, rows, empty) {
  const head = el("thead", {}, el("tr", {}, ...heads.map(([text, kind]) => el("th", { scope: "col", class: kind }, text))));
  const body = el("tbody");
  if (!rows.length) body.append(el("tr", {}, el("td", { colspan: heads.length, class: "empty" }, empty)));
  for (const row of rows) {
    body.append(el("tr", {}, ...row.map((cell, at) => el("td", { class: heads[at][1] }, cell))));
  }
  put(node, head, body);
}

export function figures(node, pairs) {
  put(node, ...pairs.map(([name, value, kind]) => el("div", {}, el("dt", {}, name), el("dd", { class: kind }, value))));
}
