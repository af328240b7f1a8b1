// Listens for the bells: small files that are written anew when somebody changes the time of a sitting. To hand them out
// costs the server next to nothing, so that a whole hall may look every few seconds. They decide nothing and may be missing.

import { sha256 } from "./digest.js";

const EVERY = 3000;

export class Bell {
  /**
   * `address`: where the bell of the session is; without one nobody listens. That of the sitting, beside it, is looked at
   * when the other has rung. `since`: what was said up to then (ms, the server's time) stood in the page already.
   */
  constructor({ api, address, nonce, since, isOver, rung }) {
    Object.assign(this, { api, address, nonce, since, isOver, rung });
    this.said = "";
  }

  async listen() {
    if (!this.address) return;
    const name = (await sha256(`bell ${this.nonce}`)).slice(0, 32);
    this.own = this.address.replace(/[^/]*$/, `${name}.json`);
    while (!this.isOver()) {
      await new Promise((resolve) => { setTimeout(resolve, EVERY * (1 + Math.random() / 3)); });
      await this.look();
    }
  }

  async look() {
    const bell = await this.read(this.address);
    if (!bell || bell.ring === this.ring || !this.isNew(bell)) return;
    const told = await this.read(this.own);
    if (!told) return; // No answer: again in a moment.
    this.ring = bell.ring;
    const said = JSON.stringify(told);
    if (said === this.said || !this.isNew(told)) return;
    this.said = said;
    this.rung(told);
  }

  isNew({ at }) {
    return Date.parse(at) > this.since;
  }

  /** What a bell says: nothing where there is none, null when there was no answer. */
  async read(address) {
    try {
      return (await this.api.call("GET", address)).body;
    } catch ({ status }) {
      return status === 404 ? {} : null;
    }
  }
}
