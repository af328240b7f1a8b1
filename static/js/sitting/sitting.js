// The life of the page: the server's clock and state, the deadline, pauses, and what the candidate is told.

import { dropBearings, keepBearings } from "./bearings.js";
import { asTime } from "./clock.js";
import { dropCopies } from "./offline_copy.js";
import { saveState, showCounts } from "./panel.js";
import { handIn } from "./hand_in.js";
import { say } from "./words.js";

const TICK = 250;
const SLEPT = 2000;
const JUST_HEARD = 3000;
const LAST_SPREAD = 2000;
const LATE_PATIENCE = 6000;
const OFFLINE_ASK = 15000;
/** After the grace, this long without the server: what it did not get is offered as a sealed file (ms). */
const OFFER_AFTER = 3000;
/** How often the server is asked (ms), with up to a third more by chance; in some phases more often. */
const ASK = 15000;
const ASK_EVERY = { not_open: 5000, ending: 2500, signed_out: 10000, safe_browser: 5000 };
/** Phases that follow from the clock: here the page shows what the bell says. */
const TIMED = new Set(["open", "handing_in", "paused", "ending"]);
/** Phases in which this page has nothing more to say to the server. */
const OVER = new Set(["closed", "other_device", "other_tab"]);

export class Sitting {
  constructor({ api, path, clock, sender, answers, journal, parts, places, paper }) {
    Object.assign(this, { api, path, clock, sender, answers, journal, parts, places, paper });
    this.phase = "loading";
    this.connection = "online";
    this.deadline = null;
    this.grace = 0;
    this.etag = null;
    this.asking = false;
    this.askAt = Infinity;
    this.askFailures = 0;
    this.heardAt = 0;
    this.rungAt = -Infinity;
    this.handing = null;
    this.refreshing = false;
    this.missing = 0;
    this.lag = Date.now() - performance.now();
  }

  /** Begin with the state that came with the page, heard at `times`. */
  async begin(state, times) {
    await this.answers.merge(state);
    this.answers.listen();
    this.hear(state, times);
    // What came too late before this page was loaded may count now.
    if (this.phase === "open") this.answers.reissueLate();
    this.tick();
    setInterval(() => this.tick(), TICK);
  }

  /** Begin from the offline copy: with what was known when the server was last heard. */
  async beginOffline(state) {
    this.connection = "offline";
    await this.answers.merge(state);
    this.answers.listen();
    this.grace = 1000 * state.grace_seconds;
    this.deadline = state.deadline ? Date.parse(state.deadline) : null;
    this.enter(state.state);
    this.showNotice();
    this.tick();
    setInterval(() => this.tick(), TICK);
    this.askAt = performance.now();
  }

  get isOver() {
    return OVER.has(this.phase);
  }

  left() {
    const now = this.clock.now();
    return this.deadline === null || now === null ? null : this.deadline - now;
  }

  /** Any answer of the server: its clock, the deadline, the state. */
  hear(body, { sent, received }) {
    if (body.grace_seconds !== undefined) this.grace = 1000 * body.grace_seconds;
    this.clock.sample(Date.parse(body.server_time), sent, received);
    // On its way when the bell rang, it may tell of the time before.
    const isOld = sent < this.rungAt && body.state !== "closed";
    if (!isOld) this.moveDeadline(body.deadline ? Date.parse(body.deadline) : null);
    this.heardFrom();
    if (isOld) {
      this.askAt = performance.now();
      return;
    }
    this.enter(body.state);
    if (this.phase !== "closed") this.keepBearings(body);
  }

  keepBearings({ deadline, state }) {
    const skew = this.clock.now() - Date.now();
    const { binding } = this.answers;
    keepBearings(this.paper.sitting, { skew, deadline, grace: this.grace / 1000, state, binding });
  }

  /** The bell: somebody changed the time. What cannot be taken back is done at the server's own word alone. */
  rung({ state, deadline }) {
    if (this.isOver) return;
    this.etag = null;
    this.rungAt = performance.now();
    if (state === "closed") {
      this.askAt = this.rungAt;
      return;
    }
    if (TIMED.has(this.phase)) {
      this.moveDeadline(Date.parse(deadline));
      this.enter(state);
    }
    this.keepBearings({ deadline, state });
  }

  heardFrom() {
    this.askFailures = 0;
    this.heardAt = performance.now();
    this.connect("online");
    this.planAsking();
  }

  moveDeadline(deadline) {
    const moved = this.deadline !== null && deadline !== null && deadline !== this.deadline;
    this.deadline = deadline;
    if (!moved) return;
    this.parts.clockFace.moved();
    if (this.left() > 0) {
      this.parts.clockFace.announce(say("clock_moved", { time: asTime(this.left()) }));
      this.answers.reissueLate();
    }
  }

