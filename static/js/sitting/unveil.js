// A hundred items take a slow computer half a second to dress and to place: those in sight come with the page, the others
// (.is-here) once it can be used, a few at a time, those next to where the candidate looks first.

const AT_ONCE = 6;
const LATEST = 200;

const soon = (work) => (window.requestIdleCallback ? requestIdleCallback(work, { timeout: LATEST }) : setTimeout(work, 0));

/** Show all items; resolves when the last one is here. */
export function unveil(root) {
  const veiled = [...root.querySelectorAll(".sitting-item")];
  return new Promise((resolve) => {
    const some = () => {
      const from = veiled.findIndex((element) => element.getBoundingClientRect().bottom > 0);
      veiled.splice(Math.max(0, from), AT_ONCE).forEach((element) => element.classList.add("is-here"));
      if (veiled.length) soon(some);
      else resolve();
    };
    soon(some);
  });
}
