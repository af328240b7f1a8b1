// The QR code on the ticket carries number and code behind the #; they are never sent in an address.

/** `{number, code}` of a fragment like `#n=20260001&c=7K2Q-F9XW-0DMA`; null when it names neither. */
export function fromFragment(fragment) {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const number = values.get("n");
  const code = values.get("c");
  return number || code ? { number: number || "", code: code || "" } : null;
}

/** What the address brings, once: a hall's computer is shared, the code stays neither in the address nor in the history. */
export function takeTicket() {
  const found = fromFragment(window.location.hash);
  if (found) window.history.replaceState(null, "", window.location.pathname);
  return found;
}
