// What the candidate answered: from the input to the journal to the sender, and what became of each answer.

import { watch } from "./items.js";

/** How long a pause in typing ends a change, and how long typing without a pause may go unsaved (ms): every step of a long
    text holds the whole of it. */
const SHORT = { pause: 800, longest: 3000 };
const LONG = { pause: 1500, longest: 12000 };
const TEXT_BATCH = 150;

const newer = (one, other) => one.binding > other.binding || (one.binding === other.binding && one.seq > other.seq);

export class Answers {
  /** `describe(status, code)` gives the words for an item; `onChange` is called after anything changed. */
  constructor({ items, journal, sender, clock, binding, describe, onChange }) {
    Object.assign(this, { items, journal, sender, clock, binding, describe, onChange });
    this.bySlot = new Map(items.map((item) => [item.slot, item]));
    this.floor = 0;
    this.latest = new Map();
    this.typing = new Map();
    this.writing = 0;
    this.stopped = false;
  }

  listen() {
    this.items.forEach((item) => watch(item, {
      onChange: (one) => this.take(one),
      onTyping: (one) => this.wait(one),
      onLeave: (one) => this.take(one, TEXT_BATCH),
    }));
  }

  /** Show what the server has and what only this browser has; queue what is missing there. */
  async merge({ answers, acknowledged }) {
    const ours = Object.values(answers).filter(({ binding }) => binding === this.binding);
    this.floor = Math.max(acknowledged, 0, ...ours.map(({ seq }) => seq));
    const steps = this.journal.steps();
    const newest = new Map(steps.map((step) => [step.slot, step]));
    const again = [];
    for (const item of this.items) {
      const there = answers[item.slot];
      const here = newest.get(item.slot);
      if (here && (!there || newer(here, there))) {
        item.show(here.response);
        if (here.binding !== this.binding || here.refused === "conflict") again.push(item);
        else this.mark(item, here, this.statusOf(here, acknowledged), here.refused);
      } else if (there) {
        item.show(there.response);
        this.mark(item, there, "saved");
      } else {
        this.mark(item, null, "");
      }
    }
    steps
      .filter((step) => step.binding === this.binding && step.seq > acknowledged && !step.refused)
      .forEach((step) => this.sender.add(step));
    await Promise.all(again.map((item) => this.record(item)));
  }

  statusOf(step, acknowledged) {
    if (step.refused) return "refused";
    return step.seq > acknowledged ? "waiting" : "saved";
  }

  /** A keystroke: wait for a pause, but not for ever. */
  wait(item) {
    const now = performance.now();
    const { since = now, timer } = this.typing.get(item) || {};
    clearTimeout(timer);
    const { pause, longest } = item.long ? LONG : SHORT;
    const delay = Math.max(0, Math.min(pause, since + longest - now));
    // A text is stamped with its last keystroke, not with the moment at which it is taken.
    const at = this.clock.now();
    this.typing.set(item, { since, at, timer: setTimeout(() => this.take(item, TEXT_BATCH), delay) });
    this.show(item, "waiting");
    this.onChange();
  }

  /** Take over what the inputs of an item show, if it changed. */
  take(item, within) {
    const typed = this.typing.get(item);
    if (typed) {
      clearTimeout(typed.timer);
      this.typing.delete(item);
    }
    if (this.stopped) return Promise.resolve();
    if (item.read()) return this.record(item, within, typed?.at);
    this.restore(item);
    return Promise.resolve();
  }

  /** Take over every text that is still being typed. */
  async takeTyped() {
    await Promise.all([...this.typing.keys()].map((item) => this.take(item, TEXT_BATCH)));
    await this.journal.tail;
  }

  clear(item) {
    item.show([]);
    return this.record(item);
  }

  async record(item, within, changedAt) {
    this.show(item, "waiting");
    this.writing += 1;
    this.onChange();
    const { slot, response } = item;
    const at = new Date(changedAt ?? this.clock.now() ?? Date.now()).toISOString();
    const { binding } = this;
    try {
      const step = await this.journal.append(binding, this.floor, { slot, response, at });
      if (!this.latest.get(slot) || newer(step, this.latest.get(slot).step)) this.mark(item, step, "waiting");
      if (binding === this.binding) this.sender.add(step, within);
      else await this.record(item, within, changedAt);
    } finally {
      this.writing -= 1;
      this.onChange();
    }
  }

  mark(item, step, status, code = null) {
    this.latest.set(item.slot, step && { step, status, code });
    this.show(item, status, code);
  }

  show(item, status, code = null) {
    item.showState(status, this.describe(status, code));
  }

  restore(item) {
    const known = this.latest.get(item.slot);
    this.show(item, known ? known.status : "", known ? known.code : null);
    this.onChange();
  }

  /** The words for waiting answers depend on the connection. */
  restate() {
    this.items.forEach((item) => {
      if (item.saveState === "waiting") this.show(item, "waiting");
    });
  }

  saved(steps) {
    steps.forEach((step) => this.outcome(step, "saved"));
  }

  refused(step, code) {
    this.journal.refuse(step, code);
    const item = this.bySlot.get(step.slot);
    // Another page used this number for something else: what stands here now goes out under a new one.
    if (code === "conflict" && item && this.isLatest(step)) this.record(item);
    else this.outcome(step, "refused", code);
  }

  isLatest(step) {
    const known = this.latest.get(step.slot);
    return known && known.step.binding === step.binding && known.step.seq === step.seq;
  }

  outcome(step, status, code = null) {
    const item = this.bySlot.get(step.slot);
    if (!item || !this.isLatest(step)) return;
    if (this.typing.has(item)) this.latest.set(step.slot, { step, status, code });
    else this.mark(item, step, status, code);
    this.onChange();
  }

  /** The deadline was moved: what came too late before may count now. */
  reissueLate() {
    this.items
      .filter(({ slot }) => this.latest.get(slot)?.code === "late")
      .forEach((item) => this.record(item));
  }

  /** Send again whatever the server shows differently; true when there was something. */
  async supply(there) {
    const differing = this.items.filter(({ slot, response }) =>
      JSON.stringify(there[slot]?.response ?? []) !== JSON.stringify(response));
    await Promise.all(differing.map((item) => this.record(item)));
    return differing.length > 0;
  }

  /** A new turn of this device: what is not yet saved goes out under its numbers, what another one saved since is shown. */
  async adopt({ binding, answers, acknowledged }) {
    this.binding = binding;
    this.floor = acknowledged;
    this.sender.rebind(binding);
    const left = [];
    this.items.forEach((item) => {
      const known = this.latest.get(item.slot);
      const there = answers[item.slot];
      if (there && (!known || newer(there, known.step))) {
        // Answered on another device in between. What is being typed here is newer still.
        if (this.typing.has(item)) return;
        item.show(there.response);
        this.mark(item, there, "saved");
      } else if (known && known.status !== "saved") left.push(item);
    });
    await Promise.all(left.map((item) => this.record(item)));
  }

  responses() {
    return new Map(this.items.map(({ slot, response }) => [slot, response]));
  }

  /** Items whose last state has not reached the server. */
  unsaved() {
    return this.items.filter((item) => item.saveState === "waiting" || item.saveState === "refused");
  }

  get busy() {
    return this.writing > 0 || this.typing.size > 0 || this.sender.unsent > 0;
  }
}
