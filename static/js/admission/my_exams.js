// Who scans a ticket where somebody is signed in already is led here, past the door: another's ticket is told, never entered.

import { takeTicket } from "./ticket.js";

const place = document.querySelector("[data-other-ticket]");

function look() {
  const found = takeTicket();
  if (found) place.hidden = found.number.trim().toUpperCase() === place.dataset.otherTicket.toUpperCase();
}

look();
window.addEventListener("hashchange", look);
