// What is always in sight: the clock, the state of saving, the counts and the answer card.

import { announcement, asTime } from "./clock.js";
import { say } from "./words.js";

const LAST_MINUTES = 5 * 60000;
/** So long the clock says that somebody has changed the time (ms). */
const MOVED_SHOWN = 60000;

export class ClockFace {
  constructor(element, liveElement) {
    this.element = element;
    this.label = element.querySelector("[data-label]");
    this.time = element.querySelector("[data-time]");
    this.live = liveElement;
    this.before = null;
    this.movedAt = -Infinity;
  }

  /** Show the time left in ms; `paused` shows a word instead. */
  show(left, { paused = false } = {}) {
    const last = !paused && left !== null && left <= LAST_MINUTES;
    const text = paused ? say("clock_paused") : left === null ? "--:--" : asTime(left);
    if (this.time.textContent !== text) this.time.textContent = text;
    const label = say(last ? (left <= 0 ? "clock_over" : "clock_last_minutes") : this.hasMoved ? "clock_left_moved" : "clock_left");
    if (this.label.textContent !== label) this.label.textContent = label;
    this.element.classList.toggle("is-last", last);
    if (paused || left === null) return;
    const minutes = this.before === null ? null : announcement(this.before, left);
    if (minutes !== null) this.announce(say("clock_announce", { minutes }));
    this.before = left;
  }

  get hasMoved() {
    return performance.now() - this.movedAt < MOVED_SHOWN;
  }

  /** The deadline is another one now. */
  moved() {
    this.before = null;
    this.movedAt = performance.now();
  }

  announce(text) {
    this.live.textContent = text;
  }
}

export class AnswerCard {
  /** `items` in the order of the paper; sections give the card its headings. */
  constructor(element, items) {
    this.links = new Map();
    const bySection = new Map();
    items.forEach((item) => {
      const section = item.element.closest("section");
      if (!bySection.has(section)) bySection.set(section, []);
      bySection.get(section).push(item);
    });
    bySection.forEach((members, section) => element.append(this.section(section, members)));
  }

  section(section, members) {
    const group = document.createElement("div");
    group.className = "card-section";
    const title = document.createElement("h3");
    title.textContent = section.dataset.title;
    const list = document.createElement("ol");
    list.className = "card-items";
    members.forEach((item) => {
      const link = document.createElement("a");
      link.href = `#${item.element.id}`;
      link.textContent = item.slot;
      link.className = "card-item";
      this.links.set(item, link);
      const entry = document.createElement("li");
      entry.append(link);
      list.append(entry);
    });
    group.append(title, list);
    return group;
  }

  refresh() {
    this.links.forEach((link, item) => {
      const trouble = item.saveState === "refused" || (item.saveState === "waiting" && "waiting");
      link.classList.toggle("is-answered", item.answered);
      link.classList.toggle("is-flagged", item.flagged);
      link.classList.toggle("is-unsaved", Boolean(trouble));
      const words = [say("card_item", { slot: item.slot }), say(item.answered ? "card_answered" : "card_unanswered")];
      if (item.flagged) words.push(say("card_flagged"));
      if (trouble) words.push(say("card_unsaved"));
      const name = words.join(say("card_joiner"));
      if (link.getAttribute("aria-label") !== name) link.setAttribute("aria-label", name);
    });
  }
}

/** Write the counts wherever the page shows them. */
export function showCounts(root, items) {
  const numbers = {
    answered: items.filter((item) => item.answered).length,
    unanswered: items.filter((item) => !item.answered).length,
    flagged: items.filter((item) => item.flagged).length,
    all: items.length,
  };
  root.querySelectorAll("[data-count]").forEach((element) => {
    const text = String(numbers[element.dataset.count]);
    if (element.textContent !== text) element.textContent = text;
  });
}

/** The one sentence on the state of saving. */
export function saveState({ connection, persistent, answers }) {
  const waiting = answers.items.filter((item) => item.saveState === "waiting").length;
  const refused = answers.items.filter((item) => item.saveState === "refused").length;
  if (connection === "offline") return ["offline", say(persistent ? "save_offline" : "save_offline_memory")];
  if (connection === "busy") return ["busy", say("save_busy")];
  if (waiting) return ["waiting", say("save_waiting", { count: waiting })];
  if (refused) return ["refused", say("save_refused", { count: refused })];
  return ["saved", say("save_all")];
}

/** The answer card as a sheet above the bottom bar of a narrow screen. */
export function makeFoldable(panel, button, card) {
  const fold = (open) => {
    panel.classList.toggle("is-open", open);
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => fold(!panel.classList.contains("is-open")));
  card.addEventListener("click", (event) => {
    if (event.target.closest("a")) fold(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !panel.classList.contains("is-open")) return;
    fold(false);
    button.focus();
  });
}
