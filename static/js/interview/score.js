// The examiner's desk: the exact total, marks that survive a reload or a lost network, and saving that may be repeated.

import { scoreOf, toHundredths } from "../common/stepper.js";
import { forget, forgetOld, keep, recall } from "./drafts.js";
import { clock, watch } from "./live.js";
import { runTimers } from "./timer.js";
import { exactTotal } from "./total.js";

const TIME_LIMIT = 10000;
const RETRY_AFTER = 3000;

class Sheet {
  constructor(form) {
    this.form = form;
    this.name = form.dataset.sheet;
    this.rows = Array.from(form.querySelectorAll("[data-element]"));
    this.button = form.querySelector("[data-save]");
    this.words = this.button.textContent;
    this.box = form.querySelector("[data-sheet-problem]");
    this.tries = 0;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.restore();
    this.showTotal();
  }

  fields() {
    return Array.from(this.form.elements).filter((field) => /^(mark-\d+|remark|reason)$/.test(field.name));
  }

  restore() {
    const kept = recall(this.name);
    if (!kept || this.form.dataset.fresh !== "yes") return;
    let restored = false;
    this.fields().forEach((field) => {
      if (kept[field.name] && kept[field.name] !== field.value) {
        field.value = kept[field.name];
        field.dispatchEvent(new Event("input", { bubbles: true }));
        restored = true;
      }
    });
    if (restored) this.form.querySelector("[data-restored]").hidden = false;
  }

  changed() {
    keep(this.name, Object.fromEntries(this.fields().map((field) => [field.name, field.value])));
    this.showTotal();
  }

  showTotal() {
    const marks = this.rows.map((row) => scoreOf(row.querySelector("[data-stepper]")));
    const total = marks.includes(null)
      ? "—"
      : exactTotal(
          this.rows.map((row, place) => ({
            mark: marks[place],
            weight: toHundredths(row.dataset.weight),
            greatest: toHundredths(row.dataset.greatest),
          })),
        );
    this.form.querySelector("[data-sheet-total]").textContent = total;
    this.rows.forEach((row, place) => row.classList.toggle("sheet-element-done", marks[place] !== null));
    const left = marks.filter((mark) => mark === null).length;
    const note = this.form.querySelector("[data-sheet-left]");
    note.textContent = left ? note.dataset.textLeft.replace("{n}", left) : note.dataset.textComplete;
  }

  complain(row, sentence) {
    const error = row.querySelector("[data-stepper-error]");
    row.querySelector("[data-stepper]").classList.add("stepper-invalid");
    row.querySelector(".stepper-value").setAttribute("aria-invalid", "true");
    error.textContent = sentence;
    error.hidden = false;
  }

  submit() {
    if (this.sending) return;
    const wrong = this.rows.filter((row) => scoreOf(row.querySelector("[data-stepper]")) === null);
    wrong.forEach((row) => {
      const input = row.querySelector(".stepper-value");
      const empty = input.value.trim() === "";
      this.complain(row, empty ? this.form.dataset.textEmpty : row.querySelector("[data-stepper]").dataset.textRange);
    });
    if (wrong.length) {
      wrong[0].querySelector(".stepper-value").focus();
      this.tell(this.form.dataset.textWrong.replace("{n}", wrong.length));
      return;
    }
    this.tries = 0;
    this.send();
  }

  async send(renewed = false) {
    this.busy(true);
    this.tries += 1;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), TIME_LIMIT);
    try {
      const answer = await fetch(this.form.action, {
        method: "POST",
        body: new FormData(this.form),
        headers: { Accept: "application/json" },
        cache: "no-store",
        credentials: "same-origin",
        redirect: "manual",
        signal: limit.signal,
      });
      const body = await answer.json();
      if (answer.ok && body.version) {
        forget(this.name);
        location.replace(this.form.dataset.next);
        return;
      }
      await this.refused(body.error, renewed);
    } catch {
      this.tell(this.form.dataset.textOffline.replace("{n}", this.tries));
      setTimeout(() => this.send(), RETRY_AFTER);
    } finally {
      clearTimeout(timer);
    }
  }

  async refused(error, renewed) {
    if (error.code === "csrf" && !renewed) {
      const answer = await fetch("/api/v1/csrf", { cache: "no-store", credentials: "same-origin" });
      this.form.elements.csrf_token.value = (await answer.json()).token;
      await this.send(true);
      return;
    }
    if (error.code === "internal") throw new Error(error.message);
    this.busy(false);
    this.tell(error.message);
    this.rows.forEach((row) => {
      const sentence = (error.fields || {})[row.dataset.element];
      if (sentence) this.complain(row, sentence);
    });
  }

  busy(now) {
    this.sending = now;
    this.button.disabled = now;
    this.button.textContent = now ? this.form.dataset.textSending : this.words;
  }

  tell(sentence) {
    this.box.hidden = false;
    this.box.querySelector("[data-sheet-sentence]").textContent = sentence;
    if (!this.sending) this.box.scrollIntoView({ block: "nearest" });
  }
}

forgetOld();
document.querySelectorAll("[data-saved-sheet]").forEach((box) => forget(box.dataset.savedSheet));
const sheets = Array.from(document.querySelectorAll("form[data-sheet]"), (form) => new Sheet(form));
// A changed desk is loaded anew: unsaved marks stand in this device's storage. A sheet on its way is not interrupted.
document.querySelectorAll("[data-live]").forEach((region) => {
  watch(region, () => {
    if (!sheets.some((sheet) => sheet.sending)) location.reload();
  });
});
runTimers(clock);
