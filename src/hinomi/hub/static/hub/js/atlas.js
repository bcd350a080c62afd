// The atlas: one hour of darknet traffic, minute by minute, as arcs between countries. Own drawing, no library.
"use strict";

const MINUTE = 1000; // one second shows one minute
const FLIGHT = 1500; // how long an arc is on its way
const MOST = 220; // arcs on the map at once: a flood must stay readable, and the machine cool
const PER_MINUTE = 80; // arcs begun for one minute
const REFRESH = 60000;
const TOP = 6; // places and ports named beside the map

const figure = document.querySelector("[data-atlas]");
if (figure) start(figure);

async function start(figure) {
  const find = (name) => figure.querySelector(name);
  const globe = find(".globe");
  const canvas = find("canvas");
  const pen = canvas.getContext("2d");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const range = find(".player input");
  const play = find("[data-play]");
  const hidden = new Set();
  const number = new Intl.NumberFormat(document.documentElement.lang);
  let palette = {};
  let hour = await load();
  if (!hour.rows.length) return;
  const name = naming();
  let playing = !still;
  let minute = hour.rows[0][0];
  let since = performance.now();
  let arcs = [];
  let rings = [];
  let frame = 0;
  let wide = 0;
  let painted = 0; // of which moment the picture is, to paint it again when the window changes

  async function load() {
    const answer = await fetch(figure.dataset.atlas, { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : { rows: [], places: {} };
  }

  function naming() {
    try {
      const names = new Intl.DisplayNames(document.documentElement.lang, { type: "region" });
      return (code) => (code ? names.of(code) : figure.dataset.unknown);
    } catch { return (code) => code || figure.dataset.unknown; }
  }

  const shown = () => hour.rows.filter((row) => row[0] === minute && !hidden.has(row[2]));

  function target() {
    const codes = figure.dataset.targets.split(",").filter((code) => hour.places[code]);
    return codes.length ? hour.places[codes[Math.floor(Math.random() * codes.length)]] : null;
  }

  // A minute's arcs are shared out among countries and kinds by the root of their packets, so that the small are seen too.
  function begin(now) {
    const rows = shown().filter((row) => hour.places[row[1]]);
    const sum = rows.reduce((total, row) => total + Math.sqrt(row[3]), 0) || 1;
    for (const [, country, kind, packets] of rows) {
      const count = Math.max(1, Math.round((PER_MINUTE * Math.sqrt(packets)) / sum));
      for (let at = 0; at < count && arcs.length < MOST; at += 1) {
        arcs.push({
          from: hour.places[country], to: target(), kind, born: now + Math.random() * MINUTE, landed: false,
          lift: 0.22 + Math.random() * 0.26, weight: Math.min(3, 1 + Math.log10(packets) / 2),
        });
      }
    }
  }

  function tell() {
    const time = new Date(new Date(hour.start).getTime() + minute * 60000).toISOString();
    find("[data-clock]").textContent = time.slice(11, 16);
    find("[data-clock]").dateTime = time;
    find("[data-sum]").textContent = number.format(shown().reduce((sum, row) => sum + row[3], 0));
    range.value = minute;
    range.setAttribute("aria-valuetext", time.slice(11, 16));
    play.setAttribute("aria-pressed", String(!playing));
    find("[data-playing]").hidden = !playing;
    find("[data-paused]").hidden = playing;
    list("[data-from]", shown().map((row) => [name(row[1]), row[3]]));
    list("[data-ports]", (hour.ports || []).filter((row) => row[0] === minute).map((row) => [row[1], row[2]]));
  }

  function list(where, pairs) {
    const sums = new Map();
    for (const [key, packets] of pairs) sums.set(key, (sums.get(key) || 0) + packets);
    const best = [...sums].sort((a, b) => b[1] - a[1]).slice(0, TOP);
    const box = find(where);
    box.replaceChildren(...best.map(([key, packets]) => {
      const item = document.createElement("li");
      const word = document.createElement("span");
      const count = document.createElement("span");
      word.textContent = key;
      count.textContent = number.format(packets);
      item.append(word, count);
      item.style.setProperty("--share", packets / best[0][1]);
      return item;
    }));
  }

  function draw(now) {
    frame = requestAnimationFrame(draw);
    paint(now);
  }

  function paint(now) {
    painted = now;
    const dense = Math.min(devicePixelRatio || 1, 2);
    if (wide !== canvas.clientWidth) {
      wide = canvas.clientWidth;
      canvas.width = Math.round(wide * dense);
      canvas.height = Math.round(canvas.clientHeight * dense);
      palette = Object.fromEntries([...figure.querySelectorAll("[data-kind]")].map((one) => [one.dataset.kind, getComputedStyle(one).color]));
    }
    const scale = (dense * wide) / 1000;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, 1000, 455);
    if (playing && now - since >= MINUTE) {
      since = now;
      minute = (minute + 1) % 60;
      begin(now);
      tell();
    }
    pen.globalCompositeOperation = "lighter"; // light adds up where many arrive
    arcs = arcs.filter((arc) => now < arc.born + FLIGHT * 1.4);
    for (const arc of arcs) if (now >= arc.born) fly(arc, (now - arc.born) / FLIGHT, now);
    rings = rings.filter((ring) => now < ring.born + 900);
    for (const ring of rings) ripple(ring, (now - ring.born) / 900);
  }

  function fly(arc, share, now) {
    const [x0, y0] = arc.from;
    const [x1, y1] = arc.to || arc.from;
    const high = Math.min(140, Math.hypot(x1 - x0, y1 - y0) * arc.lift);
    const [mx, my] = [(x0 + x1) / 2, Math.max((y0 + y1) / 2 - high, 8 - (y0 + y1) / 2)]; // its height stays on the map
    const head = Math.min(1, share);
    const tail = Math.max(0, share - 0.4);
    const fade = share > 1 ? Math.max(0, 1 - (share - 1) * 2.5) : 1;
    if (share >= 1 && !arc.landed) { arc.landed = true; rings.push({ at: [x1, y1], kind: arc.kind, born: now }); }
    pen.strokeStyle = pen.fillStyle = palette[arc.kind] || palette.other;
    const steps = 14;
    for (let step = 0; step < steps; step += 1) { // a tail that fades, drawn in pieces
      const [xa, ya] = along(tail + ((head - tail) * step) / steps);
      const [xb, yb] = along(tail + ((head - tail) * (step + 1)) / steps);
      const near = (step + 1) / steps;
      pen.globalAlpha = fade * near * near * 0.8;
      pen.lineWidth = arc.weight * (0.3 + 0.5 * near);
      pen.beginPath();
      pen.moveTo(xa, ya);
      pen.lineTo(xb, yb);
      pen.stroke();
    }
    const [x, y] = along(head);
    pen.globalAlpha = fade * 0.18;
    pen.beginPath();
    pen.arc(x, y, 5 + arc.weight * 2, 0, 7);
    pen.fill();
    pen.globalAlpha = fade;
    shape(arc.kind, x, y, 1.6 + arc.weight * 0.7);
    pen.globalAlpha = 1;

    function along(t) {
      return [(1 - t) ** 2 * x0 + 2 * (1 - t) * t * mx + t * t * x1, (1 - t) ** 2 * y0 + 2 * (1 - t) * t * my + t * t * y1];
    }
  }

  function ripple(ring, share) {
    pen.strokeStyle = palette[ring.kind] || palette.other;
    pen.globalAlpha = (1 - share) ** 2 * 0.5;
    pen.lineWidth = 0.8;
    pen.beginPath();
    pen.arc(...ring.at, 3 + 22 * share, 0, 7);
    pen.stroke();
    pen.globalAlpha = 1;
  }

  // The shapes of the legend: colour alone tells nothing to many people.
  function shape(kind, x, y, r) {
    pen.beginPath();
    if (kind === "mirai") { pen.moveTo(x, y - r); pen.lineTo(x + r, y + r); pen.lineTo(x - r, y + r); }
    else if (kind === "backscatter") { pen.moveTo(x, y + r); pen.lineTo(x + r, y - r); pen.lineTo(x - r, y - r); }
    else if (kind === "masscan") pen.rect(x - r, y - r, 2 * r, 2 * r);
    else if (kind === "zmap") { pen.moveTo(x, y - r * 1.3); pen.lineTo(x + r * 1.3, y); pen.lineTo(x, y + r * 1.3); pen.lineTo(x - r * 1.3, y); }
    else if (kind === "udp") { pen.rect(x - r, y - r / 3, 2 * r, (2 * r) / 3); pen.rect(x - r / 3, y - r, (2 * r) / 3, 2 * r); }
    else if (kind === "other") pen.rect(x - r, y - r / 3, 2 * r, (2 * r) / 3);
    else pen.arc(x, y, r, 0, 7);
    if (kind === "icmp") { pen.lineWidth = 1; pen.stroke(); } else pen.fill();
  }

  // Those who asked for stillness see one picture of the minute: every arc on its way, none moving.
  function picture() {
    arcs = [];
    rings = [];
    begin(0);
    for (const arc of arcs) arc.born = -Math.random() * FLIGHT * 0.9;
    paint(0);
  }

  function go(to) {
    minute = to;
    since = performance.now();
    if (still && !playing) picture();
    else { arcs = []; begin(since); if (!playing) paint(since + FLIGHT / 2); }
    tell();
  }

  function run() {
    cancelAnimationFrame(frame);
    if (playing && !document.hidden) { since = performance.now(); frame = requestAnimationFrame(draw); }
  }

  play.addEventListener("click", () => {
    playing = !playing;
    if (playing) begin(performance.now());
    run();
    tell();
  });
  range.addEventListener("input", () => go(Number(range.value)));
  document.addEventListener("visibilitychange", run);
  new ResizeObserver(() => { if (!playing) paint(painted); }).observe(globe);

  // A kind can be left out, to see the others.
  for (const item of figure.querySelectorAll("[data-kind]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...item.childNodes);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      const { kind } = item.dataset;
      if (!hidden.delete(kind)) hidden.add(kind);
      button.setAttribute("aria-pressed", String(!hidden.has(kind)));
      arcs = arcs.filter((arc) => !hidden.has(arc.kind));
      if (!playing) go(minute);
      tell();
    });
    item.append(button);
  }

  const wall = find("[data-wall]");
  if (!document.fullscreenEnabled) wall.hidden = true;
  else {
    wall.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : figure.requestFullscreen()));
  }
  if (!figure.dataset.atlas.includes("hour=")) {
    setInterval(async () => { if (playing && !document.hidden) { const fresh = await load(); if (fresh.rows.length) hour = fresh; } }, REFRESH);
  }
  find("[data-ports-box]").hidden = !hour.ports;
  tell();
  if (playing) begin(since);
  else picture();
  run();
}
