// The page's language: translated labels, dates in the crisis' own time zone, numbers.
import { dataOf, filled } from "./elements.js";

const texts = dataOf("map-texts");
const { language, timezone } = dataOf("map-settings");
const numbers = new Intl.NumberFormat(language);
const shares = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
const days = new Intl.DateTimeFormat(language, { timeZone: timezone, day: "numeric", month: "short", year: "numeric" });
const daysOfYear = new Intl.DateTimeFormat(language, { timeZone: timezone, day: "numeric", month: "short" });
const ages = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const AGES = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
const moments = new Intl.DateTimeFormat(language, { timeZone: timezone, dateStyle: "medium", timeStyle: "short" });

/** A translated sentence with its values put in. */
export function say(name, values = {}) {
  return filled(texts.words[name] ?? name, values);
}

/** The label of a code of the vocabulary, such as `labelOf("sectors", "health")`. */
export function labelOf(kind, code) {
  return texts[kind]?.[code] ?? code ?? "";
}

/** A number as the language writes it. */
export function number(value) {
  return numbers.format(value);
}

/** A figure that may be a share: three digits that count. */
export function figure(value) {
  return Number.isInteger(value) ? number(value) : shares.format(value);
}

/** A day, its year left out where it is this one. */
export function shortDay(time) {
  const date = new Date(time);
  return (date.getFullYear() === new Date().getFullYear() ? daysOfYear : days).format(date);
}

/** Two days with a dash between, or the one. */
export function span(from, to) {
  return days.formatRange(new Date(from), new Date(to));
}

/** A day with its time, in the crisis' time zone. */
export function moment(time) {
  return moments.format(new Date(time));
}

/** How long ago a time was, such as “3 minutes ago”. */
export function ago(time) {
  const seconds = (Date.parse(time) - Date.now()) / 1000;
  const [unit, size] = AGES.find(([, length]) => Math.abs(seconds) >= length) ?? AGES.at(-1);
  return ages.format(Math.round(seconds / size), unit);
}

/** An interval of damage in words: one grade's name, two joined by a dash, or that nothing is known. */
export function damageWords(low, high) {
  if (low == null || high == null) return say("unknown_damage");
  if (low === high) return labelOf("grades", low);
  return `${labelOf("grades", low)} – ${labelOf("grades", high)}`;
}
