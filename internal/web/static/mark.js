// Marks findings: a button says that a finding was applied or rejected. Without this script
// there are no buttons, and the command of the page does the same.
"use strict";

document.documentElement.classList.add("can-mark");

async function mark(button) {
  const answer = button.parentElement.querySelector("output");
  const buttons = button.parentElement.querySelectorAll("button");
  buttons.forEach((b) => { b.disabled = true; });
  try {
    const response = await fetch("../api/v1/history/mark", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ finding: button.dataset.finding, decision: button.dataset.decision }),
    });
    if (response.ok) {
      answer.textContent = "Marked as " + button.dataset.decision + ".";
      return;
    }
    const said = await response.json().catch(() => ({}));
    answer.textContent = "Not marked: " + (said.error || response.statusText);
  } catch {
    answer.textContent = "Not marked: the sidecar does not answer.";
  }
  buttons.forEach((b) => { b.disabled = false; });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-finding]");
  if (button) {
    mark(button);
  }
});
