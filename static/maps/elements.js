// Makes elements out of words. What strangers wrote only ever becomes a text node.

/** Return an element; `attributes` are set as attributes, strings among `children` become text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) throw new Error("give listeners with addEventListener");
    if (value !== false && value != null) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

/** Return the parsed content of a `<script type="application/json">`. */
export function dataOf(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

/** Return a link to an address of the web, or its plain text where it is none: no other scheme opens. */
export function linkTo(address, words = address) {
  const isWeb = /^https?:\/\//i.test(address);
  return isWeb ? make("a", { href: address, rel: "noopener noreferrer nofollow", target: "_blank" }, words) : words;
}

/** Return `text` with %(name)s replaced, as the translations write it. */
export function filled(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_, name) => String(values[name] ?? ""));
}
