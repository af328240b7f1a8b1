// The waiting room: the server's clock, the countdown, and the paper as soon as it may be opened.

import { Api } from "../sitting/api.js";
import { asTime, ServerClock } from "../sitting/clock.js";

const TICK = 250;
const ASK_EVERY = 20000;
const ASK_WHEN_HELD = 5000;
/** A whole hall opens its papers in the same second: each page waits its own moment. */
const SPREAD = 2000;
const FIRST_WAIT = 2000;
const LONGEST_WAIT = 15000;
const DAY = 24 * 3600 * 1000;

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** `1 天 02:03:04` above a day, else `02:03:04`. */
export function countdown(milliseconds, words) {
  const days = Math.floor(milliseconds / DAY);
  return days > 0 ? fill(words.days, { days, time: asTime(milliseconds % DAY) }) : asTime(milliseconds);
}

class WaitingRoom {
  constructor(place) {
    this.place = place;
    this.told = read("waiting-state");
    this.words = read("waiting-words");
    this.api = new Api({ base: "/api/v1", token: "" });
    this.clock = new ServerClock();
    this.opensAt = Date.parse(this.told.opens_at);
    this.button = place.querySelector("[data-start]");
    this.starting = false;
    this.failures = 0;
    this.notBefore = 0;
    this.announced = false;
    this.lost = false;
  }

  begin() {
    const [entry] = performance.getEntriesByType("navigation");
    const sent = entry && entry.responseStart ? entry.requestStart : performance.now();
    const received = entry && entry.responseStart ? entry.responseStart : performance.now();
    this.clock.sample(Date.parse(this.told.server_time), sent, received);
    this.button.addEventListener("click", () => this.start());
    this.spread = Math.random() * SPREAD;
    this.tick();
    setInterval(() => this.tick(), TICK);
    this.plan();
  }

  say(text) {
    this.place.querySelector("[data-message]").textContent = text;
  }

  tick() {
    const now = this.clock.now();
    const left = this.opensAt - now;
    if (this.told.held_elsewhere) return;
    this.place.querySelector("[data-countdown]").textContent = countdown(Math.max(0, left), this.words);
    this.place.querySelector("[data-now]").textContent = new Date(now).toLocaleTimeString("zh-CN", {
      hour12: false,
      timeZone: this.told.time_zone,
    });
    if (left > 0) return;
    this.place.querySelector("[data-countdown]").hidden = true;
    this.place.querySelector("[data-countdown-label]").textContent = this.words.opened;
    this.button.disabled = this.starting;
    if (!this.announced) this.say(this.words.now_open);
    this.announced = true;
    const mayOpen = left + this.spread <= 0 && performance.now() >= this.notBefore;
    if (this.told.mode === "fixed" && mayOpen && !this.starting && !this.refused) this.start();
  }

  /** A look now and then keeps the clock right, and finds the sitting open that another page has begun. */
  plan() {
    const every = this.told.held_elsewhere ? ASK_WHEN_HELD : ASK_EVERY;
    setTimeout(() => this.ask(), every * (0.8 + 0.4 * Math.random()));
  }

  async ask() {
    try {
      const { body, sent, received } = await this.api.call("GET", `/sittings/${this.told.sitting}`);
      this.clock.sample(Date.parse(body.server_time), sent, received);
      if (this.lost) this.say(this.announced ? this.words.now_open : "");
      this.lost = false;
      if (["open", "paused", "closed"].includes(body.state)) this.enter();
    } catch (failure) {
      if (failure.code === "signed_out") window.location.reload();
      else if (failure.code === "network" && !this.starting) this.loseServer();
    }
    this.plan();
  }

  loseServer() {
    this.lost = true;
    this.say(this.words.lost);
  }

  async start() {
    if (this.starting) return;
    this.starting = true;
    this.button.disabled = true;
    this.say(this.words.starting);
    try {
      await this.api.call("POST", `/sittings/${this.told.sitting}/start`, { body: { commitment: this.told.commitment } });
      this.enter();
    } catch (failure) {
      this.notOpened(failure);
    }
  }

  notOpened(failure) {
    this.starting = false;
    this.button.disabled = false;
    if (failure.code === "signed_out") {
      window.location.reload();
      return;
    }
    const known = failure.status >= 400 && failure.status < 500;
    if (known) this.say(fill(this.words.failed, { message: failure.message }));
    else this.loseServer();
    this.announced = true;
    // What the server refuses it will refuse again, unless it was merely too early.
    this.refused = known && failure.code !== "not_open" && failure.code !== "csrf";
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures);
    this.failures += 1;
    this.notBefore = performance.now() + wait * (0.5 + Math.random() / 2);
  }

  enter() {
    window.location.assign(this.told.sheet);
  }
}

const place = document.querySelector("[data-waiting]");
if (place) new WaitingRoom(place).begin();
