// Listens for the bell: a small file that is written anew when somebody changes the time of this sitting. To hand it out
// costs the server next to nothing, so that a whole hall may look at it every few seconds.

const EVERY = 3000;

export class Bell {
  /** Without an address nobody listens. `since`: what was said up to then (ms, the server's time) stood in the page already. */
  constructor({ api, address, since, isOver, rung }) {
    Object.assign(this, { api, address, since, isOver, rung });
    this.said = "";
  }

  async listen() {
    while (this.address && !this.isOver()) {
      await new Promise((resolve) => { setTimeout(resolve, EVERY * (1 + Math.random() / 3)); });
      await this.look();
    }
  }

  /** It decides nothing and may fail: the server is asked how things stand all the same. */
  async look() {
    const { body } = await this.api.call("GET", this.address).catch(() => ({ body: {} }));
    const said = JSON.stringify(body);
    if (said === this.said || !(Date.parse(body.at) > this.since)) return;
    this.said = said;
    this.rung(body);
  }
}
