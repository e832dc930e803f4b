"use strict";
// Search, filter and sort over the rows of the table; without it the page is the whole table.
const table = document.getElementById("packs");
const body = table.tBodies[0];
const rows = Array.from(body.rows);
const search = document.getElementById("search");
const choices = Array.from(document.querySelectorAll("select"));
const shown = document.getElementById("shown");
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const words = new Map(rows.map((row) => [row, plain(Array.from(row.cells, (cell) => cell.textContent).join(" "))]));

function filter() {
  const asked = plain(search.value).split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    const found = asked.every((word) => words.get(row).includes(word));
    const chosen = choices.every(
      (choice) => !choice.value || row.dataset[choice.id].split("|").includes(choice.value));
    row.hidden = !(found && chosen);
    count += found && chosen;
  }
  shown.textContent = `${count} of ${rows.length} packs shown.`;
}

function sort(heading) {
  const down = heading.getAttribute("aria-sort") === "ascending";
  const place = heading.cellIndex;
  const value = (row) => row.cells[place].dataset.value ?? row.cells[place].textContent;
  const order = new Intl.Collator("en-GB", { numeric: true });
  rows.sort((one, other) => (down ? -1 : 1) * order.compare(value(one), value(other)));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  body.append(...rows);
}

for (const heading of table.querySelectorAll("th[data-sort]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  button.addEventListener("click", () => sort(heading));
  heading.append(button);
}
search.addEventListener("input", filter);
for (const choice of choices) choice.addEventListener("change", filter);
document.getElementById("controls").hidden = false;
filter();
