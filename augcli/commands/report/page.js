"use strict";
const sections = [...document.querySelectorAll("main > section")];
const links = [...document.querySelectorAll("nav a")];
const pictures = [...document.querySelectorAll("button.picture")];
const viewer = document.getElementById("viewer");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

document.querySelector(".keys").hidden = false;

function here() {
  const line = innerHeight / 3;
  let at = 0;
  sections.forEach((section, number) => { if (section.getBoundingClientRect().top <= line) at = number; });
  if (innerHeight + scrollY >= document.documentElement.scrollHeight - 2 && goal >= 0) at = Math.max(at, goal);
  return at;
}

let goal = -1; // a short section at the end cannot be scrolled to the top

function mark() {
  const at = here();
  links.forEach((link, number) => {
    if (number === at) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
  const link = links[at], list = link.closest("ol");
  list.scrollLeft = link.offsetLeft - (list.clientWidth - link.offsetWidth) / 2;
}

function go(number) {
  const section = sections[number];
  if (!section) return;
  goal = number;
  section.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
  section.querySelector("h2").focus({ preventScroll: true });
  mark();
}

let shown = 0;

function open(number) {
  shown = (number + pictures.length) % pictures.length;
  const small = pictures[shown].querySelector("img"), large = viewer.querySelector("img");
  large.src = small.src;
  large.alt = small.alt;
  const caption = viewer.querySelector("figcaption");
  caption.replaceChildren(...pictures[shown].parentElement.querySelector(".caption").cloneNode(true).childNodes);
  const name = document.createElement("p");
  name.className = "soft";
  name.textContent = caption.querySelector("[title]").title;
  caption.append(name);
  if (!viewer.open) viewer.showModal();
}

pictures.forEach((button, number) => button.addEventListener("click", () => open(number)));
viewer.addEventListener("close", () => pictures[shown].focus());
viewer.addEventListener("click", (event) => { if (event.target === viewer) viewer.close(); });
viewer.querySelector(".close").addEventListener("click", () => viewer.close());
viewer.querySelectorAll(".turn").forEach((button) => {
  button.addEventListener("click", () => open(shown + Number(button.dataset.by)));
});
links.forEach((link, number) => link.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.replaceState(null, "", link.hash);
  go(number);
}));

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (viewer.open) {
    if (event.key === "ArrowLeft") open(shown - 1);
    if (event.key === "ArrowRight") open(shown + 1);
    return;
  }
  if (event.key === "j") go(Math.min(here() + 1, sections.length - 1));
  if (event.key === "k") go(Math.max(here() - 1, 0));
  if (/^[1-9]$/.test(event.key)) go(Number(event.key) - 1);
});
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
addEventListener("scroll", mark, { passive: true });
mark();
