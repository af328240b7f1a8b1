// Puts the page together. Each part stands in a file of its own; this one knows them all.

import { Answers } from "./answers.js";
import { Api } from "./api.js";
import { bearingsOf } from "./bearings.js";
import { Bell } from "./bell.js";
import { ServerClock } from "./clock.js";
import { HandInDialog } from "./hand_in.js";
import { Item } from "./items.js";
import { Journal } from "./journal.js";
import { Leaving } from "./leaving.js";
import { isOfflineCopy, keepCopy, pageAsSent } from "./offline_copy.js";
import { AnswerCard, ClockFace, makeFoldable } from "./panel.js";
import { Sender } from "./sender.js";
import { OneAtATime } from "./single.js";
import { Sitting } from "./sitting.js";
import { takeOver } from "./tabs.js";
import { Undelivered } from "./undelivered.js";
import { unveil } from "./unveil.js";
import { load, say } from "./words.js";

const byId = (id) => document.getElementById(id);

/** When the page itself was asked for and came: the first reading of the server's clock. */
function timesOfThisPage() {
  const [entry] = performance.getEntriesByType("navigation");
  if (!entry || !entry.responseStart) return { sent: performance.now(), received: performance.now() };
  return { sent: entry.requestStart, received: entry.responseStart };
}

/** A page taken from the browser's history tells of the past. */
function isOld() {
  const [entry] = performance.getEntriesByType("navigation");
  return Boolean(entry) && (entry.type === "back_forward" || entry.transferSize === 0);
}

function warnOfMemory() {
  const notice = byId("memory-notice");
  notice.querySelector("[data-title]").textContent = say("notice_memory_title");
  notice.querySelector("[data-text]").textContent = say("notice_memory");
  notice.hidden = false;
}

function describing(sitting) {
  return (status, code) => {
    if (status === "waiting" && sitting().connection === "offline") {
      return say(sitting().journal.persistent ? "item_offline" : "item_offline_memory");
    }
    if (status === "refused") return code === "late" ? say("item_late") : say("item_refused", { code });
    return status ? say(`item_${status}`) : "";
  };
}

function watchFlags(items, journal, sitting) {
  const show = (item, flagged) => item.showFlag(flagged, {
    text: say(flagged ? "flag_unset" : "flag_set"),
    name: say(flagged ? "flag_unset_name" : "flag_set_name", { slot: item.slot }),
  });
  const flagged = new Set(journal.flagged);
  items.forEach((item) => {
    show(item, flagged.has(item.slot));
    item.flagButton.addEventListener("click", () => {
      show(item, !item.flagged);
      journal.setFlags(items.filter((one) => one.flagged).map((one) => one.slot));
      sitting.refresh();
    });
  });
}

/** Only what happens while the candidate works is noted, and by the page that goes on. */
function watchLeaving(id, parts, sitting) {
  const leaving = new Leaving({ ...parts, key: id, working: () => ["open", "handing_in"].includes(sitting.phase) });
  sitting.parts.leaving = leaving;
  leaving.listen();
}

function watchPage(sitting, answers, sender) {
  // The whole hall hears of the network in the same instant.
  window.addEventListener("online", () => sitting.wake(1500 * Math.random()));
  window.addEventListener("offline", () => sitting.connect("offline"));
  document.addEventListener("visibilitychange", async () => {
    if (document.visibilityState === "visible") sitting.wake();
    else {
      await answers.takeTyped();
      sender.hurry();
    }
  });
  window.addEventListener("pagehide", () => {
    answers.takeTyped();
    sender.hurry({ keepalive: true });
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
  window.addEventListener("beforeunload", (event) => {
    // The way to the door, where the page itself leads: what is not sent is in the journal.
    const kept = ["signed_out", "other_device"].includes(sitting.phase) && sitting.journal.persistent && !answers.writing;
    if (sitting.phase === "other_tab" || kept || !(answers.busy || sitting.missing)) return;
    event.preventDefault();
    event.returnValue = "";
  });
}

/** The state that stands in an offline copy is of the past: what was heard later takes its place. */
function remembered(state, id, clock) {
  const known = bearingsOf(id);
  if (!known) return state;
  clock.assume(Date.now() + known.skew);
  const { deadline, grace, binding } = known;
  // What was acknowledged is counted within one turn of the device.
  const acknowledged = binding === state.binding ? state.acknowledged : 0;
  return { ...state, deadline, grace_seconds: grace, state: known.state, binding, acknowledged };
}

/** Resolves once the whole page is here. */
function arrived() {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) => {
    // Before the scripts that wait for the end of the page: fired when the last of it is parsed.
    document.addEventListener("readystatechange", resolve, { once: true });
  });
}

