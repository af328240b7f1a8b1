// What this page last knew of the server, for a reload without the network: how far the server's clock is from this
// computer's, the deadline, the grace, the state, the turn. Only the difference of the clocks counts, not their time.

const key = (sitting) => `hengjian-sitting-${sitting}`;

export function keepBearings(sitting, bearings) {
  try {
    window.localStorage.setItem(key(sitting), JSON.stringify(bearings));
  } catch {
    // Without storage there is no reload without the network either; the page says so elsewhere.
  }
}

/** `{skew, deadline, grace, state, binding}` as they were kept; null when there are none. */
export function bearingsOf(sitting) {
  try {
    return JSON.parse(window.localStorage.getItem(key(sitting)));
  } catch {
    return null;
  }
}

export function dropBearings(sitting) {
  try {
    window.localStorage.removeItem(key(sitting));
  } catch {
    // Nothing was kept.
  }
}
