// One answer by its link: the same figures, on the same snapshot.

import { get } from "../api.js";
import { shownAnswer } from "../answers.js";
import { el } from "../markup.js";
import { head } from "../ui.js";

export function open({ parts, title, go }) {
  const node = el("div", {});
  const ready = get(`/api/v1/shared/${encodeURIComponent(parts[0])}`).then((answer) => {
    title(answer.question || "Answer");
    node.replaceChildren(head(answer.question || "Answer", answer.shared_by ? `Shared by ${answer.shared_by}: as it was answered then.` : "As it was answered then.", el("a", { class: "button", href: `/ask?q=${encodeURIComponent(answer.question || "")}` }, "Ask it again now")),
      shownAnswer(answer, (q) => go(`/ask?q=${encodeURIComponent(q)}`)));
  });
  return { node, ready };
}
