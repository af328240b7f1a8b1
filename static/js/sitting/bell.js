// Listens for the bells: small files that are written anew when somebody changes the time of a sitting. To hand them out
// costs the server next to nothing, so that a whole hall may look every few seconds. They decide nothing and may be missing.

import { sha256 } from "./digest.js";

const EVERY = 2500;

export class Bell {
  /**
   * `address`: where the bell of the session is; without one nobody listens. That of the sitting, beside it, is looked at
   * when the other has rung. `since`: what was said up to then (ms, the server's time) stood in the page already.
   * `isAway()`: the application cannot be reached.
   */
  constructor({ api, address, nonce, since, isOver, isAway, rung }) {
    Object.assign(this, { api, address, nonce, since, isOver, isAway, rung });
    this.ring = null;
    this.said = "";
    this.failed = false;
  }

  async listen() {
    if (!this.address) return;
    const name = (await sha256(`bell ${this.nonce}`)).slice(0, 32);
    this.own = this.address.replace(/[^/]*$/, `${name}.json`);
    while (!this.isOver()) {
      await new Promise((resolve) => { setTimeout(resolve, EVERY * (1 + Math.random() / 3)); });
      // A bell may be in reach where the application is not; where neither is, who asks the application notices the return.
      if (!this.failed || !this.isAway()) await this.look();
    }
  }

  async look() {
    const bell = await this.read(this.address);
    if (!bell) return;
    // After the first look another ring is what counts, not its time: the server's clock may have been set back.
    const isNews = this.ring === null ? this.isNew(bell) : bell.ring !== this.ring;
    const told = isNews ? await this.read(this.own) : {};
    if (!told) return; // No answer: again in a moment.
    this.ring = bell.ring;
    const said = JSON.stringify(told);
    if (!told.at || said === this.said || (told.at !== bell.at && !this.isNew(told))) return;
    this.said = said;
    this.rung(told);
  }

  isNew({ at }) {
    return Date.parse(at) > this.since;
  }

  /** What a bell says: nothing where there is none, null when there was no answer. */
  async read(address) {
    const { status, body } = await this.api.call("GET", address).catch((failure) => failure);
    this.failed = status === 0;
    // One that is silent is an empty file.
    return status === 200 || status === 404 ? (status === 200 && body) || {} : null;
  }
}
