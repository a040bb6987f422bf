// The drawer: one incident, asked from the server when somebody wants it, set as text.
import { getJson, isAbort } from "./answers.js";
import { linkTo, make } from "./elements.js";
import { kindOf } from "./list.js";
import { symbolOf } from "./style.js";
import { intervalBar, pictureOf } from "./symbols.js";
import { damageWords, labelOf, moment, number, say, span } from "./words.js";

/** The drawer in `root`. `onClose()` is called when it closes. */
export class Drawer {
  constructor(root, settings, onClose) {
    Object.assign(this, { root, settings, onClose });
    this.body = root.querySelector(".drawer-body");
    this.heading = root.querySelector("h2");
    root.querySelector(".drawer-close").addEventListener("click", () => this.close());
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /** Open with one incident. `from` gets the focus back when the drawer closes. */
  async open(feature, from) {
    const { id } = feature.properties;
    this.#show(kindOf(feature.properties), from, outlineOf(feature.properties));
    this.stop = new AbortController();
    try {
      const whole = await getJson(`${this.settings.incidents}/${encodeURIComponent(id)}`, this.stop.signal);
      this.heading.textContent = kindOf(whole.properties);
      this.body.replaceChildren(...wholeOf(whole, this.settings));
      return whole;
    } catch (error) {
      if (isAbort(error)) return null;
      this.body.append(make("p", { class: "notice notice-bad", role: "alert" }, say("not_loaded"), " ", error.message));
      return null;
    }
  }

  /** Offer several incidents that lie at one place. */
  choose(features, open) {
    const buttons = features.map((feature) => {
      const { properties } = feature;
      const words = make("span", {}, kindOf(properties), make("br"), damageWords(properties.damage_low, properties.damage_high));
      const picture = pictureOf(symbolOf(properties, "damage"));
      const button = make("button", { type: "button", class: "incident" }, picture, words);
      button.addEventListener("click", () => open(feature, button));
      return make("li", {}, button);
    });
    this.#show(say("several_here", { count: number(features.length) }), null, [make("ol", { class: "incidents" }, ...buttons)]);
  }

  #show(title, from, content) {
    this.stop?.abort();
    this.from = from ?? this.from;
    this.heading.textContent = title;
    this.body.replaceChildren(...content);
    this.root.hidden = false;
    this.root.scrollTop = 0;
    this.heading.focus({ preventScroll: true });
  }

  /** Close, and give the focus back to where it came from. */
  close() {
    if (this.root.hidden) return;
    this.stop?.abort();
    this.root.hidden = true;
    this.onClose();
    (this.from?.isConnected ? this.from : document.getElementById("list-count")).focus();
    this.from = null;
  }
}

/** What is known before the server has answered. */
function outlineOf(properties) {
  return [stateOf(properties), factsOf(properties)];
}

function wholeOf({ properties }, settings) {
  return [
    stateOf(properties),
    factsOf(properties),
    caseLink(properties, settings),
    section(say("reports"), listOf(properties.report_list).map(reportOf)),
    section(say("history"), listOf(properties.history).map(stepOf)),
    properties.hidden_assessments > 0 && make("p", { class: "entry-facts" }, say("hidden_assessments")),
  ].filter(Boolean);
}

function listOf(value) {
  return Array.isArray(value) ? value : [];
}

function stateOf({ status, damage_low: low, damage_high: high }) {
  const words = damageWords(low, high);
  return make(
    "div",
    { class: "drawer-state" },
    make("span", { class: `badge state-${status}` }, labelOf("states", status)),
    make("p", { class: "drawer-damage" }, intervalBar(low, high, words), make("span", {}, words)),
  );
}

function factsOf(properties) {
  const facts = [
    [say("sector"), labelOf("sectors", properties.sector)],
    [say("asset"), properties.asset && labelOf("assets", properties.asset)],
    [say("service"), properties.service_state && labelOf("services", properties.service_state)],
    [say("happened"), spanOf(properties.happened_from, properties.happened_to)],
    [say("first_reported"), properties.first_reported_at && moment(properties.first_reported_at)],
    [say("verified_at"), properties.verified_at && moment(properties.verified_at)],
    [say("counts"), countsOf(properties)],
    [say("needs"), listOf(properties.needs).join(", ")],
    [say("people"), rangeOf(properties.people_affected_low, properties.people_affected_high)],
    [say("accuracy"), properties.position_accuracy_m && say("metres", { count: number(Math.round(properties.position_accuracy_m)) })],
    [say("photos"), listOf(properties.evidence).length > 0 && number(properties.evidence.length)],
    [say("area"), Object.values(properties.area_codes ?? {}).join(" · ")],
  ];
  const rows = facts.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  return make("dl", { class: "facts" }, ...rows);
}

function countsOf({ reports, sources, origins }) {
  if (typeof reports !== "number") return "";
  return say("three_counts", { reports: number(reports), sources: number(sources ?? 0), origins: number(origins ?? 0) });
}

function spanOf(from, to) {
  return from ? span(from, to ?? from) : "";
}

function rangeOf(low, high) {
  if (low == null && high == null) return "";
  return low === high || high == null ? number(low ?? high) : say("from_to", { low: number(low), high: number(high) });
}

function caseLink({ id }, { case: address }) {
  if (!address) return null;
  return make("p", {}, make("a", { class: "button", href: address.replace("{id}", encodeURIComponent(id)) }, say("open_case")));
}

function section(title, items) {
  if (items.length === 0) return null;
  return make("section", {}, make("h3", {}, title), make("ol", { class: "entries" }, ...items));
}

function reportOf({ text, location_text: place, channel, received_at: received, observed_at: observed, source_url: address, why_in_words: why }) {
  const when = observed ?? received;
  return make(
    "li",
    {},
    make("p", { class: "entry-facts" }, [when && moment(when), channel].filter(Boolean).join(" · ")),
    text && make("p", { class: "quoted", dir: "auto" }, text),
    place && make("p", { class: "entry-facts", dir: "auto" }, place),
    address && make("p", {}, linkTo(address)),
    whyOf(why),
  );
}

function whyOf(why) {
  return why ? make("p", { class: "entry-facts" }, say("why", { words: why })) : null;
}

function stepOf({ kind, decided_at: decided, actor, reason, state_after: after }) {
  const facts = [labelOf("decisions", kind), labelOf("states", after), decided && moment(decided), actor];
  return make(
    "li",
    {},
    make("p", { class: "entry-facts" }, facts.filter(Boolean).join(" · ")),
    reason && make("p", { class: "quoted", dir: "auto" }, reason),
  );
}
