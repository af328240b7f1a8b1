// One sitting, one page: the page opened last goes on, an earlier one in this browser stops.

const PATIENCE = 400;

/** Ask other pages of this sitting to stop; resolves once one has (or after a moment). `onTaken` is called when we are asked. */
export function takeOver(sitting, onTaken) {
  if (!("BroadcastChannel" in window)) return Promise.resolve();
  const channel = new BroadcastChannel(`hengjian-sitting-${sitting}`);
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE);
    channel.onmessage = async ({ data }) => {
      if (data === "stopped") resolve();
      if (data === "take-over") {
        await onTaken();
        channel.postMessage("stopped");
        channel.close();
      }
    };
    channel.postMessage("take-over");
  });
}
