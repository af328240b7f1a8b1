// The QR code on the ticket carries number and code behind the #: they fill the form and are never sent in an address.

import { safeBrowserKeys } from "../sitting/api.js";
import { dropCopies } from "../sitting/offline_copy.js";

/** `{number, code}` of a fragment like `#n=20260001&c=7K2Q-F9XW-0DMA`; null when it names neither. */
export function fromFragment(fragment) {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const number = values.get("n");
  const code = values.get("c");
  return number || code ? { number: number || "", code: code || "" } : null;
}

function fill() {
  const form = document.querySelector("[data-sign-in]");
  const found = fromFragment(window.location.hash);
  if (!form || !found) return;
  form.elements.admission_number.value = found.number;
  form.elements.ticket_code.value = found.code;
  // A hall's computer is shared: the code stays neither in the address nor in the history.
  window.history.replaceState(null, "", window.location.pathname);
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
