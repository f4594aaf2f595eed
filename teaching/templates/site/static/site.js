// What is too wide for a narrow page is scrolled by a finger, and by keys once Tab has reached it.
async function reachable() {
  await window.MathJax?.startup?.promise;
  for (const part of document.querySelectorAll("pre, div.math, .table-wrapper")) {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }
}
addEventListener("load", reachable);
addEventListener("resize", reachable);