  enter(state) {
    if (OVER.has(this.phase)) return;
    if (state === "closed") this.finish();
    else if (state === "paused") this.setPhase("paused");
    else if (state !== "open") this.setPhase("not_open");
    else if (this.left() !== null && this.left() <= 0) this.end();
    else if (this.phase !== "handing_in") this.setPhase("open");
  }

  setPhase(phase) {
    if (phase === this.phase) return;
    const before = this.phase;
    this.phase = phase;
    if (phase !== "handing_in") this.stopHandingIn();
    // What is being typed is taken before the inputs are locked.
    if (phase !== "open") this.answers.takeTyped();
    this.answers.items.forEach((item) => item.lock(phase !== "open"));
    this.parts.handInButtons.forEach((button) => {
      button.disabled = phase !== "open";
    });
    if (["open", "ending"].includes(phase) && this.sender.heldBy) this.sender.release();
    if (phase === "open" && before === "ending") this.sender.relax();
    if (phase === "open") this.parts.undelivered.withdraw();
    if (phase === "paused" || phase === "not_open") this.sender.heldBy = this.sender.heldBy || phase;
    this.planAsking();
    this.showNotice();
    this.refresh();
  }

  /** The deadline has passed: send what is left, each page at its own moment, and wait for the server to close. */
  end() {
    if (this.phase === "ending") return;
    this.sender.spread(Math.random() * Math.min(LAST_SPREAD, this.grace / 4));
    this.setPhase("ending");
  }

  async finish() {
    if (this.phase === "closed") return;
    this.setPhase("closed");
    this.parts.leaving?.end();
    await this.deliverLate();
    this.missing = this.answers.unsaved().length;
    this.showNotice();
    if (this.missing) {
      this.offer(this.places.receipt);
      return;
    }
    await this.journal.clear();
    await this.forget();
    window.location.assign(this.places.receipt);
  }

  /** Nothing of this sitting stays in the browser once the server has it all. */
  async forget() {
    dropBearings(this.paper.sitting);
    await dropCopies().catch(() => undefined);
  }

  /** The time is over and the server lacks answers: the code and the sealed file. */
  async offer(receipt = "") {
    await this.answers.takeTyped();
    this.parts.undelivered.offer({
      steps: this.journal.steps(),
      deadline: this.deadline,
      count: this.answers.unsaved().length,
      receipt,
    });
  }

