// The list of people by state: only ticking is alive here.

import { connectSelection } from "./selection.js";

const list = document.querySelector("#seats");
if (list) connectSelection(list);
