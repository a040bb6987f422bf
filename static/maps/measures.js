// What an area is coloured by, and the same figures as a table for those who do not see colours.
import { make } from "./elements.js";
import { figure, number, say } from "./words.js";

const PEOPLE = 10_000;

/** Return an area's figure: null where it would need a population that nobody knows. */
export function valueOf(count, { properties: { people, km2 } }, measure) {
  if (measure === "per_people") return people > 0 ? (count / people) * PEOPLE : null;
  if (measure === "per_km2") return km2 > 0 ? count / km2 : null;
  return count;
}

/** Fill the table in `body` with every counted area's three figures, the largest of `measure` first. */
export function tabulate(body, { measure, values, counts, features }) {
  const rows = features.filter(({ id }) => counts.has(id));
  rows.sort((a, b) => (values.get(b.id) ?? -1) - (values.get(a.id) ?? -1));
  body.replaceChildren(...rows.map((feature) => rowOf(feature, counts.get(feature.id))));
  body.closest("details").hidden = rows.length === 0;
}

function rowOf(feature, count) {
  const { code, name } = feature.properties;
  const cell = (value) => make("td", { class: "number" }, value == null ? say("not_known") : figure(value));
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, name || code),
    make("td", { class: "number" }, number(count)),
    cell(valueOf(count, feature, "per_people")),
    cell(valueOf(count, feature, "per_km2")),
  );
}
