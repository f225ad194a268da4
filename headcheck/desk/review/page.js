// The page of `headcheck review`. Whatever a person wrote comes as text, or as HTML that the server
// has cleaned; the page's Content-Security-Policy lets nothing else run or load.
"use strict";

const TOKEN = new URLSearchParams(location.hash.slice(1)).get("token") || "";
const SEEN_EVERY = 15000; // ms: what others have marked meanwhile
const TYPED_TOGETHER = 900; // ms between two digits of one mark
const AT_ONCE = 20; // texts in one request
const $ = (id) => document.getElementById(id);

let desk = { answers: [], points: 0 };
let cards = new Map(); // id -> card
let shown = []; // cards that the filter lets through, in order
let here = null;
let undo = [];
let saving = Promise.resolve();
let typed = { text: "", at: 0, id: null };

async function ask(path, body) {
  const options = { headers: { "X-Headcheck-Token": TOKEN } };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let reply;
  try {
    reply = await fetch("api/" + path, options);
  } catch {
    throw new Error("headcheck review does not answer any more; start it again. What was saved is saved.");
  }
  const said = await reply.json().catch(() => ({}));
  if (reply.ok || reply.status === 409) return { status: reply.status, ...said };
  throw new Error(said.error || "the server said " + reply.status);
}

function trouble(error) {
  $("trouble").textContent = error ? error.message : "";
  $("trouble").hidden = !error;
}

function which() {
  const [assignment, name] = JSON.parse($("question").value);
  const anonymous = $("anonymous").checked ? "1" : "";
  return new URLSearchParams({ assignment, name, anonymous });
}

// ---- the list

async function begin() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const { questions } = await ask("questions");
  for (const one of questions) {
    const option = new Option(`${one.assignment} ${one.name} (${one.waiting} of ${one.answers} to read)`, JSON.stringify([one.assignment, one.name]));
    option.selected = one.assignment === wanted.get("assignment") && one.name === wanted.get("name");
    $("question").add(option);
  }
  await open();
}

async function open() {
  cards.clear();
  undo = [];
  here = null;
  desk = await ask("answers?" + which());
  if (desk.anonymous) $("hide").hidden = true;
  document.title = `${desk.name} · Review`;
  $("asked").innerHTML = desk.question || "";
  $("scheme").innerHTML = desk.scheme || "";
  for (const answer of desk.answers) cards.set(answer.id, makeCard(answer));
  if ($("filter").value === "waiting" && !desk.answers.some(waits)) $("filter").value = "all";
  list();
  if (desk.read_only) trouble(new Error(desk.read_only));
}

const waits = (one) => one.mark.waits && !one.unreadable; // what could not be read is nobody's answer

const FILTERS = {
  all: () => true,
  waiting: waits,
  again: (one) => one.mark.waits && one.mark.score !== null,
  read: (one) => !one.mark.waits && !one.empty,
  empty: (one) => one.empty,
};

function list(at) {
  shown = [...cards.values()].filter((card) => FILTERS[$("filter").value](card.answer));
  near.disconnect();
  $("answers").replaceChildren(...shown.map((card) => card.node));
  if (!shown.length) $("answers").textContent = "Nothing here.";
  for (const card of shown) if (!card.loaded) near.observe(card.node);
  go(shown.find((card) => card.answer.id === at) || shown[0] || null, false);
  progress();
}

const together = (answer) => [answer.id, ...answer.also].join();

function isAnother(answers) {
  return answers.length !== cards.size || answers.some((one) => !cards.has(one.id) || together(cards.get(one.id).answer) !== together(one));
}

function regroup(answers) {
  // Who is marked together is not who it was: one of a group has a mark of their own, or other answers came.
  const before = cards;
  cards = new Map();
  for (const one of answers) {
    const known = before.get(one.id);
    const same = known && together(known.answer) === together(one);
    if (same) known.answer.mark = one.mark;
    cards.set(one.id, same ? known : makeCard(one));
    draw(cards.get(one.id));
  }
  undo = undo.filter(({ card }) => cards.get(card.answer.id) === card);
  list(here && here.answer.id);
}

