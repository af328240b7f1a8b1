// Handing in: the dialog that shows what is unanswered, then everything saved, the digest, the receipt.

import { digestOf } from "./digest.js";
import { say } from "./words.js";

const ATTEMPTS = 4;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;

export class HandInDialog {
  constructor(dialog, items, { onConfirm, onCancel }) {
    this.dialog = dialog;
    this.items = items;
    this.working = false;
    this.find = (name) => dialog.querySelector(`[data-${name}]`);
    this.find("confirm").addEventListener("click", () => onConfirm());
    this.find("back").addEventListener("click", () => this.close(onCancel));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close(onCancel);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target.closest("a") && !this.working) this.dialog.close();
    });
  }

  open() {
    this.list("unanswered", this.items.filter((item) => !item.answered));
    this.list("flagged", this.items.filter((item) => item.flagged));
    this.find("complete").hidden = this.items.some((item) => !item.answered);
    this.progress("");
    this.opener = document.activeElement;
    if (!this.dialog.open) this.dialog.showModal();
    this.find("heading").focus();
  }

  list(name, items) {
    const block = this.find(name);
    block.hidden = items.length === 0;
    block.querySelector("[data-number]").textContent = say(`hand_in_${name}`, { count: items.length });
    const links = items.map((item) => {
      const link = document.createElement("a");
      link.href = `#${item.element.id}`;
      link.textContent = say("card_item", { slot: item.slot });
      const entry = document.createElement("li");
      entry.append(link);
      return entry;
    });
    block.querySelector("[data-list]").replaceChildren(...links);
  }

  /** Say what is being done; an empty text means that nothing is. */
  progress(text) {
    this.working = text !== "";
    this.find("progress").textContent = text;
    this.find("confirm").disabled = this.working;
  }

  failed(text) {
    this.find("progress").textContent = text;
  }

  close(onCancel) {
    this.dialog.close();
    // Chromium gives the focus back by itself only from 102 on.
    this.opener?.focus();
    if (this.working) {
      this.progress("");
      onCancel();
    }
  }
}

const pause = (delay, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, delay);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
});

/**
 * Save everything, then hand in. Resolves to the receipt, or to null when `signal` aborts or sending is held.
 * `paper` is {sitting, paper, nonce}; `state()` fetches the sitting; `onProgress(text)` tells the candidate.
 */
export async function handIn({ api, path, paper, answers, state, signal, onProgress }) {
  let refusals = 0;
  let failures = 0;
  while (!signal.aborted && refusals < ATTEMPTS) {
    onProgress(say(failures ? "hand_in_waiting" : "hand_in_saving"));
    await answers.takeTyped();
    if (!(await answers.sender.drained(signal))) return null;
    onProgress(say(failures ? "hand_in_waiting" : "hand_in_sending"));
    const digest = await digestOf({ ...paper, responses: answers.responses() });
    try {
      const { body } = await api.call("POST", `${path}/submission`, { body: { digest } });
      if (body.receipt) return body.receipt;
      failures += 1;
    } catch (failure) {
      if (["closed", "late"].includes(failure.code)) return null;
      if (failure.status === 409 && failure.code !== "paused" && failure.code !== "other_device") {
        refusals += 1;
        // The server lacks something, or holds it differently: what this page shows is what the candidate hands in.
        const there = await state().catch(() => null);
        if (there) await answers.supply(there.answers);
        continue;
      }
      if (["signed_out", "other_device", "paused", "not_open", "safe_browser"].includes(failure.code)) {
        answers.sender.hold(failure.code);
        return null;
      }
      failures += 1;
    }
    onProgress(say("hand_in_waiting"));
    const grown = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));
    await pause(grown * (0.5 + Math.random() / 2), signal);
  }
  return null;
}
