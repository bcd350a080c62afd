// Pages that stay true while they are open: what has changed is put in place, without a reload and without a jump.
// <script src="live.js" data-every="30" data-parts="#main"> asks for the same page again every 30 s; the server answers
// 304 when nothing has changed. Nobody is disturbed: not who types, selects or has something open, and no hidden window.
"use strict";

const { every, parts } = document.currentScript.dataset;
let tag = "";

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html", ...(tag && { "If-None-Match": tag }) }, cache: "no-store" });
  if (answer.status !== 200 || answer.redirected) return;
  tag = answer.headers.get("ETag") || "";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [now, then] = [document, page].map((one) => [...one.querySelectorAll(parts)]);
  if (now.length !== then.length) return location.reload();
  now.forEach((part, at) => { if (!busy(part) && part.innerHTML !== then[at].innerHTML) part.replaceWith(document.adoptNode(then[at])); });
}

function busy(part) {
  const selected = getSelection();
  return part.contains(document.activeElement) || (!selected.isCollapsed && part.contains(selected.anchorNode)) || part.querySelector("details[open]");
}

if (every) setInterval(() => { if (!document.hidden) renew().catch(() => {}); }, every * 1000); // away from the net: the next try comes

// What the server has yet to count: ask for it, then put it in its place, or show the page that has it.
const here = new URL(location.href);
if (here.searchParams.has("wait")) {
  here.searchParams.delete("wait");
  history.replaceState(null, "", here);
}
for (const place of document.querySelectorAll("[data-pending]")) {
  fetch(place.dataset.pending).then((answer) => (answer.ok ? answer.text() : Promise.reject(answer))).then(
    (counted) => {
      if (!("fill" in place.dataset)) return showWhole();
      const part = document.createElement("template");
      part.innerHTML = counted;
      place.replaceWith(part.content);
    },
    () => { place.removeAttribute("aria-busy"); },
  );
}

function showWhole() {
  here.searchParams.set("wait", "1");
  location.replace(here);
}