function makeCard(answer) {
  const node = $("card").content.firstElementChild.cloneNode(true);
  const part = (name) => node.querySelector(name);
  const card = { answer, node, part, loaded: false, pending: 0, saves: 0 };
  node.dataset.id = answer.id;
  part(".who").textContent = answer.label;
  part(".name").textContent = answer.name;
  part(".points").textContent = desk.points;
  part(".group").hidden = !answer.also.length;
  part(".group").textContent = `One file of ${answer.also.length + 1} people: mark and comment hold for all of them.`;
  node.addEventListener("click", () => go(card, false));
  part(".mark").addEventListener("change", () => typedMark(card));
  part("textarea").addEventListener("change", () => save(card, { comment: part("textarea").value }));
  part(".mark").readOnly = part("textarea").readOnly = Boolean(desk.read_only);
  draw(card);
  return card;
}

function draw(card) {
  const { mark, empty, unreadable } = card.answer;
  card.node.className = (mark.waits ? "waits" : "read") + (card === here ? " here" : "");
  const again = mark.waits && mark.score !== null;
  const open = unreadable ? "file could not be read" : again ? "to read again" : "to read";
  card.part(".state").textContent = mark.waits ? open : empty && mark.score === null ? "nothing written" : "read";
  if (document.activeElement !== card.part(".mark")) card.part(".mark").value = mark.score ?? "";
  if (document.activeElement !== card.part("textarea")) card.part("textarea").value = mark.comment;
}

function progress() {
  const every = [...cards.values()];
  const waiting = every.filter((card) => waits(card.answer)).length;
  $("bar").max = Math.max(every.length, 1);
  $("bar").value = every.length - waiting;
  $("progress").textContent = `${every.length - waiting} of ${every.length} read`;
}

// ---- the texts, when they come near the window

const near = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) want(cards.get(entry.target.dataset.id));
}, { rootMargin: "1500px 0px" });

let wanted = new Set();
let asking = false;

function want(card) {
  if (!card || card.loaded) return;
  wanted.add(card);
  if (!asking) {
    asking = true;
    queueMicrotask(load);
  }
}

async function load() {
  try {
    while (wanted.size) {
      const some = [...wanted].slice(0, AT_ONCE);
      for (const card of some) wanted.delete(card);
      const query = which();
      query.set("ids", some.map((card) => card.answer.id).join(","));
      const { texts } = await ask("texts?" + query);
      for (const text of texts) {
        const card = cards.get(text.id);
        if (!card) continue;
        card.loaded = true;
        near.unobserve(card.node);
        card.part(".text").innerHTML = text.html;
        card.part(".file").textContent = desk.anonymous || $("anonymous").checked ? "" : text.file;
      }
    }
  } catch (error) {
    trouble(error);
  } finally {
    asking = false;
  }
}

// ---- moving

function go(card, scroll = true) {
  if (here && here !== card) {
    here.node.classList.remove("here");
  }
  here = card;
  if (!card) return;
  card.node.classList.add("here");
  want(card);
  if (scroll) {
    card.node.focus({ preventScroll: true });
    card.node.scrollIntoView({ block: "start" });
  }
}

function step(by) {
  const at = shown.indexOf(here);
  const next = shown[Math.min(Math.max(at + by, 0), shown.length - 1)];
  if (next) go(next);
}

function nextWaiting() {
  const at = shown.indexOf(here);
  const next = [...shown.slice(at + 1), ...shown.slice(0, at)].find((card) => waits(card.answer));
  if (next) go(next);
}

// ---- marking

function save(card, change, { remember = true } = {}) {
  // One after the other, in the order of the keys: each is written over what the one before has left.
  card.pending += 1;
  saving = saving.then(async () => {
    const before = card.answer.mark;
    const wanted = { ...before, ...(typeof change === "function" ? change(before) : change) };
    if (desk.read_only) throw new Error(desk.read_only);
    if (wanted.score > desk.points) throw new Error(`The most is ${desk.points}.`);
    if (wanted.score === before.score && wanted.comment === before.comment && wanted.waits === before.waits) return;
    const { id, also } = card.answer;
    const reply = await ask("mark", { id, also, wanted, seen: before });
    if (reply.status === 409 && !reply.alike) {
      regroup((await ask("answers?" + which())).answers);
      throw new Error("Somebody else has marked one of this group meanwhile: who has a mark of their own stands apart now. Yours is not saved.");
    }
    card.answer.mark = reply.mark;
    if (reply.status === 409) return newer(card, reply.mark, change);
    card.part(".newer").hidden = true;
    if (remember) undo.push({ card, before });
    trouble(null);
  }).catch(trouble).finally(() => {
    card.pending -= 1;
    card.saves += 1;
    draw(card);
    progress();
  });
}

