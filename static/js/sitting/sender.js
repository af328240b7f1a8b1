// Sends journaled steps in batches, one request at a time, until the server has acknowledged every one.

const MOST_STEPS = 50;
const BATCH_AFTER = 600;
const BATCH_BY = 1200;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;
const LONGEST_WAIT_AT_THE_END = 2000;

/** Codes after which nothing may be sent until the page says so. */
const HOLDING = new Set(["closed", "paused", "not_open", "other_device", "signed_out", "safe_browser"]);
/** Codes that concern single steps: a refused batch is split until the step at fault stands alone. */
const OF_STEPS = new Set(["late", "conflict", "unknown_slot", "bad_response", "too_large"]);

export class Sender {
  /**
   * `report` is what the page wants to hear: answered(reply), saved(steps), refused(step, code), stuck(step, status), failed(failure),
   * held(code), changed().
   */
  constructor({ api, path, binding, report }) {
    Object.assign(this, { api, path, binding, report });
    this.queue = [];
    this.inFlight = false;
    this.heldBy = null;
    this.failures = 0;
    this.limit = MOST_STEPS;
    this.longestWait = LONGEST_WAIT;
    this.timer = null;
    this.oldest = null;
    this.notBefore = 0;
    this.waiting = [];
    this.behind = new WeakMap();
    this.turns = 0;
  }

  get unsent() {
    return this.queue.length;
  }

  /** Take a journaled step; it leaves with the others of the same second. */
  add(step, within = BATCH_AFTER) {
    this.queue.push(step);
    this.order();
    const now = performance.now();
    if (this.oldest === null) this.oldest = now;
    if (!this.failures) this.schedule(Math.max(0, Math.min(within, this.oldest + BATCH_BY - now)));
    this.report.changed();
  }

  /** By number; what was refused alone comes behind all others, the last refused at the end. */
  order() {
    const turn = (step) => this.behind.get(step) || 0;
    this.queue.sort((a, b) => turn(a) - turn(b) || a.seq - b.seq);
  }

  /** Send what there is, now (or as soon as the request under way has ended). */
  hurry({ keepalive = false } = {}) {
    if (this.heldBy || !this.queue.length) return;
    if (keepalive) this.send({ keepalive });
    else this.schedule(0);
  }

  /** Resolves to true once nothing is left to send, to false when sending is held or `signal` aborts. */
  drained(signal) {
    if (!this.queue.length && !this.inFlight) return Promise.resolve(true);
    if (this.heldBy || signal?.aborted) return Promise.resolve(false);
    this.hurry();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (signal) signal.addEventListener("abort", () => resolve(false), { once: true });
    });
  }

  hold(code) {
    this.heldBy = code;
    clearTimeout(this.timer);
    this.settle(false);
    this.report.held(code);
  }

  release() {
    this.heldBy = null;
    this.failures = 0;
    if (this.queue.length) this.schedule(0);
  }

  /** The network is back. Everybody in the hall hears this in the same instant, hence the jitter. */
  online() {
    this.failures = 0;
    if (!this.heldBy && this.queue.length) this.schedule(Math.random() * 1000);
  }

  /** A new turn of this device: steps under the old number can no longer be sent. */
  rebind(binding) {
    this.binding = binding;
    this.queue = [];
  }

  /** At the end everybody sends at once: this page waits its own moment, `delay` ms from now. */
  spread(delay) {
    this.notBefore = performance.now() + delay;
    this.longestWait = LONGEST_WAIT_AT_THE_END;
    if (this.queue.length) this.schedule(0);
  }

  /** The end was put off. */
  relax() {
    this.notBefore = 0;
    this.longestWait = LONGEST_WAIT;
  }

  schedule(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), Math.max(delay, this.notBefore - performance.now()));
  }

  async send({ keepalive = false } = {}) {
    if (this.inFlight || this.heldBy || !this.queue.length) return;
    clearTimeout(this.timer);
    const { binding } = this;
    const batch = this.queue.slice(0, this.limit);
    const steps = batch.map(({ seq, slot, response, at }) => ({ seq, slot, response, at }));
    this.inFlight = true;
    this.report.changed();
    try {
      const reply = await this.api.call("PUT", `${this.path}/answers`, { body: { binding, steps }, keepalive });
      if (!Number.isInteger(reply.body.acknowledged)) throw new TypeError("an answer without `acknowledged`");
      this.inFlight = false;
      if (binding === this.binding) this.accepted(batch, reply);
    } catch (failure) {
      this.inFlight = false;
      this.failed(batch, failure);
    }
    this.report.changed();
    if (!this.queue.length) this.settle(true);
  }

  accepted(batch, reply) {
    this.failures = 0;
    this.limit = Math.min(MOST_STEPS, this.limit * 2);
    const refused = new Map((reply.body.rejected || []).map(({ seq, code }) => [seq, code]));
    const { acknowledged } = reply.body;
    const stored = (step) => !refused.has(step.seq) && (step.seq <= acknowledged || batch.includes(step));
    const saved = this.queue.filter(stored);
    const codeOf = (step) => refused.get(step.seq);
    const bad = batch.filter((step) => refused.has(step.seq) && !HOLDING.has(codeOf(step)));
    const holding = batch.map(codeOf).find((code) => HOLDING.has(code));
    this.drop(new Set([...saved, ...bad]));
    this.report.saved(saved);
    bad.forEach((step) => this.report.refused(step, codeOf(step)));
    if (holding) this.hold(holding);
    this.report.answered(reply);
    if (this.queue.length && !this.heldBy) this.schedule(this.queue.length >= this.limit ? 0 : BATCH_AFTER);
  }

  failed(batch, failure) {
    if (HOLDING.has(failure.code)) {
      this.hold(failure.code);
      return;
    }
    if (OF_STEPS.has(failure.code)) {
      if (batch.length === 1 || failure.code === "late") {
        this.drop(new Set(batch));
        batch.forEach((step) => this.report.refused(step, failure.code));
      } else {
        this.limit = Math.ceil(batch.length / 2);
      }
      if (this.queue.length) this.schedule(0);
      return;
    }
    // A filter on the way may dislike one answer: the batch is split until that one stands alone and lets the others pass.
    if (failure.code === "refused" && batch.length > 1) {
      this.limit = Math.ceil(batch.length / 2);
      this.schedule(FIRST_WAIT * Math.random());
      return;
    }
    if (failure.code === "refused") {
      this.turns += 1;
      this.behind.set(batch[0], this.turns);
      this.order();
      this.report.stuck(batch[0], failure.status);
    } else this.report.failed(failure);
    this.failures += 1;
    const grown = Math.min(this.longestWait, FIRST_WAIT * 2 ** (this.failures - 1));
    this.schedule(Math.max(failure.wait || 0, grown * (0.5 + Math.random() / 2)));
  }

  drop(gone) {
    this.queue = this.queue.filter((step) => !gone.has(step));
    this.oldest = this.queue.length ? performance.now() : null;
  }

  settle(outcome) {
    this.waiting.splice(0).forEach((resolve) => resolve(outcome));
  }
}