async function start() {
  const root = byId("sitting");
  // The digest holds the number as the server writes it; everywhere else it is a name.
  const number = JSON.parse(root.dataset.sittingId);
  const id = String(number);
  let sitting;
  let taken = false;
  // What has to be waited for is begun while the paper is still on its way.
  const alone = takeOver(id, () => {
    taken = true;
    return sitting?.yieldToOtherTab();
  });
  const opening = Journal.open(id, async () => {
    await arrived();
    warnOfMemory();
    if (sitting) sitting.answers.restate();
  }, alone, bearingsOf(id) !== null);
  await arrived();

  const asSent = pageAsSent();
  load(byId("sitting-words"));
  const told = JSON.parse(byId("sitting-state").textContent);
  const times = timesOfThisPage();
  const path = `/sittings/${encodeURIComponent(id)}`;
  const items = [...root.querySelectorAll("[data-slot]")].map((element) => new Item(element));

  const clock = new ServerClock();
  const offline = isOfflineCopy();
  const state = offline ? remembered(told, told.sitting ?? number, clock) : told;
  if (!offline) clock.sample(Date.parse(state.server_time), times.sent, times.received);
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  const api = new Api({ base: root.dataset.apiBase, token });

  const journal = await opening;
  const sender = new Sender({
    api,
    path,
    binding: state.binding,
    report: {
      answered: (reply) => sitting.hear(reply.body, reply),
      saved: (steps) => sitting.answers.saved(steps),
      refused: (step, code) => sitting.answers.refused(step, code),
      stuck: (step, status) => sitting.stuck(step, status),
      failed: (failure) => sitting.failed(failure),
      held: (code) => sitting.held(code),
      changed: () => sitting.refresh(),
    },
  });
  const answers = new Answers({
    items,
    journal,
    sender,
    clock,
    binding: state.binding,
    describe: describing(() => sitting),
    onChange: () => sitting.refresh(),
  });
  const dialog = new HandInDialog(byId("hand-in-dialog"), items, {
    onConfirm: () => sitting.startHandIn(),
    onCancel: () => sitting.cancelHandIn(),
  });
  const paper = { sitting: state.sitting ?? number, paper: state.paper, nonce: state.nonce };
  const handInButtons = [...root.querySelectorAll("[data-hand-in]")];
  sitting = new Sitting({
    api,
    path,
    clock,
    sender,
    answers,
    journal,
    parts: {
      root,
      dialog,
      handInButtons,
      clockFace: new ClockFace(byId("clock"), byId("announcements")),
      card: new AnswerCard(byId("card-sections"), items),
      saveElement: byId("save-state"),
      notice: byId("notice"),
      undelivered: new Undelivered(byId("undelivered"), { paper, publicKey: root.dataset.handInKey }),
    },
    places: {
      receipt: root.dataset.receiptUrl,
      signIn: root.dataset.signInUrl,
    },
    paper,
  });

  if (root.dataset.layout === "single") new OneAtATime(root, items);
  makeFoldable(byId("panel"), byId("card-toggle"), byId("answer-card"));
  watchFlags(items, journal, sitting);
  items.forEach((item) => item.clearButton?.addEventListener("click", () => answers.clear(item)));
  handInButtons.forEach((button) => button.addEventListener("click", async () => {
    await answers.takeTyped();
    dialog.open();
  }));
  byId("paper").addEventListener("submit", (event) => event.preventDefault());
  watchPage(sitting, answers, sender);
  // A mock sitting has a number below zero; nothing is noted of it.
  if (number > 0) watchLeaving(id, { api, path, clock }, sitting);
  if (offline) await sitting.beginOffline(state);
  else await sitting.begin(state, times);
  new Bell({
    api: new Api({ base: "", token }),
    address: root.dataset.bellUrl,
    nonce: state.nonce,
    since: Date.parse(state.server_time),
    isOver: () => sitting.isOver,
    isAway: () => sitting.connection === "offline",
    rung: (told) => sitting.rung(told),
  }).listen();
  root.classList.add("is-ready");
  if (taken) await sitting.yieldToOtherTab();
  if (isOld()) sitting.wake();
  // From here on the page can be used; what follows has time.
  await unveil(root);
  journal.forgetOld();
  // Handed in meanwhile, it shall leave nothing behind.
  if (!offline && sitting.phase !== "closed") root.dataset.offlineReady = String(await keepCopy(asSent, root.dataset.workerUrl));
}

start();
