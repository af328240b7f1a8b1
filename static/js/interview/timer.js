// The remaining time of the candidate who is answering, by the server's clock.

import { asTime } from "../sitting/clock.js";

const SHOWN_EVERY = 200;

function remaining(timer, now) {
  const whole = Number(timer.dataset.minutes) * 60000;
  if (!timer.dataset.answeringAt) return whole;
  const until = timer.dataset.finishedAt ? Number(timer.dataset.finishedAt) : now;
  return until === null ? whole : whole - (until - Number(timer.dataset.answeringAt));
}

/** The last reminder that has passed, in seconds; null before the first. */
export function reminder(left, seconds) {
  const passed = seconds.filter((one) => left <= one * 1000);
  return passed.length ? Math.min(...passed) : null;
}

function words(timer, left) {
  const data = timer.dataset;
  if (!data.answeringAt) return data.textReady;
  if (data.finishedAt) return data.textFinished;
  const last = reminder(left, data.reminders ? data.reminders.split(",").map(Number) : []);
  if (last === 0 || left <= 0) return data.textOver;
  if (last === null) return data.textRunning;
  return last % 60 === 0
    ? data.textMinutes.replace("{n}", last / 60)
    : data.textSeconds.replace("{n}", last);
}

function show(timer, now) {
  const left = remaining(timer, now);
  const running = Boolean(timer.dataset.answeringAt) && !timer.dataset.finishedAt;
  const last = running ? reminder(left, (timer.dataset.reminders || "").split(",").filter(Boolean).map(Number)) : null;
  const time = timer.querySelector("[data-timer-time]");
  const text = asTime(left);
  if (time.textContent !== text) time.textContent = text;
  const word = timer.querySelector("[data-timer-word]");
  const said = words(timer, left);
  if (word && word.textContent !== said) word.textContent = said;
  timer.classList.toggle("timer-warning", last !== null && left > 0);
  timer.classList.toggle("timer-over", running && left <= 0);
}

/** Keep every `[data-timer]` of the page right. */
export function runTimers(clock) {
  const tick = () => {
    const now = clock.now();
    document.querySelectorAll("[data-timer]").forEach((timer) => {
      // Before the first answer of the server nothing is known about the time.
      if (now !== null || !timer.dataset.answeringAt) show(timer, now);
    });
  };
  tick();
  setInterval(tick, SHOWN_EVERY);
}