  /** What was not delivered before the closing still goes to the server: stored, not counted, for a person to see. */
  async deliverLate() {
    await this.answers.takeTyped();
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), LATE_PATIENCE);
    this.sender.release();
    await this.sender.drained(patience.signal);
    clearTimeout(timer);
    this.sender.heldBy = "closed";
  }

  /** Another page of this browser goes on; make sure that it finds everything in the journal. */
  async yieldToOtherTab() {
    await this.answers.takeTyped();
    this.sender.heldBy = "other_tab";
    this.parts.leaving?.stop();
    this.setPhase("other_tab");
    this.answers.stopped = true;
    await this.journal.tail;
  }

  held(code) {
    this.etag = null;
    if (OVER.has(this.phase)) return;
    if (code === "closed") this.ask();
    else this.setPhase(code);
  }

  failed(failure) {
    this.connect(failure.status >= 400 ? "busy" : "offline");
  }

  /** Something on the way refuses this answer: it is tried again, and meanwhile the paper cannot be handed in. */
  stuck(step, status) {
    this.answers.outcome(step, "refused", status);
    if (this.phase === "handing_in") this.showProgress(say("hand_in_stuck"));
  }

  connect(connection) {
    if (connection === this.connection) return;
    this.connection = connection;
    if (connection === "online" && this.sender.failures) this.sender.online();
    this.answers.restate();
    if (this.phase === "handing_in") this.showProgress(say("hand_in_saving"));
    this.showNotice();
    this.refresh();
  }

  // ---- asking the server when it has not been heard for a while

  planAsking() {
    if (OVER.has(this.phase)) {
      this.askAt = Infinity;
      return;
    }
    const every = ASK_EVERY[this.phase] ?? ASK;
    let delay = every * (1 + Math.random() / 3) * 1.5 ** Math.min(3, this.askFailures);
    if (this.connection === "offline") delay = Math.min(delay, OFFLINE_ASK);
    const left = this.left();
    // At the end: first when the grace is over, for then the server closes.
    if (this.phase === "ending" && left !== null) delay = Math.max(delay, left + this.grace + Math.random() * 2000);
    this.askAt = performance.now() + delay;
  }

  async state() {
    const reply = await this.api.call("GET", this.path, { etag: this.etag });
    // "Unchanged" since before the bell would say nothing of what it changed.
    this.etag = reply.sent < this.rungAt ? null : reply.etag;
    return reply;
  }

  async ask() {
    if (this.asking || OVER.has(this.phase)) return;
    this.asking = true;
    this.askAt = Infinity;
    try {
      const reply = await this.state();
      if (reply.status === 304) this.heardFrom();
      else {
        if (reply.body.binding !== this.answers.binding) await this.answers.adopt(reply.body);
        if (this.phase === "signed_out") this.phase = "loading";
        this.hear(reply.body, reply);
      }
    } catch (failure) {
      this.askFailures += 1;
      if (["other_device", "signed_out", "paused", "not_open", "safe_browser"].includes(failure.code)) this.sender.hold(failure.code);
      else this.failed(failure);
      this.planAsking();
    } finally {
      this.asking = false;
    }
  }

  /** The page may have been away: the computer slept, the tab was hidden, the network changed. */
  wake(delay = 0) {
    if (OVER.has(this.phase)) return;
    this.sender.online();
    if (performance.now() - this.heardAt > JUST_HEARD) this.askAt = performance.now() + delay;
  }

  tick() {
    const lag = Date.now() - performance.now();
    if (Math.abs(lag - this.lag) > SLEPT) this.wake();
    this.lag = lag;
    const left = this.left();
    this.parts.clockFace.show(left, { paused: this.phase === "paused" });
    if (left !== null && left <= 0 && ["open", "handing_in"].includes(this.phase)) this.end();
    const over = this.phase === "ending" && left !== null && left + this.grace < -OFFER_AFTER;
    if (over && !this.parts.undelivered.offered && this.connection !== "online" && this.answers.unsaved().length) this.offer();
    if (performance.now() >= this.askAt && !this.sender.inFlight) this.ask();
  }

  // ---- handing in

  async startHandIn() {
    if (this.phase !== "open") return;
    const stop = new AbortController();
    this.handing = stop;
    this.setPhase("handing_in");
    const receipt = await handIn({
      api: this.api,
      path: this.path,
      paper: this.paper,
      answers: this.answers,
      state: async () => (await this.api.call("GET", this.path)).body,
      signal: stop.signal,
      onProgress: (text) => stop.signal.aborted || this.showProgress(text),
    });
    if (receipt) {
      this.finish();
      return;
    }
    await this.ask();
    if (this.phase !== "handing_in" || this.handing !== stop) return;
    this.setPhase("open");
    this.parts.dialog.open();
    this.parts.dialog.failed(say("hand_in_failed"));
  }

  showProgress(text) {
    this.parts.dialog.progress(this.connection === "online" ? text : say("hand_in_waiting"));
  }

  cancelHandIn() {
    if (this.phase === "handing_in") this.setPhase("open");
  }

  stopHandingIn() {
    if (this.handing) this.handing.abort();
    this.handing = null;
    this.parts.dialog.progress("");
    if (this.parts.dialog.dialog.open) this.parts.dialog.dialog.close();
  }

  // ---- what the candidate sees

  showNotice() {
    const memory = this.journal.persistent ? "" : "_memory";
    const { phase } = this;
    if (phase === "closed") {
      if (this.missing) this.notice("closed", { key: "notice_closed_missing", count: this.missing, link: "receipt" });
      else this.notice("closed");
    } else if (phase === "signed_out") {
      this.notice(phase, { key: `notice_signed_out${memory}`, link: "signIn" });
    } else if (phase === "other_device") {
      const count = this.answers.unsaved().length;
      this.notice(phase, { key: `notice_other_device${count ? "_missing" : ""}`, count, link: "signIn" });
    } else if (["paused", "not_open", "ending", "other_tab", "safe_browser"].includes(phase)) {
      this.notice(phase);
    } else if (this.connection === "offline") {
      this.notice("offline", { key: `notice_offline${memory}` });
    } else {
      this.parts.notice.hidden = true;
      this.parts.root.classList.remove("has-notice");
    }
  }

  notice(name, { key = `notice_${name}`, count, link } = {}) {
    const { notice } = this.parts;
    const find = (part) => notice.querySelector(`[data-${part}]`);
    find("title").textContent = say(`notice_${name}_title`);
    find("text").textContent = say(key, { count });
    find("link-line").hidden = !link;
    if (link) {
      find("link").textContent = say(link === "receipt" ? "link_receipt" : "link_sign_in");
      find("link").href = this.places[link];
    }
    notice.hidden = false;
    this.parts.root.classList.add("has-notice");
  }

  /** Counts, card and state of saving; many changes in one moment are drawn once. */
  refresh() {
    if (this.refreshing) return;
    this.refreshing = true;
    requestAnimationFrame(() => {
      this.refreshing = false;
      const { card, root, saveElement } = this.parts;
      card.refresh();
      showCounts(root, this.answers.items);
      const [state, text] = saveState({
        connection: this.connection,
        persistent: this.journal.persistent,
        answers: this.answers,
      });
      saveElement.dataset.state = state;
      if (saveElement.textContent !== text) saveElement.textContent = text;
    });
  }
}
