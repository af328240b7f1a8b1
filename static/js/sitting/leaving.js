// Notes that the page was left, lost the focus or full screen, and that something was pasted, copied or printed: when and
// how long, never what. Told to the server beside the answers, in no hurry; a failure waits for the next telling.

const MOST_EVENTS = 50;
const MOST_KEPT = 200;
const TELL_AFTER = 2000;
const TELL_SPREAD = 3000;
/** A page that comes back sooner than this after it went was loaded anew, not left (ms). */
const RELOADED = 10000;
/** Refusals after which the same events may be taken later. */
const LATER = new Set([401, 403, 408, 409, 429]);

const newName = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(36).padStart(2, "0")).join("");

export class Leaving {
  /** `key` names the sitting in this browser; `working()` tells whether the candidate is to be at the page now. */
  constructor({ api, path, clock, key, working }) {
    Object.assign(this, { api, path, clock, working });
    this.place = `hengjian-leaving-${key}`;
    this.telling = false;
    this.timer = null;
    this.stopped = false;
    this.kept = this.restored();
  }

  restored() {
    try {
      const kept = JSON.parse(window.localStorage.getItem(this.place));
      if (kept && Array.isArray(kept.queue)) return kept;
    } catch {
      // What cannot be kept is told from memory.
    }
    return { page: newName(), next: 1, queue: [], open: {} };
  }

  keep() {
    // The next candidate at this computer finds nothing of a paper that is in.
    if (this.kept.ended) return;
    try {
      window.localStorage.setItem(this.place, JSON.stringify(this.kept));
    } catch {
      // As above.
    }
  }

  listen() {
    const away = () => this.begin("away", document.visibilityState === "hidden" ? "hidden" : "blur");
    const here = () => {
      if (document.visibilityState === "visible" && document.hasFocus()) this.finish("away");
    };
    document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? away() : here()));
    window.addEventListener("blur", away);
    window.addEventListener("focus", here);
    window.addEventListener("beforeprint", () => this.note("print"));
    document.addEventListener("paste", () => this.note("paste"));
    document.addEventListener("copy", () => this.note("copy"));
    document.addEventListener("cut", () => this.note("copy"));
    window.addEventListener("online", () => this.plan());
    this.watchFullScreen();
    Object.keys(this.kept.open).forEach((name) => this.finish(name, RELOADED));
    this.plan();
  }

  /** The page's own full screen and the browser's (F11) alike. */
  watchFullScreen() {
    const browser = window.matchMedia("(display-mode: fullscreen)");
    const isFull = () => browser.matches || document.fullscreenElement !== null;
    let before = isFull();
    const asking = document.getElementById("full-screen");
    const ask = (full) => {
      if (asking) asking.hidden = full || !document.fullscreenEnabled;
    };
    asking?.querySelector("button").addEventListener("click", () => {
      document.documentElement.requestFullscreen().catch(() => undefined);
    });
    ask(before);
    const look = () => {
      const full = isFull();
      ask(full);
      if (full) this.finish("fullscreen");
      else if (before) this.begin("fullscreen", "fullscreen");
      before = full;
    };
    browser.addEventListener("change", look);
    document.addEventListener("fullscreenchange", look);
  }

  now() {
    return this.clock.now() || Date.now();
  }

  begin(name, kind) {
    if (this.stopped || !this.working()) return;
    const open = this.kept.open[name];
    // A hidden page has lost the focus too: one absence, by its stronger name.
    if (!open) this.kept.open[name] = { kind, at: this.now() };
    else if (kind === "hidden") open.kind = kind;
    this.keep();
  }

  finish(name, shortest = 0) {
    const open = this.kept.open[name];
    if (!open || this.stopped) return;
    delete this.kept.open[name];
    const lasted = Math.max(0, this.now() - open.at);
    if (lasted >= shortest) this.add(open.kind, open.at, Math.round(lasted / 1000));
    else this.keep();
  }

  note(kind) {
    if (!this.stopped && this.working()) this.add(kind, this.now(), null);
  }

  add(kind, at, seconds) {
    const { kept } = this;
    if (kept.queue.length < MOST_KEPT) {
      kept.queue.push({ number: kept.next, kind, at: new Date(at).toISOString(), seconds });
      kept.next += 1;
    }
    this.keep();
    this.plan();
  }

  plan() {
    if (this.timer || this.stopped || !this.kept.queue.length) return;
    this.timer = setTimeout(() => this.tell(), TELL_AFTER + TELL_SPREAD * Math.random());
  }

  async tell({ keepalive = false } = {}) {
    clearTimeout(this.timer);
    this.timer = null;
    const { page, queue } = this.kept;
    if (this.telling || !queue.length) return;
    this.telling = true;
    const events = queue.slice(0, MOST_EVENTS);
    let taken = true;
    try {
      await this.api.call("POST", `${this.path}/events`, { body: { page, events }, keepalive });
    } catch ({ status }) {
      taken = status >= 400 && status < 500 && !LATER.has(status);
    }
    this.telling = false;
    // Whoever goes on tells what was kept once more; the server takes each event once.
    if (this.stopped || !taken) return;
    this.kept.queue = this.kept.queue.filter((one) => !events.includes(one));
    this.keep();
    this.plan();
  }

  /** The paper is in: what is still open ends now, and the last is told while the page goes. */
  end() {
    Object.keys(this.kept.open).forEach((name) => this.finish(name));
    this.kept.ended = true;
    this.tell({ keepalive: true });
    this.forget();
  }

  /** Another page of this browser goes on from what was kept. */
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  forget() {
    try {
      window.localStorage.removeItem(this.place);
    } catch {
      // Nothing was kept.
    }
  }
}
