// Listens for the bell: a small file that is written anew when somebody changes the time of this sitting. To hand it out
// costs the server next to nothing, so that a whole hall may look at it every few seconds.

const EVERY = 3000;

export class Bell {
  /**
   * Without an address nobody listens. `since`: what was said up to then (ms, the server's time) stood in the page already.
   * `isAway()`: the server cannot be reached.
   */
  constructor({ api, address, since, isOver, isAway, rung }) {
    Object.assign(this, { api, address, since, isOver, isAway, rung });
    this.said = null;
    this.failed = false;
  }

  async listen() {
    while (this.address && !this.isOver()) {
      await new Promise((resolve) => { setTimeout(resolve, EVERY * (1 + Math.random() / 3)); });
      // The bell may be in reach where the application is not; where neither is, who asks the application notices the return.
      if (!this.failed || !this.isAway()) await this.look();
    }
  }

  /** It decides nothing and may fail: the server is asked how things stand all the same. */
  async look() {
    const { status, body } = await this.api.call("GET", this.address).catch((failure) => failure);
    this.failed = status === 0;
    if (status !== 200) return;
    const before = this.said;
    this.said = JSON.stringify(body);
    // Later on whatever is new counts: the server's clock may have been set back.
    const isNews = before === null ? Date.parse(body?.at) > this.since : this.said !== before;
    if (isNews && body?.at) this.rung(body);
  }
}
