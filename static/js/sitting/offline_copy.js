// Keeps the open page and what it is made of in this browser, so that the service worker can show it without the network.
// One copy at a time, replaced whole at every load: page and parts are always of one release.

export const COPIES = "hengjian-sitting-";

/** The page as the server sent it; to be taken before any script changes it. */
export function pageAsSent() {
  return `<!DOCTYPE html>\n${document.documentElement.outerHTML}`;
}

export const isOfflineCopy = () => document.documentElement.dataset.offlineCopy !== undefined;

/** True once a reload would work without the network; false where the browser cannot do it (no HTTPS, no storage). */
export async function keepCopy(html, workerUrl) {
  if (!workerUrl || !window.isSecureContext || !navigator.serviceWorker || !window.caches) return false;
  try {
    await navigator.serviceWorker.register(workerUrl, { scope: "/sittings/" });
    await navigator.serviceWorker.ready;
    await store(html);
    return true;
  } catch (failure) {
    console.warn("offline copy: not kept", failure);
    return false;
  }
}

async function store(html) {
  const parts = [...new Set(performance.getEntriesByType("resource").map(({ name }) => name))]
    .filter((name) => name.startsWith(`${window.location.origin}/static/`));
  // The browser has just loaded them: nothing is asked of the server again.
  const answers = await Promise.all(parts.map((name) => fetch(name, { cache: "force-cache" })));
  if (!answers.every(({ ok }) => ok)) throw new Error("a part of the page is missing");
  const name = `${COPIES}${Date.now()}`;
  const cache = await caches.open(name);
  const headers = { "Content-Type": "text/html; charset=utf-8", "Referrer-Policy": "same-origin" };
  headers["Content-Security-Policy"] = answers[0].headers.get("Content-Security-Policy");
  await Promise.all(parts.map((part, index) => cache.put(part, answers[index])));
  const marked = html.replace("<html ", "<html data-offline-copy ");
  await cache.put(window.location.pathname, new Response(marked, { headers }));
  await dropCopies(name);
}

/** Forget every copy but the one called `but`. */
export async function dropCopies(but) {
  if (!window.caches) return;
  const names = (await caches.keys()).filter((name) => name.startsWith(COPIES) && name !== but);
  await Promise.all(names.map((name) => caches.delete(name)));
}
