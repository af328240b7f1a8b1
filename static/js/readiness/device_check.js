// What this computer has and lacks for a sitting. Each check answers [result, what was found]; nothing leaves the computer
// but a few questions for the time.

import { ServerClock } from "../sitting/clock.js";

const LEAST_VERSION = 90;
const LEAST_MEGABYTES = 50;
const ROUNDS = 5;
const MOST_WRONG_CLOCK = 60;
const SLOW = 500;
const TOO_SLOW = 3000;
const PATIENCE = 8000;
/** Without these the page of a sitting does not run. */
const NEEDED = {
  BroadcastChannel: () => "BroadcastChannel" in window,
  dialog: () => "HTMLDialogElement" in window,
  BigInt: () => typeof BigInt === "function",
  AbortController: () => "AbortController" in window,
};

const place = document.querySelector("[data-device-check]");
const words = JSON.parse(document.getElementById("check-words").textContent);
const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

/** The version of the Chromium engine in a user agent's name; null for another engine. */
export function engineVersion(agent) {
  const found = /Chrom(?:e|ium)\/(\d+)/.exec(agent);
  return found ? Number(found[1]) : null;
}

function browser() {
  const version = engineVersion(navigator.userAgent);
  const lacking = Object.keys(NEEDED).filter((name) => !NEEDED[name]());
  if (lacking.length) return ["bad", say("browser_lacks", { what: lacking.join(", ") })];
  if (version === null) return ["warning", say("browser_unknown")];
  return [version >= LEAST_VERSION ? "good" : "bad", say("browser", { version })];
}

function cookies() {
  const trial = "hengjian_check=1";
  document.cookie = `${trial}; SameSite=Lax; Max-Age=60`;
  const kept = document.cookie.split("; ").includes(trial);
  document.cookie = `${trial}; Max-Age=0`;
  return kept ? ["good", say("cookies_good")] : ["bad", say("cookies_bad")];
}

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function storage() {
  const name = "hengjian-device-check";
  try {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("trial");
    const database = await done(opening);
    await done(database.transaction("trial", "readwrite").objectStore("trial").put("kept", 1));
    const found = await done(database.transaction("trial").objectStore("trial").get(1));
    database.close();
    await done(indexedDB.deleteDatabase(name));
    return found === "kept" ? ["good", say("storage_good")] : ["bad", say("storage_bad", { why: "?" })];
  } catch (failure) {
    return ["bad", say("storage_bad", { why: failure?.name || String(failure) })];
  }
}

async function quota() {
  if (!navigator.storage?.estimate) return ["warning", say("quota_unknown")];
  const { quota: whole = 0, usage = 0 } = await navigator.storage.estimate();
  const size = Math.floor((whole - usage) / 1024 / 1024);
  return [size >= LEAST_MEGABYTES ? "good" : "warning", say("quota", { size })];
}

async function secure() {
  if (!window.isSecureContext || !window.crypto?.subtle) return ["warning", say("secure_bad")];
  await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  return ["good", say("secure_good")];
}

async function worker() {
  if (!window.isSecureContext || !navigator.serviceWorker || !window.caches) return ["warning", say("worker_bad")];
  const name = "hengjian-device-check";
  await caches.open(name);
  await caches.delete(name);
  return ["good", say("worker_good")];
}

/** Five questions for the time: how far the clocks are apart, and the middle one of the round trips. */
async function times() {
  const clock = new ServerClock();
  const trips = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const sent = performance.now();
    const answer = await fetch(place.dataset.timeUrl, { cache: "no-store" });
    const { server_time: told } = await answer.json();
    const received = performance.now();
    clock.sample(Date.parse(told), sent, received);
    trips.push(received - sent);
  }
  return { apart: (Date.now() - clock.now()) / 1000, trip: trips.sort((a, b) => a - b)[ROUNDS >> 1] };
}

let asked = null;

async function clockCheck() {
  const { apart } = await asked;
  const seconds = Math.round(apart);
  return [Math.abs(seconds) <= MOST_WRONG_CLOCK ? "good" : "warning", say("clock", { seconds })];
}

async function network() {
  const { trip } = await asked;
  const result = trip < SLOW ? "good" : trip < TOO_SLOW ? "warning" : "bad";
  return [result, say("network", { milliseconds: Math.round(trip) })];
}

function screenSize() {
  const { innerWidth: width, innerHeight: height } = window;
  return [width >= 1000 && height >= 600 ? "good" : "warning", say("screen", { width, height })];
}

const CHECKS = { browser, cookies, storage, quota, secure, worker, clock: clockCheck, network, screen: screenSize };
const OF_THE_NETWORK = new Set(["clock", "network"]);

function tooLong() {
  return new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), PATIENCE));
}

function show(name, [result, found]) {
  const line = place.querySelector(`[data-check="${name}"]`);
  line.dataset.result = result;
  line.querySelector("[data-word]").textContent = say(result);
  line.querySelector("[data-found]").textContent = found;
  line.querySelector("[data-mend]").hidden = result === "good";
}

async function check(name) {
  let outcome;
  try {
    outcome = await Promise.race([CHECKS[name](), tooLong()]);
  } catch (failure) {
    outcome = ["bad", OF_THE_NETWORK.has(name) ? say("lost") : String(failure)];
  }
  show(name, outcome);
  return outcome[0];
}

async function checkAll() {
  asked = times();
  asked.catch(() => undefined);
  const results = await Promise.all(Object.keys(CHECKS).map(check));
  const count = (wanted) => results.filter((result) => result === wanted).length;
  const [bad, warnings] = [count("bad"), count("warning")];
  const verdict = bad ? say("some_bad", { count: bad }) : warnings ? say("some_warnings", { count: warnings }) : say("all_good");
  place.querySelector("[data-verdict]").textContent = verdict;
}

place.querySelector("[data-again]").addEventListener("click", checkAll);
checkAll();
