// Pages that stay true while they are open: what has changed is put in place, without a reload and without a jump.
// <script src="live.js" data-every="30" data-parts="#main"> asks for the same page again every 30 s; the server answers
// 304 when nothing has changed. Nobody is disturbed: not who types, selects or has something open, and no hidden window.
"use strict";

{ // its names stay its own: every script of a page shares one scope
  const { every, parts } = document.currentScript.dataset;
  let tag = "";

  async function renew() {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", ...(tag && { "If-None-Match": tag }) }, cache: "no-store" });
    if (answer.status !== 200 || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [now, then] = [document, page].map((one) => [...one.querySelectorAll(parts)]);
    if (now.length !== then.length) location.reload();
    else if (!now.some(busy)) {
      now.forEach((part, at) => { if (part.innerHTML !== then[at].innerHTML) part.replaceWith(document.adoptNode(then[at])); });
      tag = answer.headers.get("ETag") || "";
    }
  }

  function busy(part) {
    const selected = getSelection();
    const held = document.activeElement !== part && part.contains(document.activeElement);
    return held || (!selected.isCollapsed && part.contains(selected.anchorNode)) || part.querySelector("details[open]");
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
}
