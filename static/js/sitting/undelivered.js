// After the deadline, with answers that did not reach the server: the code to be written down and the sealed file.

import { canSeal, codeOf, journalBytes, seal } from "./sealed.js";
import { say } from "./words.js";

export class Undelivered {
  /** `paper` is {sitting, paper, nonce}; `publicKey` the exam's key, empty where it has none. */
  constructor(dialog, { paper, publicKey }) {
    Object.assign(this, { dialog, paper, publicKey });
    this.bytes = null;
    this.code = "";
    this.find = (name) => dialog.querySelector(`[data-${name}]`);
    this.find("save").addEventListener("click", () => this.save().catch((failure) => this.failed(failure)));
    // On the sheet nothing behind it can be used any more: only the server's answer closes it.
    dialog.addEventListener("cancel", (event) => this.find("close").hidden && event.preventDefault());
  }

  /** Where there is something to see behind it, it may be closed and opened again by this button. */
  allowClosing(again) {
    this.find("close").hidden = false;
    this.find("close").querySelector("button").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => {
      again.hidden = false;
      again.focus();
    });
    again.addEventListener("click", () => this.dialog.showModal());
  }

  get offered() {
    return this.bytes !== null;
  }

  /** Show what is in the journal now; the same journal always gives the same code. */
  async offer({ steps, deadline, count, receipt }) {
    const fresh = !this.offered;
    this.find("about").textContent = say("undelivered_count", { count });
    this.find("receipt").hidden = !receipt;
    if (receipt) this.find("receipt-link").href = receipt;
    if (!fresh) return;
    this.bytes = journalBytes(this.paper, steps, deadline);
    const can = canSeal() && this.publicKey !== "";
    this.find("sealed").hidden = !can;
    this.find("unable").hidden = can;
    this.dialog.showModal();
    this.find("heading").focus();
    if (can) await this.showCode().catch((failure) => this.failed(failure));
  }

  failed(failure) {
    console.warn("sealed hand-in", failure);
    this.find("failed").hidden = false;
  }

  async showCode() {
    this.code = await codeOf(this.bytes, this.paper.nonce);
    this.find("code").textContent = `${this.code.slice(0, 4)}-${this.code.slice(4)}`;
    // Letter by letter for those who listen.
    this.find("code").setAttribute("aria-label", this.code.split("").join(" "));
    this.find("save").disabled = false;
  }

  async save() {
    const text = await seal(this.bytes, this.paper.sitting, this.publicKey);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
    link.download = `${this.paper.sitting}-${this.code}.hengjian`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    this.find("saved").textContent = say("undelivered_saved", { name: link.download });
  }

  withdraw() {
    this.bytes = null;
    if (this.dialog.open) this.dialog.close();
  }
}