function newer(card, theirs, change) {
  const said = [theirs.score === null ? "no mark" : `the mark ${theirs.score}`];
  if (theirs.comment) said.push(`the comment “${theirs.comment}”`);
  const box = card.part(".newer");
  const wanted = { ...theirs, ...(typeof change === "function" ? change(theirs) : change) };
  const mine = wanted.comment !== theirs.comment ? "the comment" : wanted.score === null ? "no mark" : `the mark ${wanted.score}`;
  box.querySelector("p").textContent = `Somebody else has marked this meanwhile: ${said.join(" and ")}. Yours, ${mine}, is not saved.`;
  box.hidden = false;
  box.querySelector(".theirs").onclick = () => { box.hidden = true; draw(card); };
  box.querySelector(".mine").onclick = () => save(card, change);
}

function typedMark(card) {
  const text = card.part(".mark").value.trim().replace(",", ".");
  const score = text === "" ? null : Number(text);
  if (Number.isNaN(score)) return trouble(new Error(`“${text}” is no number`));
  save(card, { score, waits: score === null });
}

function digit(key) {
  const now = Date.now();
  const goesOn = typed.id === here.answer.id && now - typed.at < TYPED_TOGETHER;
  let text = goesOn ? typed.text + key : key;
  if (Number(text) > desk.points) text = key;
  if (Number(text) > desk.points) return trouble(new Error(`The most is ${desk.points}.`));
  typed = { text, at: now, id: here.answer.id };
  save(here, { score: Number(text), waits: false });
}

function half(card) {
  save(card, (now) => ({ score: (now.score ?? 0) + 0.5, waits: false }));
}

async function takeBack() {
  await saving;
  const last = undo.pop();
  if (!last) return;
  go(last.card);
  save(last.card, last.before, { remember: false });
}

// ---- keys

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input, textarea, select");
  if (field) {
    const leaves = event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey || field.tagName === "INPUT"));
    if (leaves) {
      event.preventDefault();
      field.blur();
      if (here) here.node.focus({ preventScroll: true });
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    j: () => step(1), n: () => step(1), ArrowDown: () => step(1),
    k: () => step(-1), p: () => step(-1), ArrowUp: () => step(-1),
    w: nextWaiting,
    c: () => here && here.part("textarea").focus(),
    h: () => here && half(here),
    r: () => here && save(here, { waits: true }),
    u: takeBack,
    "?": () => { $("keys").hidden = !$("keys").hidden; },
  };
  const act = /^[0-9]$/.test(event.key) ? () => here && digit(event.key) : keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

$("help").addEventListener("click", () => { $("keys").hidden = !$("keys").hidden; });
$("filter").addEventListener("change", () => { list(); $("filter").blur(); });
$("question").addEventListener("change", () => { $("question").blur(); open().catch(trouble); });
$("anonymous").addEventListener("change", () => open().catch(trouble));

// ---- what others have marked meanwhile

setInterval(async () => {
  if (document.hidden || !cards.size) return;
  const saves = new Map([...cards].map(([id, card]) => [id, card.saves]));
  try {
    const { answers } = await ask("answers?" + which());
    if (isAnother(answers)) {
      const busy = [...cards.values()].some((card) => card.pending || !card.part(".newer").hidden) || document.activeElement.closest("article textarea, article input");
      if (!busy) regroup(answers);
      return;
    }
    for (const one of answers) {
      const card = cards.get(one.id);
      // What was saved while the reply was on its way is newer than the reply.
      if (!card || card.pending || card.saves !== saves.get(one.id) || !card.part(".newer").hidden || card.node.contains(document.activeElement) && document.activeElement !== card.node) continue;
      card.answer.mark = one.mark;
      card.answer.unreadable = one.unreadable;
      draw(card);
    }
    progress();
  } catch (error) {
    trouble(error);
  }
}, SEEN_EVERY);

begin().catch(trouble);
