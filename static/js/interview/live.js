// Asks every few seconds whether this page still holds. The server answers 304 in a line while nothing has changed;
// every answer carries its time, so that the clocks shown here follow the server's.

import { ServerClock } from "../sitting/clock.js";

const EVERY = 2500;
const EVERY_WHEN_LOST = 4000;
const TIME_LIMIT = 8000;

export const clock = new ServerClock();

async function ask(url, etag) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), TIME_LIMIT);
  const sent = performance.now();
  try {
    const answer = await fetch(url, {
      headers: etag ? { "If-None-Match": `"${etag}"` } : {},
      cache: "no-store",
      credentials: "same-origin",
      redirect: "manual",
      signal: limit.signal,
    });
    clock.sample(Number(answer.headers.get("X-Server-Time") || NaN), sent, performance.now());
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

function say(what) {
  document.querySelectorAll("[data-live-lost]").forEach((box) => {
    box.hidden = what !== "lost";
  });
  document.querySelectorAll("[data-live-signed-out]").forEach((box) => {
    box.hidden = what !== "out";
  });
}

/** Watch a region `[data-live]` (its data-etag names its state); `changed(html, region)` when the server has a newer one. */
export function watch(region, changed) {
  const url = `${location.pathname}?live=1`;

  async function again() {
    let wait = EVERY;
    try {
      const answer = await ask(url, region.dataset.etag);
      if (answer.type === "opaqueredirect" || answer.status === 401) {
        say("out");
        wait = EVERY_WHEN_LOST;
      } else if (answer.status === 403 || answer.status === 404) {
        location.reload();
        return;
      } else if (answer.status === 200) {
        say("");
        region.dataset.etag = (answer.headers.get("ETag") || "").replace(/^W\//, "").replace(/"/g, "");
        changed(await answer.text(), region);
      } else if (answer.status === 304) {
        say("");
      } else {
        throw new Error(String(answer.status));
      }
    } catch {
      say("lost");
      wait = EVERY_WHEN_LOST;
    }
    setTimeout(again, wait);
  }

  setTimeout(again, 300);
}

/** Put the newer state in the place of the old one; what was unfolded stays so, and the focus stays on the same control. */
export function replace(html, region) {
  const open = Array.from(region.querySelectorAll("details[id][open]"), (one) => one.id);
  const focus = region.contains(document.activeElement) ? document.activeElement.id : "";
  region.innerHTML = html;
  open.forEach((id) => {
    const box = document.getElementById(id);
    if (box) box.open = true;
  });
  const control = focus && document.getElementById(focus);
  if (control) control.focus({ preventScroll: true });
}
