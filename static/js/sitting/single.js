// One item at a time, as the organizer chose: the answer card and the links lead to any item, two buttons to its neighbours.

import { say } from "./words.js";

export class OneAtATime {
  /** `items` in the order of the paper. */
  constructor(root, items) {
    this.items = items;
    this.bar = root.querySelector("[data-steps]");
    this.back = this.bar.querySelector("[data-step-back]");
    this.next = this.bar.querySelector("[data-step-next]");
    this.end = root.querySelector(".sitting-end");
    this.bar.hidden = false;
    this.back.addEventListener("click", () => this.show(this.place - 1));
    this.next.addEventListener("click", () => this.show(this.place + 1));
    // Before the browser follows the link: what is not shown cannot be scrolled to.
    document.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="#slot-"]');
      if (link) this.show(this.placeOf(link.getAttribute("href")), { focus: false });
    }, true);
    window.addEventListener("hashchange", () => this.show(this.placeOf(window.location.hash)));
    this.show(Math.max(0, this.placeOf(window.location.hash)), { focus: false });
  }

  placeOf(hash) {
    return this.items.findIndex(({ element }) => `#${element.id}` === hash);
  }

  show(place, { focus = true } = {}) {
    if (place < 0 || place >= this.items.length || place === this.place) return;
    this.place = place;
    const shown = this.items[place].element;
    this.items.forEach(({ element }) => element.classList.toggle("is-current", element === shown));
    document.querySelectorAll(".sitting-section").forEach((section) => {
      section.hidden = !section.contains(shown);
    });
    this.back.disabled = place === 0;
    this.next.disabled = place === this.items.length - 1;
    this.end.hidden = !this.next.disabled;
    this.bar.querySelector("[data-step-place]").textContent = say("step_place", { place: place + 1, all: this.items.length });
    if (!focus) return;
    // Written without a jump; a reload comes back here.
    window.history.replaceState(window.history.state, "", `#${shown.id}`);
    shown.focus();
    shown.scrollIntoView({ block: "nearest" });
  }
}
