// One sitting, one page: the page opened last goes on, an earlier one in this browser stops.

const PATIENCE = 400;

/** Hold the lock of this name until `released` resolves; gives whether nobody else held it. Browsers have locks with HTTPS only. */
async function aloneUntil(name, released) {
  if (!navigator.locks) return false;
  const alone = await new Promise((resolve) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      resolve(Boolean(lock));
      return lock ? released : undefined;
    }).catch(() => resolve(false));
  });
  if (!alone) navigator.locks.request(name, () => released).catch(() => undefined);
  return alone;
}

/** Ask other pages of this sitting to stop; resolves once one has, or there is none (where that cannot be known: after a moment).
 *  `onTaken` is called when we are asked. */
export function takeOver(sitting, onTaken) {
  if (!("BroadcastChannel" in window)) return Promise.resolve();
  const name = `hengjian-sitting-${sitting}`;
  const channel = new BroadcastChannel(name);
  return new Promise((resolve) => {
    const stopped = new Promise((release) => {
      channel.onmessage = async ({ data }) => {
        if (data === "stopped") resolve();
        if (data === "take-over") {
          await onTaken();
          channel.postMessage("stopped");
          channel.close();
          release();
        }
      };
    });
    setTimeout(resolve, PATIENCE);
    channel.postMessage("take-over");
    aloneUntil(name, stopped).then((alone) => alone && resolve());
  });
}
