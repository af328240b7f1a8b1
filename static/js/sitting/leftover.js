// On the receipt of a paper that the clock or an invigilator collected: if this browser's journal still holds answers that
// the server lacks (the page was reloaded after the end), the code and the sealed file are offered here too.

import { Api } from "./api.js";
import { Journal } from "./journal.js";
import { Undelivered } from "./undelivered.js";
import { load } from "./words.js";

const newer = (one, other) => one.binding > other.binding || (one.binding === other.binding && one.seq > other.seq);

/** The slots whose last step before the deadline the server does not have. */
export function lacking(steps, answers, deadline) {
  const last = new Map(steps.filter(({ at }) => Date.parse(at) < deadline).map((step) => [step.slot, step]));
  return [...last.values()].filter((step) => !answers[step.slot] || newer(step, answers[step.slot]));
}

async function look(place) {
  const { sittingId, handInKey } = place.dataset;
  const steps = (await Journal.open(sittingId, () => undefined, undefined, true)).steps();
  if (!steps.length) return;
  const { body } = await new Api({ base: "/api/v1", token: "" }).call("GET", `/sittings/${sittingId}`);
  const deadline = Date.parse(body.deadline);
  const count = lacking(steps, body.answers, deadline).length;
  if (!count) return;
  const { sitting, paper, nonce } = body;
  load(document.getElementById("sitting-words"));
  const dialog = new Undelivered(document.getElementById("undelivered"), {
    paper: { sitting, paper, nonce },
    publicKey: handInKey,
  });
  dialog.allowClosing(document.getElementById("undelivered-again"));
  await dialog.offer({ steps, deadline, count });
}

look(document.getElementById("leftover"));
