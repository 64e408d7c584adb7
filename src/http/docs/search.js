// Searches the guides, all of them in the browser, and lets commands be copied without what they print.
"use strict";

const input = document.getElementById("search");
const found = document.getElementById("found");
let sections = null;

const load = async () => (sections ??= await (await fetch("search.json")).json());
const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

// What has all the words: those with them in the heading or in the guide's title first.
const search = (words) =>
  sections
    .map((section) => {
      const heading = section.heading.toLowerCase(), guide = section.guide.toLowerCase(), text = section.text.toLowerCase();
      let score = 0;
      for (const word of words) {
        const here = heading.includes(word) * 8 + guide.includes(word) * 3 + Math.min(text.split(word).length - 1, 4);
        if (here === 0) return null;
        score += here;
      }
      return { section, score };
    })
    .filter(Boolean)
    .sort((a, b) => b.score - a.score)
    .slice(0, 12)
    .map(({ section }) => section);

// Some text around the first word, with the words in bold.
const excerpt = (text, words) => {
  const begin = Math.max(0, text.toLowerCase().indexOf(words[0]) - 60);
  const part = (begin ? "… " : "") + text.slice(begin, begin + 180) + (text.length > begin + 180 ? " …" : "");
  const small = document.createElement("small");
  const pattern = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  for (const [n, piece] of part.split(new RegExp(`(${pattern})`, "i")).entries()) {
    small.append(n % 2 ? Object.assign(document.createElement("b"), { textContent: piece }) : piece);
  }
  return small;
};

const show = async () => {
  await load();
  const words = wordsOf(input.value);
  found.replaceChildren();
  found.hidden = words.length === 0;
  if (found.hidden) return;
  const sectionsFound = search(words);
  for (const section of sectionsFound) {
    const link = Object.assign(document.createElement("a"), { href: section.address });
    link.append(section.heading === section.guide ? section.guide : `${section.guide}: ${section.heading}`, excerpt(section.text, words));
    link.addEventListener("click", () => (found.hidden = true));
    const item = document.createElement("li");
    item.append(link);
    found.append(item);
  }
  if (sectionsFound.length === 0) {
    found.append(Object.assign(document.createElement("li"), { textContent: "Nothing was found." }));
  }
};

input.addEventListener("focus", load);
input.addEventListener("input", show);
input.form.addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
document.addEventListener("keydown", (event) => {
  const links = [...found.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) input.focus();
  else if (event.key === "Escape") found.hidden = true;
  else if (event.key === "ArrowDown" && links.length && (at >= 0 || document.activeElement === input)) links[(at + 1) % links.length].focus();
  else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] ?? input).focus();
  else return;
  event.preventDefault();
});

for (const block of document.querySelectorAll("pre")) {
  const commands = [...block.querySelectorAll("kbd")].map((command) => command.textContent.trim());
  if (!commands.length || !navigator.clipboard) continue;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(commands.join("\n") + "\n");
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  block.append(button);
}
