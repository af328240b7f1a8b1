// What the QR code on the ticket brings fills the form.

import { safeBrowserKeys } from "../sitting/api.js";
import { dropCopies } from "../sitting/offline_copy.js";
import { takeTicket } from "./ticket.js";

function fill() {
  const form = document.querySelector("[data-sign-in]");
  const found = takeTicket();
  if (!form || !found) return;
  form.elements.admission_number.value = found.number;
  form.elements.ticket_code.value = found.code;
  form.querySelector("button[type=submit]").focus();
}

/** Some versions of Safe Exam Browser send their keys with no request: the form brings them. */
async function showKeys() {
  const keys = await safeBrowserKeys();
  const field = document.querySelector("[data-sign-in]")?.elements.safe_browser;
  if (field && keys) field.value = keys;
}

fill();
showKeys();
// Whoever comes to the door now shall not find the page of whoever sat here before.
dropCopies().catch(() => undefined);
window.addEventListener("hashchange", fill);
