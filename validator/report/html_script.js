
"use strict";
// The page works without this: it sorts, filters, opens what a link points into, and unfolds for printing.
const fleet = document.getElementById("fleet");

function openAround(target) {
  for (let node = target; node; node = node.parentElement) {
    if (node.tagName === "DETAILS") node.open = true;
  }
}

function followHash() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  openAround(target);
  target.scrollIntoView();
}

function sortKey(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
}

function sortBy(header) {
  const down = header.getAttribute("aria-sort") === "ascending";
  for (const other of header.parentElement.cells) other.setAttribute("aria-sort", "none");
  header.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = [...fleet.tBodies[0].rows];
  const column = header.cellIndex;
  rows.sort((a, b) => {
    const x = sortKey(a, column), y = sortKey(b, column);
    const order = typeof x === "number" ? x - y : x.localeCompare(y);
    return down ? -order : order;
  });
  fleet.tBodies[0].append(...rows);
}

function filter() {
  const name = document.getElementById("filter-name").value.toLowerCase();
  const verdict = document.getElementById("filter-verdict").value;
  let shown = 0;
  for (const row of fleet.tBodies[0].rows) {
    const fits = row.cells[1].textContent.toLowerCase().includes(name) &&
      (verdict === "" || row.dataset.verdict === verdict);
    row.hidden = !fits;
    const section = document.querySelector(row.querySelector("a").getAttribute("href"));
    section.hidden = !fits;
    if (fits) shown += 1;
  }
  document.getElementById("shown").textContent = shown + " of " + fleet.tBodies[0].rows.length + " shown";
}

if (fleet) {
  document.querySelector(".filter").hidden = false;
  for (const button of fleet.querySelectorAll(".sort")) {
    button.addEventListener("click", () => sortBy(button.closest("th")));
  }
  document.getElementById("filter-name").addEventListener("input", filter);
  document.getElementById("filter-verdict").addEventListener("change", filter);
}
addEventListener("hashchange", followHash);
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details.model, details.part")) details.open = true;
});
followHash();
