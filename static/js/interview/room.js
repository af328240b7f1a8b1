// The interview room, the big screen, the signing page: their middle follows the server.

import { clock, replace, watch } from "./live.js";
import { runTimers } from "./timer.js";

document.querySelectorAll("[data-live]").forEach((region) => watch(region, replace));
runTimers(clock);

// What was sent once is not sent twice by a second touch; the server would take it as once anyway.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});
