// The service worker: shows the copy of an open sitting's page when the server cannot be reached. It keeps nothing itself;
// the page does (offline_copy.js), and forgets when it is handed in; the door forgets when somebody else comes.

const COPIES = "hengjian-sitting-";
const PATIENCE = 6000;
const PAGE = /^\/sittings\/(\d+|mock)$/;
/** Pages that were shown from the copy: their parts come from it too. */
const offline = new Set();

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && PAGE.test(url.pathname)) event.respondWith(page(event, url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(part(event));
});

function inTime(answer) {
  return Promise.race([
    answer,
    new Promise((_, reject) => setTimeout(() => reject(new Error("the server does not answer")), PATIENCE)),
  ]);
}

async function page({ request, resultingClientId }, path) {
  const copy = await caches.match(path);
  if (!copy) return fetch(request);
  try {
    const answer = await inTime(fetch(request));
    // A proxy whose server is away answers 502; anything else is the server's own word.
    if (answer.status < 500) {
      if (!answer.ok) await forget();
      return answer;
    }
  } catch {
    // No network.
  }
  offline.add(resultingClientId);
  return copy;
}

async function part({ request, clientId }) {
  const copy = await caches.match(request);
  if (!copy) return fetch(request);
  if (offline.has(clientId)) return copy;
  try {
    const answer = await inTime(fetch(request));
    if (answer.ok) return answer;
  } catch {
    // No network.
  }
  return copy;
}

/** The server shows this page no more (handed in, signed out, another device): nobody else shall see it. */
async function forget() {
  const names = (await caches.keys()).filter((name) => name.startsWith(COPIES));
  await Promise.all(names.map((name) => caches.delete(name)));
}
