// Marks not yet saved, kept in this device's own storage for each candidate and examiner until the server has them.

const PREFIX = "hengjian-sheet:";
const KEPT_FOR = 30 * 24 * 3600 * 1000;

function storage() {
  try {
    const store = window.localStorage;
    store.setItem(`${PREFIX}probe`, "1");
    store.removeItem(`${PREFIX}probe`);
    return store;
  } catch {
    return null;
  }
}

const store = storage();

export const persistent = store !== null;

export function keep(name, values) {
  if (!store) return false;
  try {
    store.setItem(PREFIX + name, JSON.stringify({ values, at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

export function recall(name) {
  if (!store) return null;
  try {
    const kept = JSON.parse(store.getItem(PREFIX + name) || "null");
    return kept && typeof kept.values === "object" ? kept.values : null;
  } catch {
    return null;
  }
}

export function forget(name) {
  if (store) store.removeItem(PREFIX + name);
}

/** Tablets are shared: what is a month old goes. */
export function forgetOld(now = Date.now()) {
  if (!store) return;
  Object.keys(store)
    .filter((key) => key.startsWith(PREFIX))
    .forEach((key) => {
      try {
        if (now - JSON.parse(store.getItem(key)).at > KEPT_FOR) store.removeItem(key);
      } catch {
        store.removeItem(key);
      }
    });
}
