// Keeps the page up to date: requests its main part every few seconds and replaces the
// sections that have changed. Focus, sideways scrolling and opened lists stay. A section
// with selected text is not replaced, and the page says so. It stops when the page is
// final.
"use strict";

const every = 5000; // milliseconds between two requests, and the timeout of one

const contact = document.getElementById("contact");

function selected(section) {
  const selection = document.getSelection();
  return selection && !selection.isCollapsed && section.contains(selection.anchorNode);
}

function replaceSection(shown, fresh) {
  const places = (root) => Array.from(root.querySelectorAll("a, summary, [tabindex]"));
  const before = places(shown);
  const focused = before.indexOf(document.activeElement);
  shown.replaceWith(fresh);
  places(fresh).forEach((place, i) => {
    if (i < before.length) {
      place.scrollLeft = before[i].dataset.scrolled;
    }
    if (i === focused) {
      place.focus({ preventScroll: true });
    }
  });
}

function keepOpen(shown, fresh) {
  for (const details of shown.querySelectorAll("details[open]")) {
    const same = fresh.querySelector("#" + details.id);
    if (same) {
      same.open = true;
    }
  }
}

const final = () => document.getElementById("main").hasAttribute("data-final");

// Replaces the changed sections and returns how many had to wait.
function replaceChanged(fresh) {
  const main = document.getElementById("main");
  keepOpen(main, fresh);
  const ids = (root) => Array.from(root.children, (section) => section.id).join(" ");
  if (ids(main) !== ids(fresh)) {
    main.replaceWith(fresh);
    return 0;
  }
  for (const place of main.querySelectorAll("[tabindex]")) {
    place.dataset.scrolled = place.scrollLeft;
  }
  main.toggleAttribute("data-final", fresh.hasAttribute("data-final"));
  let waiting = 0;
  for (const section of Array.from(fresh.children)) {
    const shown = document.getElementById(section.id);
    if (selected(shown)) {
      waiting++;
    } else {
      replaceSection(shown, section);
    }
  }
  return waiting;
}

function say(text, stale) {
  document.body.classList.toggle("stale", stale);
  if (contact.textContent !== text) {
    contact.textContent = text;
  }
}

async function refresh() {
  if (document.hidden || final()) {
    return;
  }
  try {
    const query = new URLSearchParams(location.search);
    query.set("part", "main");
    const response = await fetch("?" + query, { cache: "no-store", signal: AbortSignal.timeout(every) });
    if (!response.ok) {
      throw new Error(response.statusText);
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const waiting = replaceChanged(page.getElementById("main"));
    say(waiting > 0 ? "The section with the selected text is not updated." : "", false);
  } catch {
    say("The sidecar does not answer. This page is as of " + document.getElementById("asof").textContent + ".", true);
  }
}

async function untilFinal() {
  await refresh();
  if (!final()) {
    setTimeout(untilFinal, every);
  }
}

setTimeout(untilFinal, every);
document.addEventListener("visibilitychange", refresh);
